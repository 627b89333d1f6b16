// The board: cards are dragged, or picked up by the space key; what others do comes by itself.  Without script each card
// has a link that moves it.
(() => {
  const EVERY = 8000; // milliseconds
  const USUAL = 20; // cards of a column
  const MOST = 200; // cards that an answer has of a column: a longer one keeps its own
  const MISSES = 3; // before the page says that it is not up to date
  const board = () => document.querySelector(".board");
  const told = () => document.getElementById("board-told");
  const sheet = () => document.getElementById("sheet");
  const all = (wanted, root = document) => [...root.querySelectorAll(wanted)];
  const cardsOf = (list) => all(":scope > .board-card", list);
  const lists = () => all(".board-cards");
  const linkOf = (card) => card?.querySelector(".card-link");
  const focus = (card) => {
    linkOf(card)?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  };

  // Who holds a card; nothing moves until it is let go.
  let hand = null; // { card, list, next }: where it was
  const waiting = [];
  const take = (card) => (hand = { card, list: card.parentElement, next: card.nextElementSibling });
  const release = () => {
    hand = null;
    waiting.splice(0).forEach((goOn) => goOn());
  };
  const untilFree = () => (hand ? new Promise((goOn) => waiting.push(goOn)).then(untilFree) : Promise.resolve());
  const putBack = ({ card, list, next }) => {
    if (!card.isConnected || !list.isConnected) return;
    const held = card.contains(document.activeElement);
    list.insertBefore(card, next?.parentElement === list ? next : list.querySelector(".board-more"));
    if (held) focus(card);
  };

  // Asking the hub, and showing what it says.
  const deep = () => {
    const counts = lists().map((list) => [list.closest(".board-column").dataset.id, cardsOf(list).length]);
    return counts.filter(([, count]) => count > USUAL).map((pair) => pair.join(":")).join();
  };
  const call = async (method, address, { entries, signal, isQuiet } = {}) => {
    const url = new URL(address, location.href);
    if (deep()) url.searchParams.set("deep", deep());
    const inherited = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
    const headers = { ...inherited, "HX-Request": "true", "HX-Request-Type": "partial", ...(isQuiet && { "X-Quiet": "1" }) };
    try {
      const response = await fetch(url, { method, headers, signal, body: entries && new URLSearchParams(entries) });
      const elsewhere = response.headers.get("HX-Redirect") ?? (response.redirected ? location.href : null);
      if (elsewhere) location.assign(elsewhere);
      return { status: response.status, text: await response.text() };
    } catch {
      return null; // no network, no server
    }
  };
  const show = async (text, style = "none") => {
    // htmx would write what dragging has left behind into the new cards, which the hub's content policy forbids
    all(".board-column [style]").forEach((element) => element.removeAttribute("style"));
    lists().forEach((list) => list.toggleAttribute("hx-morph-skip-children", cardsOf(list).length > MOST));
    const target = document.getElementById("board-columns");
    await window.htmx.swap({ text, target, sourceElement: told(), swap: style, hx: {}, request: {} });
    arrange();
  };
  const message = (text) => (document.getElementById("messages").innerHTML = text);
  const countAgain = () => {
    const figures = document.getElementById("board-figures");
    if (figures && !figures.dataset.failed) window.htmx.trigger(figures, "board-figures");
  };
  document.addEventListener("htmx:response:error", ({ target }) => target.id === "board-figures" && (target.dataset.failed = "y"));

  // Moves are sent one after the other; what comes of them is shown when nobody holds a card.
  const versions = new Map(); // id of a card -> its lead's version, of answers that were not shown
  let line = Promise.resolve();
  let sending = 0;
  let isStale = false;
  const send = (job) => {
    sending += 1;
    looking?.abort();
    line = line.then(async () => {
      const version = versions.get(job.id) ?? document.getElementById(`card-${job.id}`)?.dataset.version;
      const answer = await call("POST", job.address, { entries: job.form ? job.entries : [...job.entries, ["version", version ?? 1]] });
      await untilFree();
      sending -= 1;
      await settle(answer, job);
    });
    return line.catch((error) => console.error(error));
  };
  const settle = async (answer, job) => {
    const isDone = answer && answer.status < 400;
    const hasColumns = answer?.text.includes('class="board-column"');
    for (const [, id, version] of answer?.text.matchAll(/data-id="(\d+)" data-version="(\d+)"/g) ?? []) versions.set(id, version);
    if (!isDone && job.origin) putBack(job.origin);
    if (!answer) message(document.getElementById("no-answer").innerHTML);
    else if (isDone && sending) isStale = true; // the next answer is younger
    else if (hasColumns || isDone) await show(job.form || !sheet().open ? answer.text : withoutSheet(answer.text));
    else message(answer.text);
    if (!sending) versions.clear();
    settleSheet(answer, job, isDone, hasColumns);
    if (!isDone && job.origin) say("back", job.origin.card);
    if (document.activeElement === document.body && !sheet().open) focusNear(job);
    countAgain();
    if ((isStale || !hasColumns) && !sending) look(true);
  };
  const withoutSheet = (text) => text.replace(/<hx-partial hx-target="#sheet"[\s\S]*?<\/hx-partial>/, "");
  const settleSheet = (answer, job, isDone, hasColumns) => {
    const isAsking = sheet().querySelector("form[data-open]") !== null && answer?.text.includes("data-open");
    if (isAsking && !sheet().open) sheet().showModal();
    if (isAsking) sheet().querySelector("[autofocus]")?.focus();
    else if (job.form && (isDone || hasColumns)) sheet().close();
    else if (job.form?.isConnected) {
      window.leadhub.rest(job.form, false);
      job.form.querySelector(".sheet-told")?.remove();
      job.form.insertAdjacentHTML("afterbegin", `<div class="sheet-told">${document.getElementById("messages").innerHTML}</div>`);
    }
  };
  const focusNear = ({ id, list }) => {
    const card = document.getElementById(`card-${id}`);
    if (card) return focus(card);
    return list?.isConnected ? (focus(cardsOf(list)[0]), document.activeElement === document.body && list.focus()) : undefined;
  };
  const drop = () => {
    const origin = hand;
    const { card, list, next } = origin;
    const isMoved = card.parentElement !== list || card.nextElementSibling !== next;
    release();
    const column = card.closest(".board-column");
    if (!isMoved || !column) return;
    const above = card.previousElementSibling?.dataset.id ?? 0;
    const entries = [["stage", column.dataset.stage], ["after", above], ["from", list.closest(".board-column").dataset.id]];
    send({ id: card.dataset.id, address: card.dataset.move, entries, origin, list });
  };

  // The form of a move, in the dialog.
  let opener = null; // card
  document.addEventListener("click", ({ target }) => (opener = target.closest(".card-move")?.closest(".board-card") ?? opener), true);
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-sheet-form]");
    if (!form || !sheet().contains(form)) return;
    event.preventDefault();
    event.stopPropagation();
    const entries = [...new FormData(form, event.submitter)]; // before its button rests
    window.leadhub.rest(form, true);
    const id = form.dataset.card;
    const list = document.getElementById(`card-${id}`)?.parentElement ?? opener?.parentElement;
    if (list) entries.push(["from", list.closest(".board-column").dataset.id]);
    send({ id, address: form.action, entries, form, list });
  }, true);

  // By mouse and finger.
  const arrange = () => {
    lists().forEach((list) => {
      const there = new Set(); // a card may come twice, when others have moved it down meanwhile
      cardsOf(list).forEach((card) => (there.has(card.id) ? card.remove() : there.add(card.id)));
    });
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
    if (!column) return;
    const cards = cardsOf(card.parentElement);
    const count = Math.max(cards.length, Number(column.dataset.count ?? 0));
    const parts = {
      __card__: card.dataset.title,
      __stage__: column.querySelector(".board-name").textContent.trim(),
      __place__: cards.indexOf(card) + 1,
      __count__: count,
    };
    told().textContent = Object.entries(parts).reduce((text, [sign, part]) => text.replace(sign, () => part), told().dataset[words]);
  };
  const lifted = () => (hand?.card.classList.contains("is-lifted") ? hand.card : null);
  const lift = (card) => {
    take(card);
    card.classList.add("is-lifted");
    say("lifted", card);
  };
  const lay = (card) => {
    card.classList.remove("is-lifted");
    drop();
    focus(card);
  };
  const cancel = (card) => {
    card.classList.remove("is-lifted");
    putBack(hand);
    release();
    say("back", card);
  };
  const listsBeside = (card, step) => {
    const every = lists();
    const place = every.indexOf(card.parentElement);
    return step > 0 ? every.slice(place + 1) : every.slice(0, place).reverse();
  };
  const shift = (card, across, down) => {
    const cards = cardsOf(card.parentElement);
    const place = cards.indexOf(card);
    const [list] = across ? listsBeside(card, across) : [];
    const other = down ? cards[place + down] : null;
    if (list) list.insertBefore(card, cardsOf(list)[place] ?? list.querySelector(".board-more"));
    else if (other) other[down > 0 ? "after" : "before"](card);
    else return;
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
    const mayMove = card.dataset.move !== undefined;
    if (STEPS[event.key]) (held ? shift : walk)(card, ...STEPS[event.key]);
    else if (event.key === " " && mayMove) (held ? lay : lift)(card);
    else if (event.key === "Enter" && held) lay(card);
    else if (event.key === "Escape" && held) cancel(card);
    else if (event.key === "m" && mayMove && !held) card.querySelector(".card-move").click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    const card = lifted();
    if (card?.contains(target) && relatedTarget && !card.contains(relatedTarget)) cancel(card);
  });

  // What others do.
  let looking = null; // AbortController of a look that is on its way
  let misses = 0;
  let rest = 0; // turns to be left out
  let isPressed = false; // it may become a drag
  ["pointerdown", "pointerup", "pointercancel"].forEach((name) => {
    document.addEventListener(name, ({ target }) => (isPressed = name === "pointerdown" && target.closest?.(".board-card") !== null), true);
  });
  const isAway = () => document.hidden || hand || isPressed || sending || document.querySelector("dialog:modal, details.panel[open], details.views-menu[open]");
  const look = async (isForced) => {
    if (!board() || looking || isAway()) return;
    const controller = (looking = new AbortController());
    const asked = deep();
    const url = new URL(board().dataset.url, location.href);
    url.searchParams.set("seen", isForced ? "" : (document.getElementById("board-seen")?.dataset.seen ?? ""));
    const answer = await call("GET", url, { signal: controller.signal, isQuiet: true });
    looking = null;
    if (controller.signal.aborted) return;
    misses = answer && answer.status < 400 ? 0 : misses + 1;
    rest = misses ? 2 ** Math.min(misses, 4) : 0;
    document.getElementById("board-stale").hidden = misses < MISSES;
    if (answer?.status === 200 && !isAway() && asked === deep()) {
      isStale = false;
      await show(answer.text, "innerMorph");
    }
    if (!misses && !isForced) countAgain();
  };
  setInterval(() => (rest > 0 ? (rest -= 1) : look(false)), EVERY);
  document.addEventListener("visibilitychange", () => look(false));
  document.addEventListener("htmx:after:swap", arrange);
  document.addEventListener("DOMContentLoaded", arrange);
})();
