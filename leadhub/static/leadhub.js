// Small behaviour that HTML can't do.  Every page works without it.
(() => {
  const typing = (element) => element.closest("input, select, textarea, [contenteditable]");

  // Keys: an element with data-key is focused or followed; Escape closes an open field and gives the focus back.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = event.target.closest("form.is-open")?.querySelector("[data-escape]");
      if (open) open.click();
      document.querySelectorAll("details.person[open]").forEach((menu) => menu.removeAttribute("open"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
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
    document.querySelectorAll("details.person[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });

  // After a swap, what asks for the focus in the new piece gets it.
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.target;
    const fresh = target?.id && document.getElementById(target.id);
    if (fresh) fresh.querySelector("[autofocus]")?.focus();
  });

  // Without an answer (no network, no server) the page says so; what was typed is still there.
  document.addEventListener("htmx:error", (event) => {
    if (event.detail?.ctx?.response) return;
    const words = document.getElementById("no-answer");
    if (words) document.getElementById("messages").replaceChildren(words.content.cloneNode(true));
  });

  // A form is sent once: its button rests until there is an answer.
  const rest = (form, resting) => {
    form.toggleAttribute("aria-busy", resting);
    form.querySelectorAll("button[type=submit]").forEach((button) => (button.disabled = resting));
  };
  document.addEventListener("submit", (event) => setTimeout(() => rest(event.target, true)));
  document.addEventListener("htmx:finally:request", (event) => {
    const form = event.target.closest?.("form");
    if (form) rest(form, false);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach((form) => rest(form, false)));

  // The set-up page guesses the time zone of the person in front of it.
  const zone = document.querySelector("#setup-form select#time_zone");
  if (zone && !document.querySelector("#setup-form [aria-invalid]")) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...zone.options].some((option) => option.value === here)) zone.value = here;
  }
})();
