// Small behaviour that HTML can't do.  Every page works without it.
(() => {
  const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

  // Is a key somebody's text, a browser's own, or meant for an open dialog?
  const isBusy = (event) =>
    event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || document.querySelector("dialog:modal");
  window.leadhub = { isBusy };

  // Keys: an element with data-key is focused or followed; Escape closes an open field and gives the focus back.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = event.target.closest("form.is-open")?.querySelector("[data-escape]");
      if (open) open.click();
      document.querySelectorAll("details:is(.person, .views-menu, .rail-more)[open]").forEach((menu) => {
        if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
        menu.removeAttribute("open");
      });
      return;
    }
    if (event.defaultPrevented || isBusy(event)) return;
    const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches("input")) wanted.select();
    else wanted.click();
  });

  // A click on a value opens its field; links and selected text in it stay what they are.
  document.addEventListener("click", (event) => {
    const fact = event.target.closest(".fact:not(.is-open)");
    if (fact && !event.target.closest("a, button") && !String(window.getSelection())) {
      fact.querySelector(".fact-edit")?.click();
    }
    document.querySelectorAll("details:is(.person, .views-menu, .rail-more)[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });

  // A link that takes along what the address says by now.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-with-address]");
    if (!link) return;
    const told = new URLSearchParams(location.search);
    if (link.dataset.tab !== undefined) told.delete("tab");
    if (link.dataset.tab) told.set("tab", link.dataset.tab);
    link.search = told;
  });

  // After a swap, what asks for the focus in the new piece gets it.
  document.addEventListener("htmx:after:swap", (event) => {
    const id = event.detail?.ctx?.target?.id;
    const focus = () => id && document.getElementById(id)?.querySelector("[autofocus]")?.focus();
    focus();
    setTimeout(() => document.activeElement === document.body && focus(), 50); // what had the focus went a moment later
  });

  // Another e-mail, phone or address: a row more, from the pattern beside the rows.
  document.addEventListener("click", (event) => {
    const several = event.target.closest("[data-add]")?.closest("[data-rows]");
    if (!several) return;
    const rows = several.querySelector(".several-rows");
    const pattern = several.querySelector("template").innerHTML.replaceAll("__n__", rows.children.length);
    rows.insertAdjacentHTML("beforeend", pattern);
    window.htmx.process(rows.lastElementChild);
    rows.lastElementChild.querySelector("input:not([type=hidden]), select").focus();
  });

  // Without an answer (no network, no server) the page says so; what was typed is still there.
  document.addEventListener("htmx:error", (event) => {
    if (event.detail?.ctx?.response || event.detail?.ctx?.isQuiet) return;
    const words = document.getElementById("no-answer");
    if (words) document.getElementById("messages").replaceChildren(words.content.cloneNode(true));
  });

  // A form is sent once: its button rests until there is an answer.
  const rest = (form, resting) => {
    form.toggleAttribute("aria-busy", resting);
    form.querySelectorAll("button[type=submit]").forEach((button) => (button.disabled = resting));
  };
  window.leadhub.rest = rest;
  document.addEventListener("submit", (event) => setTimeout(() => rest(event.target, true)));
  document.addEventListener("htmx:finally:request", (event) => {
    const form = event.target.closest?.("form");
    if (form) rest(form, false);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach((form) => rest(form, false)));

  // What a link would show as a page of its own comes as a dialog; it gives the focus back by itself.
  const sheet = document.createElement("dialog");
  sheet.id = "sheet";
  sheet.className = "sheet";
  sheet.setAttribute("aria-labelledby", "sheet-title");
  document.body.append(sheet);
  sheet.addEventListener("close", () => sheet.replaceChildren()); // nothing of it comes up again
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sheet]");
    if (!link || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const menu = link.closest("details[open]");
    menu?.removeAttribute("open");
    menu?.querySelector("summary").focus();
    window.htmx.ajax("GET", link.href, { source: sheet, target: sheet, swap: "innerHTML" });
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail?.ctx?.target === sheet && !document.querySelector("dialog:modal")) sheet.showModal();
  });
  document.addEventListener("click", (event) => {
    const dialog = event.target.closest("dialog");
    if (!dialog || !(event.target.closest("[data-close]") || event.target === dialog)) return; // a dialog itself: beside what is in it
    event.preventDefault(); // without script it is a link to where one came from
    dialog.close();
  });

  // The palette: Ctrl+K from anywhere, arrows, Enter.  The focus stays in its text; the list says what is chosen.
  const palette = document.getElementById("palette");
  const opener = document.querySelector("[data-palette]");
  if (/Mac|iP(hone|ad)/.test(navigator.platform)) {
    document.querySelectorAll("[data-mac]").forEach((hint) => (hint.textContent = hint.dataset.mac));
  }
  if (palette && opener && window.htmx) {
    const text = palette.querySelector("[role=combobox]");
    const found = () => [...palette.querySelectorAll("[role=option]")];
    const chosen = () => palette.querySelector("[role=option][aria-selected=true]");
    let hasEntered = false; // Enter came before what the text finds
    const select = (option) => {
      chosen()?.setAttribute("aria-selected", "false");
      option?.setAttribute("aria-selected", "true");
      option?.scrollIntoView({ block: "nearest", behavior: "instant" });
      if (option) text.setAttribute("aria-activedescendant", option.id);
      else text.removeAttribute("aria-activedescendant");
    };
    const ask = () => {
      select(null);
      hasEntered = false;
    };
    const openPalette = () => {
      if (document.querySelector("dialog:modal")) return;
      palette.showModal();
      text.select();
      ask();
      window.htmx.trigger(text, "palette-open");
    };
    const step = (by) => {
      const all = found();
      if (all.length) select(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
    };
    opener.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      openPalette();
    });
    text.addEventListener("input", ask);
    text.addEventListener("keydown", (event) => {
      if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "ArrowDown") step(1);
      else if (event.key === "ArrowUp") step(chosen() ? -1 : 0);
      else if (event.key === "Enter" && chosen()) chosen().click();
      else if (event.key === "Enter") hasEntered = true;
      else return;
      event.preventDefault();
    });
    document.addEventListener("htmx:after:swap", (event) => {
      if (event.detail?.ctx?.target?.id !== "palette-list") return;
      found().forEach((option, place) => (option.id = `palette-option-${place}`));
      select(found()[0]);
      const asked = new URL(event.detail.ctx.request.action, location.href).searchParams.get("q");
      if (!hasEntered || asked !== text.value) return; // else these are the answer to what is typed
      hasEntered = false;
      if (chosen()?.matches("a")) chosen().click();
    });
    palette.addEventListener("click", ({ target }) => target.closest("[role=option]") && setTimeout(() => palette.close()));
    palette.addEventListener("mousemove", ({ target }) => select(target.closest("[role=option]") ?? chosen()));
    document.addEventListener("keydown", (event) => {
      if (event.key?.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      if (palette.open) palette.close();
      else openPalette();
    });
  }

  // The list: a panel opens with what comes into it and closes like a menu; a swap keeps the focus near.
  const panelOf = (element) => element?.closest?.("details.panel");
  const focusIn = (editor) => {
    const shown = (wanted) => [...editor.querySelectorAll(wanted)].find((element) => element.checkVisibility());
    const wanted = shown("[aria-invalid]") ?? shown("[autofocus]");
    wanted?.focus();
  };
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && !document.querySelector("dialog:modal") && document.querySelector("details.panel[open]");
    if (!open) return;
    open.removeAttribute("open");
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.panel[open]").forEach((panel) => {
      if (event.target.isConnected && !panel.contains(event.target)) panel.removeAttribute("open");
    });
  });
  const isList = (ctx) => ctx?.target?.id === "leads";
  document.addEventListener("htmx:before:request", ({ detail }) => {
    if (isList(detail?.ctx)) document.getElementById("leads").setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:finally:request", ({ detail }) => {
    if (detail?.ctx) document.getElementById("leads")?.removeAttribute("aria-busy");
  });
  let then = "#leads"; // what gets the focus when what had it is no longer there
  document.addEventListener("htmx:before:swap", ({ detail }) => {
    if (!isList(detail?.ctx)) return;
    then = detail.ctx.sourceElement?.closest("[data-then]")?.dataset.then ?? "#leads";
    document.querySelectorAll("[data-total]").forEach((asking) => window.htmx.trigger(asking, "htmx:abort")); // another list's
  });
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    const told = detail?.ctx?.target;
    const target = typeof told === "string" ? document.querySelector(told) : told; // of an answer with its own status
    if (target?.id === "filter-editor" && panelOf(target)) {
      panelOf(target).open = true;
      const field = target.querySelector("[name=field]");
      if (field) document.getElementById("filter-field").value = field.value;
      focusIn(target);
    }
    if (!isList(detail?.ctx)) return;
    const text = document.getElementById("q");
    if (document.activeElement !== text) text.value = document.getElementById("leads").dataset.text;
    const keep = () => document.activeElement === document.body && document.querySelector(then)?.focus({ preventScroll: true });
    keep();
    setTimeout(keep, 50); // what had the focus went a moment later
  });

  // Of tabs that don't fit, the one that is open is seen.
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });

  // An address that names a drawer opens it.
  const drawer = document.getElementById(location.hash.slice(1));
  if (drawer?.matches("details")) drawer.open = true;

  // A text that is to be handed over can be copied, where the browser allows it.
  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value));
  });

  // Rows of a list are dragged into another order, which a hidden form sends; the buttons beside them do the same.
  document.addEventListener("DOMContentLoaded", () => {
    const rows = document.querySelector("[data-order]");
    if (!rows || !window.Sortable) return;
    const form = document.getElementById(rows.dataset.order);
    const showGrips = () => rows.querySelectorAll(".list-grip").forEach((grip) => (grip.hidden = false));
    showGrips();
    document.addEventListener("htmx:after:swap", showGrips);
    window.Sortable.create(rows, {
      handle: ".list-grip",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
      onEnd: async () => {
        form.elements.ids.value = [...rows.children].map((row) => row.dataset.id).join();
        const headers = { "HX-Request": "true", "HX-Request-Type": "partial" };
        const sent = fetch(form.action, { method: "POST", body: new FormData(form), headers });
        const answer = await sent.catch(() => null);
        if (!answer?.ok) location.reload();
      },
    });
  });

  // The set-up page guesses the time zone of the person in front of it.
  const zone = document.querySelector("#setup-form select#time_zone");
  if (zone && !document.querySelector("#setup-form [aria-invalid]")) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...zone.options].some((option) => option.value === here)) zone.value = here;
  }

  // A field that only some choices of another one ask for is shown with those.
  const fit = (root) =>
    root.querySelectorAll?.("[data-with]").forEach((wrapped) => {
      const chooser = wrapped.closest("form").elements[wrapped.dataset.with];
      wrapped.hidden = !wrapped.dataset.values.split(" ").includes(chooser.value) && !wrapped.querySelector("[aria-invalid]");
    });
  fit(document);
  document.addEventListener("change", (event) => event.target.form && fit(event.target.form));
  document.addEventListener("htmx:after:swap", () => fit(document));

  // The composer: Ctrl+Enter saves, as Enter does outside of the text.
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form[data-quick]");
    if (!form || event.key !== "Enter" || event.defaultPrevented || event.isComposing || form.hasAttribute("aria-busy")) return;
    if (!(event.ctrlKey || event.metaKey || event.target.matches("select"))) return;
    event.preventDefault();
    form.requestSubmit();
  });

  // A text that was begun is there again when the composer is opened anew, until it is saved.
  const drafts = new Map();
  document.addEventListener("input", (event) => {
    const composer = event.target.closest("#composer");
    if (composer && event.target.matches("textarea")) drafts.set(composer.dataset.lead, event.target.value);
  });
  document.addEventListener("htmx:after:swap", () => {
    const composer = document.getElementById("composer");
    const text = composer?.querySelector("textarea");
    if (composer?.hasAttribute("data-saved")) drafts.delete(composer.dataset.lead);
    else if (text && !text.value) text.value = drafts.get(composer.dataset.lead) ?? "";
  });

  // Behind an @ the names that begin so are offered.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const begun = (text) => /(?<![\p{L}\p{N}_@.+-])@([\p{L}\p{N}][^\s@]*(?: [^\s@]*)?|)$/u.exec(text.value.slice(0, text.selectionStart));
  const listOf = (text) => document.getElementById(text.dataset.mentions);
  const shut = (text) => {
    listOf(text).hidden = true;
    text.removeAttribute("aria-activedescendant");
  };
  const choose = (text, person) => {
    listOf(text).querySelectorAll("[aria-selected=true]").forEach((other) => other.setAttribute("aria-selected", "false"));
    person.setAttribute("aria-selected", "true");
    person.scrollIntoView({ block: "nearest" });
    text.setAttribute("aria-activedescendant", person.id);
  };
  const offer = (text) => {
    const names = document.getElementById(`${text.dataset.mentions}-names`).content;
    const wanted = begun(text) && plain(begun(text)[1]);
    const fits = ({ dataset }) => plain(dataset.email).startsWith(wanted) || ` ${plain(dataset.name)}`.includes(` ${wanted}`);
    const people = wanted === null ? [] : [...names.children].filter(fits).slice(0, 6);
    listOf(text).replaceChildren(...people.map((person) => person.cloneNode(true)));
    [...listOf(text).children].forEach((person, place) => (person.id = `${text.dataset.mentions}-${place}`));
    if (!people.length) return shut(text);
    listOf(text).hidden = false;
    return choose(text, listOf(text).firstElementChild);
  };
  const insert = (text, { dataset }) => {
    const names = [...document.getElementById(`${text.dataset.mentions}-names`).content.children];
    const isShared = names.filter((person) => plain(person.dataset.name) === plain(dataset.name)).length > 1;
    const from = text.selectionStart - begun(text)[1].length;
    text.setRangeText(`${isShared || !dataset.name ? dataset.email : dataset.name} `, from, text.selectionStart, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    shut(text);
  };
  const inMentions = (event) => (event.target.matches?.("textarea[data-mentions]") ? event.target : null);
  document.addEventListener("input", (event) => inMentions(event) && offer(event.target));
  document.addEventListener("focusout", (event) => inMentions(event) && shut(event.target));
  document.addEventListener("mousedown", (event) => {
    const person = event.target.closest(".mentions [role=option]");
    const text = person && document.querySelector(`[data-mentions="${person.parentElement.id}"]`);
    if (!text) return;
    event.preventDefault();
    insert(text, person);
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const text = inMentions(event);
      const chosen = text && !listOf(text).hidden && listOf(text).querySelector("[aria-selected=true]");
      if (!chosen || event.ctrlKey || event.metaKey || event.isComposing) return;
      const { firstElementChild: first, lastElementChild: last } = listOf(text);
      const acts = {
        ArrowDown: () => choose(text, chosen.nextElementSibling ?? first),
        ArrowUp: () => choose(text, chosen.previousElementSibling ?? last),
        Enter: () => insert(text, chosen),
        Tab: () => insert(text, chosen),
        Escape: () => shut(text),
      };
      if (!acts[event.key] || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      acts[event.key]();
    },
    true,
  );
})();
