// Draws charts out of the tables beside them: values, colours and links are those of the rows.  Chart.js itself is loaded
// with the first one.
(() => {
  const drawn = new Map(); // figure -> its chart
  let library;

  const load = (figure) => {
    if (window.Chart) return Promise.resolve();
    library ??= new Promise((resolve, reject) => {
      const told = figure.querySelector("template").content.querySelector("script");
      const script = document.createElement("script");
      for (const { name, value } of told.attributes) script.setAttribute(name, value);
      script.onload = resolve;
      script.onerror = () => {
        library = undefined;
        reject(new Error("no chart without its library"));
      };
      document.head.append(script);
    });
    return library;
  };

  const partsOf = (figure) =>
    [...figure.querySelectorAll("table[data-parts] tbody tr")].map((row) => ({
      label: row.querySelector("th").textContent.trim(),
      value: Number(row.dataset.value),
      before: row.dataset.before === undefined ? null : Number(row.dataset.before),
      colour: getComputedStyle(row.querySelector(".dot")).getPropertyValue("--dot").trim(),
      words: [...row.querySelectorAll("td")].map((cell) => cell.textContent.trim()).join(" · "),
      address: row.querySelector("a")?.href,
    }));

  const coloursOf = (figure) => {
    const { color, borderTopColor, backgroundColor } = getComputedStyle(figure.querySelector(".chart-picture"));
    return { text: color, line: borderTopColor, ground: backgroundColor };
  };

  // Names lie beside bars that lie; what is short or many stands on an axis.
  const isLying = (kind, parts) => kind === "bar" && parts.length <= 12 && parts.some((part) => part.label.length > 12);

  const axes = (lying, { text, line }) => {
    const counts = { beginAtZero: true, grid: { color: line }, border: { display: false }, ticks: { color: text, precision: 0 } };
    const names = { grid: { display: false }, border: { color: line }, ticks: { color: text, maxRotation: 0, autoSkipPadding: 12 } };
    return lying ? { x: counts, y: names } : { x: names, y: counts };
  };

  // The period before: beside the bars, or a dashed line.
  const before = (kind, parts, is) => ({
    data: parts.map((part) => part.before),
    backgroundColor: is.line,
    borderColor: is.text,
    borderDash: [4, 4],
    borderWidth: kind === "bar" ? 0 : 1.5,
    borderRadius: kind === "bar" ? 2 : 0,
    maxBarThickness: 48,
    pointRadius: 0,
    pointHitRadius: 12,
  });

  const settingsOf = (kind, parts, is) => {
    const round = kind === "pie" || kind === "doughnut";
    const lying = isLying(kind, parts);
    const tones = parts.map((part) => part.colour);
    const compares = !round && parts.some((part) => part.before !== null);
    return {
      type: kind,
      data: {
        labels: parts.map((part) => part.label),
        datasets: [
          {
            data: parts.map((part) => part.value),
            backgroundColor: tones,
            borderColor: round ? is.ground : tones[0],
            borderWidth: kind === "bar" ? 0 : 2,
            borderRadius: kind === "bar" ? 2 : 0,
            maxBarThickness: 48,
            pointRadius: parts.length > 40 ? 0 : 3,
            pointHitRadius: 12,
          },
          ...(compares ? [before(kind, parts, is)] : []),
        ],
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        locale: document.documentElement.lang,
        indexAxis: lying ? "y" : "x",
        interaction: { mode: round ? "point" : "index", axis: lying ? "y" : "x", intersect: round },
        scales: round ? {} : axes(lying, is),
        plugins: {
          legend: { display: false },
          tooltip: { displayColors: false, filter: ({ datasetIndex }) => datasetIndex === 0, callbacks: { label: ({ dataIndex }) => parts[dataIndex].words } },
        },
        onHover: ({ native }, [hit]) => {
          native.target.style.cursor = hit && parts[hit.index].address ? "pointer" : "";
        },
        onClick: (event, [hit]) => {
          if (hit && parts[hit.index].address) location.assign(parts[hit.index].address);
        },
      },
    };
  };

  const draw = async (figure) => {
    if (!drawn.has(figure)) drawn.set(figure, null);
    try {
      await load(figure);
    } catch {
      drawn.delete(figure); // the table says the same
      return;
    }
    if (!figure.isConnected) return;
    window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    drawn.get(figure)?.destroy();
    const settings = settingsOf(figure.dataset.chart, partsOf(figure), coloursOf(figure));
    drawn.set(figure, new window.Chart(figure.querySelector("canvas"), settings));
    figure.dataset.drawn = "";
  };

  const look = () => {
    for (const [figure, chart] of drawn) {
      if (figure.isConnected) continue;
      chart?.destroy();
      drawn.delete(figure);
    }
    document.querySelectorAll("figure[data-chart]").forEach((figure) => drawn.has(figure) || draw(figure));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", look);
  else look();
  document.addEventListener("htmx:after:swap", () => setTimeout(look));
  document.addEventListener("statistics:fresh", look);
  new MutationObserver(() => drawn.forEach((chart, figure) => chart && draw(figure))).observe(document.documentElement, {
    attributeFilter: ["data-bs-theme"],
  });

  // A card that did not come says so, and shows the way to its own page.
  const fail = ({ detail }) => {
    const card = detail?.ctx?.sourceElement?.closest?.(".widget[data-state=loading]");
    if (!card) return;
    card.dataset.state = "failed";
    card.removeAttribute("aria-busy");
  };
  document.addEventListener("htmx:error", fail);
  document.addEventListener("htmx:response:error", fail);
})();
