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
  // Options that somebody is filling in stay as they are.
  const isHeld = (card) => card.querySelector(".widget-options[open]") !== null;
  const touchable = "a[href], button, summary, [tabindex]";

  // The card anew, where the hub gives one; what was open stays open, and the focus stays where it was.
  const refresh = async (card) => {
    const response = await fetch(card.dataset.fresh, { headers: QUIET });
    if (!response.ok || isHeld(card) || !card.isConnected) return false;
    const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = document.adoptNode(parsed.querySelector(".widget"));
    if (!fresh) return false;
    const place = [...card.querySelectorAll(touchable)].indexOf(document.activeElement);
    const open = [...card.querySelectorAll("details")].map((details) => details.open);
    card.replaceWith(fresh);
    fresh.querySelectorAll("details").forEach((details, number) => (details.open = open[number] ?? false));
    window.htmx.process(fresh);
    if (place >= 0) fresh.querySelectorAll(touchable)[place]?.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("statistics:fresh"));
    return true;
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
      if (card.isConnected && !isHeld(card)) await refresh(card); // a new card is not stale
    }
  };

  const dayOf = (version) => version.slice(-10); // it ends with today

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
      if (response.headers.get("HX-Redirect")) location.assign(response.headers.get("HX-Redirect")); // signed out
      else if (version && page() && dayOf(version) !== dayOf(page().dataset.version)) location.reload();
      else if (version && page() && version !== page().dataset.version) await refreshAll(version);
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
