// Choosing rows of the list: the bar comes, counts and tells.  Without script the bar is always there.
(() => {
  const bulk = () => document.getElementById("bulk");
  const boxes = () => [...document.querySelectorAll("#leads tbody input[name=lead]")];
  const head = () => document.getElementById("pick-page");
  const all = () => bulk().querySelector("input[name=all]");
  const MORE = "whole-page"; // tells the server to count all that match
  let last = null; // the box that was clicked last, where a stretch begins

  const words = (bar, count) => {
    if (count === 1) return bar.dataset.one;
    return bar.dataset.several.replace("{count}", new Intl.NumberFormat(document.documentElement.lang).format(count));
  };
  const tell = (text) => {
    const told = document.getElementById("picked-told");
    document.getElementById("picked").textContent = text;
    if (told.textContent !== text) told.textContent = text;
  };

  const show = () => {
    const form = bulk();
    if (!form) return;
    const bar = document.getElementById("bulk-bar");
    const every = boxes();
    const count = every.filter((box) => box.checked).length;
    const isWhole = count > 0 && count === every.length;
    const more = form.querySelector(".pick-matching");
    every.forEach((box) => box.closest("tr").classList.toggle("is-picked", box.checked));
    if (head()) {
      head().hidden = false;
      head().checked = isWhole;
      head().indeterminate = count > 0 && !isWhole;
    }
    if (!isWhole) all().disabled = true;
    const wasShown = bar.classList.contains("is-shown");
    bar.classList.toggle("is-shown", count > 0);
    bar.querySelector("[data-page-of]").hidden = isWhole;
    if (more) more.hidden = !isWhole || !all().disabled;
    if (more && isWhole && !more.firstElementChild && !more.dataset.asked) {
      more.dataset.asked = "1";
      more.dispatchEvent(new CustomEvent(MORE));
    }
    if (!all().disabled) tell(document.getElementById("pick-matching").dataset.words);
    else if (count) tell(words(bar, count));
    else if (wasShown) tell(bar.dataset.none);
  };
  const set = (chosen, checked) => {
    chosen.forEach((box) => (box.checked = checked));
    show();
  };

  document.addEventListener("click", (event) => {
    const box = event.target.closest("#leads tbody input[name=lead]");
    if (box && event.shiftKey && last?.isConnected && last !== box) {
      const every = boxes();
      const [from, to] = [every.indexOf(last), every.indexOf(box)].sort((one, other) => one - other);
      every.slice(from, to + 1).forEach((each) => (each.checked = box.checked));
    }
    if (box) last = box;
    if (event.target.closest("#pick-matching")) {
      all().disabled = false;
      show();
      bulk().querySelector("button[type=submit]").focus();
    }
    if (event.target.closest("#bulk-bar [data-page-of]")) set(boxes(), true);
    if (event.target.closest("#bulk-bar [data-clear]")) {
      set(boxes(), false);
      boxes()[0]?.focus();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target === head()) set(boxes(), head().checked);
    else if (event.target.matches("#leads tbody input[name=lead]")) show();
  });

  // Enter on a box goes to the bar; where no bar is, the box is ticked.
  const onEnter = (event) => {
    if (event.key !== "Enter" || !event.target.matches?.("#leads tbody input[name=lead]")) return;
    event.preventDefault();
    event.stopPropagation();
    if (document.querySelector("#bulk-bar.is-shown")) bulk().querySelector("button[type=submit]").focus();
    else event.target.click();
  };
  document.addEventListener("keydown", onEnter, true);

  // The list comes anew: what is not in it is not chosen any more.
  document.addEventListener("htmx:after:swap", show);
  window.addEventListener("pageshow", show);
  document.documentElement.classList.add("picks");
  show();
})();
