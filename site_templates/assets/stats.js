// The page of numbers: what the published statistics and the last publication say, as far as they are there.
"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const shown = 20;
  const base = globalThis.pluginry.pages;
  const shape = /^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*$/;
  const made = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const read = async (address) => {
    try {
      const answer = await fetch(address);
      return answer.ok ? await answer.json() : null;
    } catch { return null; }
  };

  const downloads = async () => {
    const section = one("[data-downloads]");
    const stats = await read(section.dataset.downloads);
    const counted = Object.entries(stats?.downloads ?? {}).filter(([id, count]) => shape.test(id) && Number.isSafeInteger(count) && count >= 0);
    if (!counted.length) return;
    const rows = counted.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, shown).map(([id, count]) => {
      const row = document.createElement("tr");
      const name = Object.assign(made("th", ""), { scope: "row" });
      name.append(Object.assign(made("a", id), { href: `${base}plugins/${id}/index.html` }));
      row.append(name, Object.assign(made("td", count.toLocaleString(document.documentElement.lang)), { className: "amount" }));
      return row;
    });
    one("[data-method]", section).textContent = String(stats.method ?? "");
    one("tbody", section).replaceChildren(...rows);
    section.hidden = false;
  };

  const heldBack = async () => {
    const section = one("[data-status]");
    const status = await read(section.dataset.status);
    if (!Array.isArray(status?.quarantined)) return;
    const day = new Date(status.generated);
    const when = Number.isNaN(day.valueOf()) ? "" : `, ${new Intl.DateTimeFormat(document.documentElement.lang || "en", { dateStyle: "medium", timeStyle: "short" }).format(day)}`;
    one("[data-when]", section).textContent = `${section.dataset.of} ${status.serial ?? ""}${when}`;
    one("[data-nothing]", section).hidden = status.quarantined.length > 0;
    one("ul", section).replaceChildren(...status.quarantined.map((held) => {
      const item = document.createElement("li");
      const name = made("code", [held.id, held.version ?? held.part].filter(Boolean).join(" "));
      item.append(name, " ", Object.assign(made("span", String(held.reason ?? "")), { dir: "auto" }));
      if (held.kept) item.append(" ", Object.assign(made("span", `${section.dataset.instead} ${held.kept}`), { className: "quiet" }));
      return item;
    }));
    section.hidden = false;
  };

  if (location.protocol !== "file:") { downloads(); heldBack(); }
})();
