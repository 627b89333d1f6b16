// Keeps the figures of the statistics page fresh: asks for one short text every few seconds, and for the cards only where
// it has changed.  Nothing is asked while nobody looks.
(() => {
  const EVERY = 3000; // milliseconds
  const MISSES = 2; // before it is said that nothing is heard of the hub
  const QUIET = { "HX-Request": "true", "HX-Request-Type": "partial", "X-Quiet": "1" };
  let misses = 0;
  let rest = 0; // turns to be left out
  let isLooking = false;

  const page = () => document.getElementById("statistics");
  const isHeld = (card) => card.matches(":focus-within") || card.querySelector("details[open]") !== null;

  const refresh = async (card) => {
    const target = `#${CSS.escape(card.id)}`;
    await window.htmx.ajax("GET", card.dataset.fresh, { target, swap: "outerHTML", headers: { "X-Quiet": "1" } });
  };

  const refreshAll = async (version) => {
    const begun = performance.now();
    page().dataset.version = version;
    document.querySelectorAll("#statistics .widget").forEach((card) => (card.dataset.stale = ""));
    await refreshStale();
    rest = Math.ceil((performance.now() - begun) / EVERY) * 2; // a hub that takes its time is asked less often
  };

  const refreshStale = async () => {
    for (const card of document.querySelectorAll("#statistics .widget[data-stale]")) {
      if (document.hidden) return;
      if (!card.isConnected || isHeld(card)) continue;
      delete card.dataset.stale;
      await refresh(card);
    }
  };

  const look = async () => {
    if (!page() || isLooking || document.hidden) return;
    if (rest > 0) {
      rest -= 1;
      return;
    }
    isLooking = true;
    try {
      const response = await fetch(page().dataset.versionUrl, { headers: QUIET });
      misses = response.ok ? 0 : misses + 1;
      const version = response.ok ? await response.text() : "";
      if (version && page() && version !== page().dataset.version) await refreshAll(version);
      else await refreshStale();
    } catch {
      misses += 1;
    } finally {
      isLooking = false;
    }
    if (misses) rest = 2 ** Math.min(misses, 4);
    const told = document.getElementById("statistics-stale");
    if (told) told.hidden = misses < MISSES;
  };
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", () => document.hidden || look());
})();
