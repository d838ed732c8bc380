// Plugins side by side: choosing up to four on any page, and the page that compares them.
"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const tray = one("[data-tray]");
  if (!tray) return;
  const words = tray.dataset;
  const base = globalThis.pluginry.pages;
  const most = 4;
  const shape = /^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*$/;
  const announce = (text) => { one("#announce").textContent = text; };

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const cleaned = (ids) => [...new Set(ids)].filter((id) => typeof id === "string" && shape.test(id)).slice(0, most);
  const page = one("[data-compare]");
  let chosen = [];
  const asked = new URLSearchParams(location.search).get("ids");
  try { chosen = cleaned(JSON.parse(sessionStorage.getItem("pluginry-compare") ?? "[]")); } catch { /* nothing is kept */ }
  if (page && asked !== null) chosen = cleaned(asked.split(","));

  const address = () => `${words.page}${chosen.length ? `?ids=${chosen.join(",")}` : ""}`;

  const change = (ids) => {
    chosen = cleaned(ids);
    try { sessionStorage.setItem("pluginry-compare", JSON.stringify(chosen)); } catch { /* lasts for this page */ }
    show();
  };

  const toggle = (id, name) => {
    if (!chosen.includes(id) && chosen.length === most) { announce(words.full); return; }
    const added = !chosen.includes(id);
    change(added ? [...chosen, id] : chosen.filter((other) => other !== id));
    announce(`${name}: ${added ? words.added : words.remove}`);
  };

  // A button on each card and on the page of a plugin.
  const button = (id, name) => {
    const made = element("button", { type: "button", class: "compare-toggle", "data-id": id });
    made.append(element("span", {}, words.add), element("span", { class: "sr" }, ` ${name}`));
    made.addEventListener("click", () => toggle(id, name));
    return made;
  };
  const dress = () => {
    for (const place of all("[data-compare-here]:empty")) place.append(button(place.dataset.compareHere, place.dataset.name));
    for (const card of all(".card")) {
      const link = one(".card-name a", card);
      const id = link && /plugins\/([^/]+\/[^/]+)\/index\.html$/.exec(link.pathname)?.[1];
      if (id && shape.test(id) && !one(".compare-toggle", card)) one(".card-facts", card).append(button(id, link.textContent));
    }
  };

  const show = () => {
    for (const toggle of all(".compare-toggle")) {
      const is = chosen.includes(toggle.dataset.id);
      toggle.setAttribute("aria-pressed", String(is));
      const word = is ? words.added : words.add;
      if (toggle.firstChild.textContent !== word) toggle.firstChild.textContent = word; // else lists would change for ever
    }
    tray.hidden = Boolean(page) || chosen.length === 0;
    document.body.classList.toggle("with-tray", !tray.hidden);
    one(".tray-names", tray).replaceChildren(...chosen.map((id) => {
      const remove = element("button", { type: "button", "aria-label": `${words.remove} ${id}` }, "×");
      remove.addEventListener("click", () => change(chosen.filter((other) => other !== id)));
      return element("li", {}, element("span", {}, id), remove);
    }));
    one("[data-tray-count]", tray).textContent = chosen.length ? `(${chosen.length})` : "";
    one("[data-tray-go]", tray).setAttribute("href", address());
    if (page) compare();
  };

  // The page: one column for each plugin, from what its own page published about its releases.
  const texts = (plugin, subject) => {
    const newest = plugin.releases.find((release) => release.version === plugin.newest);
    return newest?.aspects[subject] ?? [];
  };
  const cell = (values, said) => {
    if (!values.length) return element("td", { class: "quiet" }, said.none);
    if (values.length === 1) return element("td", { dir: "auto" }, values[0]);
    return element("td", {}, element("ul", { role: "list" }, ...values.map((text) => element("li", { dir: "auto" }, text))));
  };

  const days = new Intl.DateTimeFormat(document.documentElement.lang || "en", { dateStyle: "medium", timeZone: "UTC" });
  const written = (text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) ? days.format(new Date(text)) : text);

  const known = new Map();
  const fetched = async (id) => {
    if (!known.has(id)) {
      try {
        const answer = await fetch(`${base}plugins/${id}/releases.json`);
        known.set(id, answer.ok ? await answer.json() : null);
      } catch { known.set(id, null); }
    }
    return known.get(id);
  };

  const headed = (id, plugin, said) => {
    const remove = element("button", { type: "button", class: "compare-remove", "aria-label": `${said.remove} ${id}` }, "×");
    remove.addEventListener("click", () => change(chosen.filter((other) => other !== id)));
    const name = plugin ? element("a", { href: `${base}plugins/${id}/index.html` }, element("bdi", {}, plugin.name)) : element("span", {}, id);
    return element("th", { scope: "col" }, remove, name, element("span", { class: "card-id" }, plugin ? id : said.lost));
  };

  const compare = async () => {
    const said = page.dataset;
    const plugins = await Promise.all(chosen.map(fetched));
    const table = one("[data-table]", page);
    if (location.protocol !== "file:") history.replaceState(null, "", address().replace(/^[^?]*/, location.pathname));
    one("[data-compare-none]", page).hidden = chosen.length > 0;
    one(".compare-options", page).hidden = chosen.length < 2;
    table.hidden = chosen.length === 0;
    const row = (title, values) => {
      const made = element("tr", {}, element("th", { scope: "row" }, title), ...values.map((value, at) =>
        plugins[at] ? cell(value, said) : element("td", { class: "quiet" }, "–")));
      const there = values.filter((_, at) => plugins[at]).map((value) => JSON.stringify([...value].sort()));
      made.classList.toggle("same", new Set(there).size < 2);
      return made;
    };
    const of = (pick) => plugins.map((plugin) => (plugin ? pick(plugin) : []));
    const body = element("tbody");
    body.append(row(said.newest, of((plugin) => [plugin.newest || said.withdrawn])));
    for (const [key, title] of JSON.parse(said.rows)) body.append(row(title, of((plugin) => (plugin[key] ? [written(plugin[key])] : []))));
    for (const [subject, title] of JSON.parse(said.subjects)) {
      const values = of((plugin) => texts(plugin, subject));
      if (values.some((value) => value.length)) body.append(row(title, values));
    }
    const heads = element("tr", {}, element("td"), ...plugins.map((plugin, at) => headed(chosen[at], plugin, said)));
    table.replaceChildren(element("table", { class: "compare-table" }, element("caption", { class: "sr" }, said.caption), element("thead", {}, heads), body));
  };

  if (page) {
    one("[data-only-different]", page).addEventListener("change", (event) => page.classList.toggle("only-different", event.target.checked));
  }
  one("[data-tray-clear]", tray).addEventListener("click", () => change([]));
  dress();
  // Lists that are filtered get new cards.
  const results = one("[data-results]");
  if (results) new MutationObserver(() => { dress(); show(); }).observe(results, { childList: true, subtree: true });
  change(chosen);
})();
