// The board: cards are dragged, or picked up by the space key; what others do comes by itself.  Without script each card
// has a link that moves it.
(() => {
  const board = () => document.getElementById("leads");
  const told = () => document.getElementById("board-told");
  const all = (wanted, root = document) => [...root.querySelectorAll(wanted)];
  const cardsOf = (list) => all(":scope > .board-card", list);
  const lists = () => all(".board-cards");
  const linkOf = (card) => card?.querySelector(".card-link");
  const focus = (card) => {
    linkOf(card)?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  };
  const EVERY = 8000; // milliseconds
  const USUAL = 20; // cards of a column
  const sheet = () => document.getElementById("sheet");

  // How many cards of each column are there, so that an answer has as many.
  const deep = () => {
    const counts = lists().map((list) => [list.closest(".board-column").dataset.id, cardsOf(list).length]);
    return counts.filter(([, count]) => count > USUAL).map((pair) => pair.join(":")).join();
  };
  const withDeep = (address) => {
    const url = new URL(address, location.href);
    if (deep()) url.searchParams.set("deep", deep());
    return url.pathname + url.search;
  };
  const ask = (method, address, more) =>
    window.htmx.ajax(method, withDeep(address), { source: told(), target: "#board-columns", ...more });
  document.addEventListener("htmx:config:request", ({ detail }) => {
    detail?.ctx?.entries?.forEach(([name, value]) => detail.ctx.request.body.append(name, value));
  });

  // Somebody has it in hand: nothing moves under it.
  let hand = null; // { card, list, next }: what is dragged or picked up, and where it was
  let sending = 0;
  const take = (card) => (hand = { card, list: card.parentElement, next: card.nextElementSibling });
  const putBack = () => {
    if (hand) hand.list.insertBefore(hand.card, hand.next?.isConnected ? hand.next : hand.list.querySelector(".board-more"));
  };
  const isMoved = () => hand.card.parentElement !== hand.list || hand.card.nextElementSibling !== hand.next;

  const send = async (address, entries) => {
    sending += 1;
    const held = document.activeElement?.closest?.(".board-card")?.id;
    const before = hand;
    hand = null;
    let failed = false;
    const note = ({ detail }) => (failed ||= !detail?.ctx?.response);
    document.addEventListener("htmx:error", note);
    try {
      await ask("POST", address, { swap: "none", entries });
    } finally {
      document.removeEventListener("htmx:error", note);
      sending -= 1;
    }
    if (failed && before) {
      hand = before;
      putBack();
      hand = null;
    }
    if (failed) all("form[aria-busy]", sheet()).forEach((form) => window.leadhub.rest(form, false));
    else finish(held);
  };
  const finish = (held) => {
    const form = sheet().querySelector("form");
    if (form?.hasAttribute("data-open") && !sheet().open) {
      sheet().showModal();
      form.querySelector("[autofocus]")?.focus();
    } else if (!form && sheet().open) sheet().close();
    if (held && !sheet().open && document.activeElement === document.body) focus(document.getElementById(held));
    const figures = document.getElementById("board-figures");
    if (figures) window.htmx.trigger(figures, "board-figures");
    arrange();
  };
  const drop = () => {
    const { card } = hand;
    const above = card.previousElementSibling;
    const values = { stage: card.closest(".board-column").dataset.stage, version: card.dataset.version, after: above?.dataset.id ?? 0 };
    if (isMoved()) send(card.dataset.move, Object.entries(values));
    else hand = null;
  };

  // The form of a move, in the dialog.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-sheet-form]");
    if (!form || !sheet().contains(form)) return;
    event.preventDefault();
    event.stopPropagation();
    const entries = [...new FormData(form, event.submitter)]; // before its button rests
    window.leadhub.rest(form, true);
    send(form.action, entries);
  }, true);

  // By mouse and finger.
  const arrange = () => {
    if (!window.Sortable) return;
    lists().forEach((list) => {
      if (window.Sortable.get(list)) return;
      window.Sortable.create(list, {
        group: "board",
        draggable: ".board-card[data-move]",
        filter: ".card-move",
        preventOnFilter: false,
        forceFallback: true,
        fallbackOnBody: true,
        fallbackTolerance: 4,
        delay: 200,
        delayOnTouchOnly: true,
        scrollSensitivity: 60,
        animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
        onStart: ({ item }) => {
          take(item);
          document.body.classList.add("is-dragging");
        },
        onEnd: () => {
          document.body.classList.remove("is-dragging");
          drop();
        },
      });
    });
  };

  // By keyboard.
  const say = (words, card) => {
    const column = card.closest(".board-column");
    const cards = cardsOf(card.parentElement);
    const parts = {
      __card__: card.dataset.title,
      __stage__: column.querySelector(".board-name").textContent.trim(),
      __place__: cards.indexOf(card) + 1,
      __count__: cards.length,
    };
    told().textContent = Object.entries(parts).reduce((text, [sign, part]) => text.replace(sign, () => part), told().dataset[words]);
  };
  const lifted = () => (hand?.card.classList.contains("is-lifted") ? hand.card : null);
  const lift = (card) => {
    take(card);
    card.classList.add("is-lifted");
    say("lifted", card);
  };
  const lay = () => {
    hand.card.classList.remove("is-lifted");
    const { card } = hand;
    drop();
    focus(card);
  };
  const cancel = () => {
    const { card } = hand;
    card.classList.remove("is-lifted");
    putBack();
    hand = null;
    say("back", card);
    focus(card);
  };
  const listsBeside = (card, step) => {
    const every = lists();
    const place = every.indexOf(card.parentElement);
    return step > 0 ? every.slice(place + 1) : every.slice(0, place).reverse();
  };
  const shift = (card, across, down) => {
    const cards = cardsOf(card.parentElement);
    const place = cards.indexOf(card);
    if (across) {
      const [list] = listsBeside(card, across);
      if (!list) return;
      list.insertBefore(card, cardsOf(list)[place] ?? list.querySelector(".board-more"));
    } else {
      const other = cards[place + down];
      if (!other) return;
      other[down > 0 ? "after" : "before"](card);
    }
    focus(card);
    say("over", card);
  };
  const walk = (card, across, down) => {
    const place = cardsOf(card.parentElement).indexOf(card);
    if (down) return focus(cardsOf(card.parentElement)[place + down]);
    const cards = listsBeside(card, across).map(cardsOf).find((found) => found.length);
    return cards && focus(cards[Math.min(place, cards.length - 1)]);
  };
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.(".board-card");
    if (!card || event.shiftKey || window.leadhub.isBusy(event) || event.target.closest(".card-move")) return;
    const held = lifted();
    const mayMove = card.querySelector(".card-move") !== null;
    if (STEPS[event.key]) (held ? shift : walk)(card, ...STEPS[event.key]);
    else if (event.key === " " && mayMove && !sending) held ? lay() : lift(card);
    else if (event.key === "Enter" && held) lay();
    else if (event.key === "Escape" && held) cancel();
    else if (event.key === "m" && mayMove && !held) card.querySelector(".card-move").click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    const card = lifted();
    if (card?.contains(target) && relatedTarget && !card.contains(relatedTarget)) cancel();
  });

  // What others do.
  const isAway = () => document.hidden || hand || sending || document.querySelector("dialog:modal, details.panel[open], details.views-menu[open]");
  const look = async () => {
    if (!board() || isAway()) return;
    const seen = document.getElementById("board-seen")?.dataset.seen ?? "";
    const url = new URL(board().dataset.url, location.href);
    url.searchParams.set("seen", seen);
    await ask("GET", url.pathname + url.search, { swap: "innerMorph", isQuiet: true });
    arrange();
  };
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.detail?.ctx?.isQuiet && isAway()) return event.preventDefault(); // picked up while the answer was on its way
    // what dragging has left behind: htmx would write it into the new cards, which the hub's content policy forbids
    if (!hand) all(".board-column [style]").forEach((element) => element.removeAttribute("style"));
    return undefined;
  });
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("htmx:after:swap", arrange);
  document.addEventListener("DOMContentLoaded", arrange);
})();
