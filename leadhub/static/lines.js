// Lines of a quotation or an order: rows come, move and go without a request, and what they come to is shown at once.
// Exact, as the server does it (leadhub/sales/money.py): whole numbers alone, halves away from zero.
(() => {
  const language = document.documentElement.lang;
  const SIGNS = { "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "’": "'", "‘": "'", "ʼ": "'", "−": "-" };
  const LIMITS = {
    quantity: { places: 3, from: [1n, 3], to: [10n ** 9n, 0], must: true },
    unit_price: { places: 4, from: [-(10n ** 12n), 0], to: [10n ** 12n, 0], must: true },
    discount: { places: 2, from: [0n, 0], to: [100n, 0] },
    tax_rate: { places: 3, from: [0n, 0], to: [100n, 0] },
  };

  // What people type, as leadhub/numbers.py reads it: [digits, how many of them are decimals], or null.
  const split = (body) => {
    const place = Math.max(body.lastIndexOf(","), body.lastIndexOf("."));
    if (place < 0) return [body, ""];
    const [mark, whole, decimals] = [body[place], body.slice(0, place), body.slice(place + 1)];
    if (whole.includes(mark)) return [body, ""];
    const thousands = mark === "," && decimals.length === 3 && /^[1-9]\d{0,2}$/.test(whole);
    return thousands && language === "en" ? [body, ""] : [whole, decimals];
  };
  const read = (text) => {
    const plain = text.replace(/[\u00a0\u2007\u2009\u202f’‘ʼ−]/g, (sign) => SIGNS[sign]).trim();
    const body = /^[-+]{2}/.test(plain) ? "" : plain.replace(/^[-+]+/, "").trimStart();
    if (!body || body.length > 40) return null;
    let [whole, decimals] = split(body);
    if (/^\d{1,3}([ ,.'])\d{3}(?:\1\d{3})*$/.test(whole)) whole = whole.replace(/\D/g, "");
    if (!(whole || decimals) || !/^\d*$/.test(whole) || !/^\d*$/.test(decimals)) return null;
    decimals = decimals.replace(/0+$/, "");
    const digits = BigInt(`${whole}${decimals}` || "0");
    return [plain.startsWith("-") ? -digits : digits, decimals.length];
  };

  const ten = (places) => 10n ** BigInt(places);
  const isLess = ([one, its], [other, others]) => one * ten(others) < other * ten(its);
  const rounded = (value, by) => {
    const half = ((value < 0n ? -value : value) * 2n + by) / (by * 2n);
    return value < 0n ? -half : half;
  };

  // [quantity, price, discount, tax], or null where the server would refuse one of them.
  const numbers = (row) => {
    const found = Object.entries(LIMITS).map(([name, limit]) => {
      const text = row.querySelector(`[data-part=${name}]`).value.trim();
      const value = text || limit.must ? read(text) : [0n, 0];
      return value && value[1] <= limit.places && !isLess(value, limit.from) && !isLess(limit.to, value) ? value : null;
    });
    return found.includes(null) ? null : found;
  };
  const net = ([quantity, price, discount], places) => {
    const left = 100n * ten(discount[1]) - discount[0];
    return rounded(quantity[0] * price[0] * left * ten(places), ten(quantity[1] + price[1] + discount[1] + 2));
  };

  const written = (minor, places) => {
    const digits = String(minor < 0n ? -minor : minor).padStart(places + 1, "0");
    return `${minor < 0n ? "-" : ""}${digits.slice(0, digits.length - places)}${places ? `.${digits.slice(-places)}` : ""}`;
  };
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 3 });

  const count = (lines) => {
    const currency = document.getElementById(lines.dataset.currency).value;
    const others = Object.fromEntries(lines.dataset.currencyPlaces.split(" ").map((pair) => pair.split(":")));
    const places = Number(others[currency] ?? 2);
    const shown = new Intl.NumberFormat(language, { style: "currency", currency, minimumFractionDigits: places, maximumFractionDigits: places });
    const amount = (minor) => shown.format(written(minor, places));
    const bases = new Map(); // by rate
    let subtotal = 0n;
    for (const row of lines.querySelectorAll(".sale-line")) {
      const found = numbers(row);
      row.querySelector("[data-net]").textContent = found ? amount(net(found, places)) : "";
      if (!found) continue;
      const base = net(found, places);
      const rate = found[3];
      const key = written(rate[0] * ten(3 - rate[1]), 3);
      bases.set(key, (bases.get(key) ?? 0n) + base);
      subtotal += base;
    }
    const sums = lines.querySelector("[data-sums]");
    sums.querySelectorAll("[data-tax]").forEach((old) => old.remove());
    let total = subtotal;
    for (const [key, base] of [...bases].sort(([one], [other]) => Number(one) - Number(other))) {
      const tax = rounded(base * BigInt(key.replace(".", "")), ten(5));
      total += tax;
      const shownTax = lines.querySelector("template[data-blank-tax]").content.cloneNode(true);
      shownTax.querySelector("[data-rate]").textContent = percent.format(written(BigInt(key.replace(".", "")), 5));
      shownTax.querySelector("dd").textContent = amount(tax);
      sums.lastElementChild.before(shownTax);
    }
    sums.querySelector("[data-sum=net]").textContent = amount(subtotal);
    sums.querySelector("[data-sum=total]").textContent = amount(total);
  };

  let added = 0;
  const add = (lines) => {
    const rows = lines.querySelector(".line-rows");
    added += 1;
    rows.insertAdjacentHTML("beforeend", lines.querySelector("template[data-blank]").innerHTML.replaceAll("__n__", `n${added}`));
    return rows.lastElementChild;
  };
  const move = (lines, row, act) => {
    if (act === "up") row.previousElementSibling?.before(row);
    if (act === "down") row.nextElementSibling?.after(row);
    if (act !== "remove") return row;
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    return next ?? add(lines);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line-act], [data-line-add]");
    const lines = button?.closest("[data-lines]");
    if (!lines) return;
    event.preventDefault();
    const act = button.dataset.lineAct;
    const row = act ? move(lines, button.closest(".sale-line"), act) : add(lines);
    row.querySelector(act ? `[data-line-act=${act}]` : "textarea").focus();
    lines.querySelectorAll(".sale-line").forEach((each, place) => (each.querySelector("[data-number]").textContent = place + 1));
    count(lines);
  });
  document.addEventListener("input", (event) => {
    const lines = event.target.closest("[data-lines]");
    if (lines) count(lines);
  });
  document.addEventListener("change", (event) => {
    const lines = event.target.form?.querySelector("[data-lines]");
    if (lines) count(lines);
  });
  document.querySelectorAll("[data-lines]").forEach(count);
})();
