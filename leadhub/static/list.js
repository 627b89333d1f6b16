// Keys of the list of leads: the current row, and a look at its lead in a drawer.  Without script each row is a link.
(() => {
  const rows = () => [...document.querySelectorAll("#leads tbody tr[id^='lead-']")];
  const linkOf = (row) => row.querySelector(".row-link");
  let current = ""; // id of the row
  const currentRow = () => (current ? document.getElementById(current) : null);

  const paint = () => rows().forEach((row) => row.classList.toggle("is-current", row.id === current));
  const mark = (row) => {
    current = row ? row.id : "";
    paint();
  };
  const focus = (row) => {
    linkOf(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest", behavior: "instant" });
  };

  // The drawer: at the end of the page, empty until somebody looks.
  const drawer = document.createElement("section");
  drawer.id = "peek";
  drawer.className = "peek";
  drawer.hidden = true;
  drawer.setAttribute("role", "dialog");
  drawer.setAttribute("aria-labelledby", "peek-title");
  drawer.setAttribute("hx-sync", "this:replace");
  document.body.append(drawer);
  let wanted = ""; // the row that the drawer was asked for last; empty: none

  const look = (row) => {
    const address = new URL(linkOf(row).href);
    wanted = row.id;
    window.htmx.ajax("GET", `${address.pathname}/peek${address.search}`, { source: drawer, target: drawer, swap: "innerHTML" });
  };
  const close = () => {
    const held = drawer.contains(document.activeElement);
    wanted = "";
    drawer.hidden = true;
    drawer.replaceChildren();
    if (held && currentRow()) focus(currentRow());
  };
  const show = () => {
    if (!wanted) return drawer.replaceChildren(); // closed before the answer came
    drawer.hidden = false;
    drawer.scrollTop = 0;
    return document.getElementById("peek-title").focus();
  };

  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const place = all.indexOf(currentRow());
    const next = place < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(place + step, 0), all.length - 1);
    if (wanted && next === place) return;
    mark(all[next]);
    if (wanted) {
      all[next].scrollIntoView({ block: "nearest", behavior: "instant" });
      look(all[next]);
    } else focus(all[next]);
  };
  const turn = (rel) => {
    const link = document.querySelector(`#leads .pager a[rel=${rel}]`);
    if (!link) return false;
    mark(null); // the first row of the other page is the next one
    return link.click();
  };

  // What a key does; false: nothing, so that the browser does what it always does.
  const acts = {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: (event) => !elsewhere(event) && move(1),
    ArrowUp: (event) => !elsewhere(event) && move(-1),
    ArrowRight: (event) => !elsewhere(event) && !isWide() && turn("next"),
    ArrowLeft: (event) => !elsewhere(event) && !isWide() && turn("prev"),
    Enter: (event) => !hasOwnMeaning(event) && currentRow() !== null && linkOf(currentRow()).click(),
    x: () => currentRow() !== null && currentRow().querySelector("input[name=lead]")?.click(),
    " ": (event) => {
      if (event.target.closest("button, summary, input, select, [role=button]")) return false;
      if (wanted) return close();
      return currentRow() !== null && look(currentRow());
    },
  };
  const elsewhere = ({ target }) => target !== document.body && !target.closest("#leads tbody, main:focus");
  const hasOwnMeaning = ({ target }) => target.closest("a, button, summary") !== null || (elsewhere({ target }) && !drawer.contains(target));
  const isWide = () => {
    const table = document.querySelector("#leads .table-card");
    return table !== null && table.scrollWidth > table.clientWidth;
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && wanted && !event.defaultPrevented && !window.leadhub.isBusy(event)) {
      event.preventDefault();
      close();
      return;
    }
    const act = Object.hasOwn(acts, event.key) && !event.shiftKey && !window.leadhub.isBusy(event) && acts[event.key];
    if (act && act(event) !== false) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#peek [data-close]")) close();
  });
  document.addEventListener("focusin", ({ target }) => {
    const row = target.closest("#leads tbody tr[id^='lead-']");
    if (row && row.id !== current) mark(row);
  });

  // The list comes anew: the row stays the current one, and keeps the focus if it had it.
  let before = null; // what was so before the swap
  document.addEventListener("htmx:before:swap", () => {
    before = { held: Boolean(document.activeElement?.closest("#leads tbody")), place: rows().indexOf(currentRow()) };
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail?.ctx?.target === drawer) return show();
    const all = rows();
    const row = currentRow();
    paint(); // a row that is not there now may be in the list that comes next
    if (wanted && !row) close();
    const lost = !document.activeElement || document.activeElement === document.body;
    if (!before?.held || !lost || !all.length) return undefined;
    mark(row ?? all[Math.min(Math.max(before.place, 0), all.length - 1)]);
    return focus(currentRow());
  });
  document.addEventListener("htmx:response:error", (event) => event.detail?.ctx?.sourceElement === drawer && close());

  // Back from a lead: its row is the current one again.
  const left = document.getElementById(location.hash.slice(1));
  if (left?.matches("#leads tbody tr")) {
    mark(left);
    window.addEventListener("load", () => setTimeout(() => document.activeElement === document.body && focus(left))); // the browser has been there
  }
})();
