// The layout of the statistics page: cards are dragged, or moved by arrow keys on their handles, and each change is kept
// at once.  Without script every card has buttons for all of it.
(() => {
  const form = () => document.getElementById("layout-form");
  const list = () => document.getElementById("layout-cards");
  const isOurs = ({ detail }) => detail?.ctx?.sourceElement === form();

  // One change is sent after the other; while something moves or waits, no answer is shown.
  let isSending = false;
  let isDragging = false;
  let waiting = null; // a card that has moved since
  const save = (card) => {
    if (isSending) return (waiting = card);
    waiting = null;
    const button = document.getElementById("layout-moved");
    button.value = `moved ${card.dataset.key}`;
    return form().requestSubmit(button);
  };
  document.addEventListener("submit", ({ target }) => {
    if (target === form()) isSending = true;
  });
  document.addEventListener("htmx:before:swap", (event) => {
    if (isOurs(event) && (isDragging || waiting)) event.preventDefault();
  });
  document.addEventListener("htmx:finally:request", (event) => {
    if (!isOurs(event)) return;
    isSending = false;
    if (waiting && !isDragging) save(waiting);
  });

  // By mouse and finger.
  const arrange = () => {
    if (!window.Sortable || !list() || window.Sortable.get(list())) return;
    window.Sortable.create(list(), {
      draggable: ".layout-card",
      filter: ".layout-acts, [name=act]",
      preventOnFilter: false,
      forceFallback: true,
      fallbackOnBody: true,
      fallbackTolerance: 4,
      delay: 200,
      delayOnTouchOnly: true,
      scrollSensitivity: 60,
      swapThreshold: 0.6,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
      onStart: () => {
        isDragging = true;
        document.body.classList.add("is-dragging");
      },
      onEnd: ({ item, oldIndex, newIndex }) => {
        isDragging = false;
        document.body.classList.remove("is-dragging");
        list().querySelectorAll("[style]").forEach((element) => element.removeAttribute("style")); // a swap would write it into a page that may have none
        if (oldIndex !== newIndex || waiting || isSending) save(item);
      },
    });
  };
  document.addEventListener("DOMContentLoaded", arrange);
  document.addEventListener("htmx:after:swap", arrange);

  // By keyboard.
  const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  document.addEventListener("keydown", (event) => {
    const grip = event.target.closest?.(".layout-grip");
    const step = STEPS[event.key];
    if (!grip || !step || event.shiftKey || window.leadhub.isBusy(event)) return;
    event.preventDefault();
    const card = grip.closest(".layout-card");
    const other = step < 0 ? card.previousElementSibling : card.nextElementSibling;
    if (!other) return;
    other[step < 0 ? "before" : "after"](card);
    grip.focus();
    save(card);
  });
})();
