// What the catalogue can do beyond plain pages. Every page is complete without this file.
"use strict";
(() => {
  const root = document.documentElement;
  const base = root.dataset.root;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const announce = (text) => { one("#announce").textContent = text; };

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  // Colours: automatic, light, dark.
  const themeSwitch = () => {
    const button = one("[data-theme-switch]");
    if (!button) return;
    const order = ["auto", "light", "dark"];
    const names = { auto: "Auto", light: "Light", dark: "Dark" };
    const show = () => { one("[data-theme-name]", button).textContent = names[root.dataset.theme || "auto"]; };
    button.addEventListener("click", () => {
      const next = order[(order.indexOf(root.dataset.theme || "auto") + 1) % order.length];
      if (next === "auto") delete root.dataset.theme; else root.dataset.theme = next;
      try {
        if (next === "auto") localStorage.removeItem("pluginry-theme"); else localStorage.setItem("pluginry-theme", next);
      } catch { /* storage is switched off: the choice lasts for this page */ }
      show();
      announce(`Colours: ${names[next]}`);
    });
    show();
    button.hidden = false;
  };

  // "/" goes to the search box, Escape leaves it.
  const searchKey = () => {
    const box = one("#q");
    if (!box) return;
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        box.focus();
        box.select();
      } else if (event.key === "Escape" && event.target === box) box.blur();
    });
  };

  const copyButtons = () => {
    if (!navigator.clipboard) return;
    for (const snippet of all("[data-copy]")) {
      const button = element("button", { type: "button", class: "copy", "aria-label": snippet.dataset.copy }, "Copy");
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(one("code", snippet).textContent);
          button.textContent = "Copied";
          announce("Copied");
        } catch {
          button.textContent = "Select it";
        }
        setTimeout(() => { button.textContent = "Copy"; }, 1600);
      });
      snippet.append(button);
    }
  };

  // Sections that follow each other become tabs; links to them keep working.
  const tabs = () => {
    for (const group of all("[data-tabs]")) {
      const list = one(".tabs", group);
      const links = all("a", list);
      const panels = links.map((link) => document.getElementById(link.hash.slice(1)));
      const choose = (index, focus) => {
        links.forEach((link, at) => {
          link.setAttribute("aria-selected", String(at === index));
          link.tabIndex = at === index ? 0 : -1;
          panels[at].hidden = at !== index;
        });
        if (focus) links[index].focus();
      };
      list.setAttribute("role", "tablist");
      list.setAttribute("aria-label", "Ways to install");
      links.forEach((link, at) => {
        link.parentElement.setAttribute("role", "presentation");
        link.setAttribute("role", "tab");
        link.id = `${panels[at].id}-tab`;
        link.setAttribute("aria-controls", panels[at].id);
        panels[at].setAttribute("role", "tabpanel");
        panels[at].setAttribute("aria-labelledby", link.id);
        link.addEventListener("click", (event) => { event.preventDefault(); choose(at, true); });
        link.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (step) { event.preventDefault(); choose((at + step + links.length) % links.length, true); }
        });
      });
      group.classList.add("tabbed");
      const wanted = panels.findIndex((panel) => `#${panel.id}` === location.hash);
      choose(Math.max(wanted, 0), false);
    }
  };

  // A long README begins folded; the button and every link into it unfold it.
  const clips = () => {
    for (const text of all("[data-clip]")) {
      if (text.scrollHeight < text.clientHeight * 1.3) { text.classList.add("whole"); continue; }
      const button = element("button", { type: "button", class: "button button-quiet unclip" }, "Read all of it");
      const unfold = () => { text.classList.add("whole"); button.remove(); };
      button.addEventListener("click", unfold);
      text.addEventListener("focusin", (event) => { if (event.target !== button) unfold(); });
      text.append(button);
    }
  };

  // The list of all plugins: filters over v1/index.json, their state in the address.
  const letterIcon = (id) => {
    let hue = 0;
    for (const char of id) hue = (hue * 31 + char.charCodeAt(0)) % 9973;
    return `${base}assets/letters/${id.split("/")[1][0]}${hue % 12}.svg`;
  };

  const newestOf = (plugin, first) =>
    [first, "stable", "beta", "experimental"].map((channel) => [channel, plugin.channels[channel]]).find((pair) => pair[1]);

  const cardOf = (plugin, index) => {
    const icon = element("img", { class: "icon", alt: "", width: 52, height: 52, loading: "lazy", src: plugin.icon ? base + "v1/" + plugin.icon : letterIcon(plugin.id) });
    icon.addEventListener("error", () => { icon.src = letterIcon(plugin.id); }, { once: true });
    const link = element("a", { href: `${base}plugins/${plugin.id}/index.html` }, element("bdi", {}, plugin.name));
    const titles = plugin.hosts.map((id) => index.hosts.find((host) => host.id === id)?.title ?? id);
    const facts = element("p", { class: "card-facts" }, element("span", {}, titles.slice(0, 2).join(", ") + (titles.length > 2 ? ` +${titles.length - 2}` : "")));
    const newest = newestOf(plugin, index.default_channel ?? "stable");
    if (newest) facts.append(" ", element("span", { class: "version" }, newest[1]));
    if (plugin.status === "deprecated") facts.append(" ", element("span", { class: "mark mark-warn" }, "deprecated"));
    if (newest && newest[0] !== "stable") facts.append(" ", element("span", { class: "mark" }, newest[0]));
    return element("li", { class: "card" }, icon,
      element("div", { class: "card-head" }, element("h2", { class: "card-name" }, link), element("p", { class: "card-id" }, plugin.id)),
      element("p", { class: "card-summary", dir: "auto" }, plugin.summary), facts);
  };

  const filters = async () => {
    const form = one("[data-filters]");
    if (!form) return;
    const box = one("#q");
    const results = one("[data-results]");
    const stills = all("[data-static]");
    const count = one("[data-count]");
    const before = count.textContent;
    let index = null;
    let ranking = null;
    const load = async () => {
      const get = async (key) => (await fetch(base + key)).json();
      if (index) return;
      const [definition, found] = await Promise.all([get("assets/ranking.json"), get("v1/index.json")]);
      ranking = pluginryRanking(definition);
      index = found;
      for (const plugin of index.plugins) plugin.text = ranking.searchText(plugin);
    };
    const shownAtOnce = 96;

    const matching = (wanted) => {
      const words = ranking.normalised(wanted.get("q") ?? "").split(" ").filter(Boolean);
      const found = index.plugins
        .filter((plugin) => plugin.status !== "removed")
        .filter((plugin) => wanted.has("deprecated") || plugin.status !== "deprecated")
        .filter((plugin) => !wanted.get("host") || plugin.hosts.includes(wanted.get("host")))
        .filter((plugin) => !wanted.get("category") || (plugin.categories ?? []).includes(wanted.get("category")))
        .filter((plugin) => !wanted.has("quiet") || !(plugin.permissions ?? []).length)
        .map((plugin) => ({ plugin, rank: words.length ? ranking.rank(plugin.text, words) : 1 }))
        .filter((hit) => hit.rank > 0);
      const byName = (a, b) => a.plugin.name.localeCompare(b.plugin.name);
      const parts = (hit) => hit.plugin.id.split("/");
      const byId = (a, b) => (parts(a) < parts(b) ? -1 : 1);
      if (wanted.get("sort") === "updated") found.sort((a, b) => (b.plugin.updated ?? "").localeCompare(a.plugin.updated ?? "") || byName(a, b));
      else found.sort((a, b) => b.rank - a.rank || (words.length ? byId(a, b) : byName(a, b)));
      return found.map((hit) => hit.plugin);
    };

    const show = async () => {
      const wanted = new URLSearchParams();
      for (const [key, value] of [...new FormData(form), ["q", box.value.trim()]]) if (value) wanted.set(key, value);
      const query = wanted.toString();
      history.replaceState(null, "", query ? `?${query}` : location.pathname);
      const active = query !== "";
      if (active) {
        try { await load(); } catch { announce("The index could not be loaded"); return; }
      }
      results.hidden = !active;
      for (const still of stills) still.hidden = active;
      if (!active) { count.textContent = before; return; }
      const found = matching(wanted);
      count.textContent = `${found.length} ${found.length === 1 ? "plugin" : "plugins"} found`;
      announce(count.textContent);
      const list = element("ul", { class: "cards", role: "list" });
      const more = (from) => {
        list.append(...found.slice(from, from + shownAtOnce).map((plugin) => cardOf(plugin, index)));
        if (found.length <= from + shownAtOnce) return;
        const button = element("button", { type: "button", class: "button button-quiet" }, "Show more");
        button.addEventListener("click", () => { button.remove(); more(from + shownAtOnce); });
        results.append(button);
      };
      results.replaceChildren(found.length ? list : element("p", { class: "empty" }, "No plugin matches. Fewer words or filters may help."));
      more(0);
    };

    if (location.protocol === "file:") return; // Files may not read each other: the static list stays.
    const address = new URLSearchParams(location.search);
    for (const field of form.elements) {
      if (field.type === "checkbox") field.checked = address.has(field.name);
      else if (field.name && address.has(field.name)) field.value = address.get(field.name);
    }
    box.value = address.get("q") ?? "";
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", show);
    form.addEventListener("reset", () => { box.value = ""; setTimeout(show); });
    box.form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
    let timer = 0;
    box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 120); });
    if (address.size) await show();
  };

  themeSwitch();
  searchKey();
  copyButtons();
  tabs();
  clips();
  filters();
})();
