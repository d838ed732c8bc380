// What the catalogue can do beyond plain pages. Every page is complete without this file.
"use strict";
(() => {
  const root = document.documentElement;
  const { say } = globalThis.pluginry;
  const here = document.currentScript.src;
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
    const names = { auto: say("Auto"), light: say("Light"), dark: say("Dark") };
    const show = () => { one("[data-theme-name]", button).textContent = names[root.dataset.theme || "auto"]; };
    button.addEventListener("click", () => {
      const next = order[(order.indexOf(root.dataset.theme || "auto") + 1) % order.length];
      if (next === "auto") delete root.dataset.theme; else root.dataset.theme = next;
      try {
        if (next === "auto") localStorage.removeItem("pluginry-theme"); else localStorage.setItem("pluginry-theme", next);
      } catch { /* storage is switched off: the choice lasts for this page */ }
      show();
      announce(`${say("Colours:")} ${names[next]}`);
    });
    show();
    button.hidden = false;
  };

  // "/" and Ctrl+K go to the search box, Escape leaves it.
  const searchKey = () => {
    const box = one("#q");
    if (!box) return;
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      const isSlash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
      const isCtrlK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      if (isSlash || isCtrlK) {
        event.preventDefault();
        box.focus();
        box.select();
      } else if (event.key === "Escape" && event.target === box) box.blur();
    });
  };

  const copyButtons = () => {
    if (!navigator.clipboard) return;
    for (const snippet of all("[data-copy]")) {
      const button = element("button", { type: "button", class: "copy", "aria-label": snippet.dataset.copy }, say("Copy"));
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(one("code", snippet).textContent);
          button.textContent = say("Copied");
          announce(say("Copied"));
        } catch {
          button.textContent = say("Select it");
        }
        setTimeout(() => { button.textContent = say("Copy"); }, 1600);
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
      list.setAttribute("aria-label", say("Ways to install"));
      links.forEach((link, at) => {
        link.parentElement.setAttribute("role", "presentation");
        link.setAttribute("role", "tab");
        link.id = `${panels[at].id}-tab`;
        link.setAttribute("aria-controls", panels[at].id);
        panels[at].setAttribute("role", "tabpanel");
        panels[at].setAttribute("aria-labelledby", link.id);
        link.addEventListener("click", (event) => { event.preventDefault(); choose(at, true); });
        link.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] * (root.dir === "rtl" ? -1 : 1);
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
      const button = element("button", { type: "button", class: "button button-quiet unclip" }, say("Read all of it"));
      const unfold = () => { text.classList.add("whole"); button.remove(); };
      button.addEventListener("click", unfold);
      text.addEventListener("focusin", (event) => { if (event.target !== button) unfold(); });
      text.append(button);
    }
  };

  // Searching: on the list of all plugins at once, elsewhere when somebody goes to the search box.
  const find = () => {
    const box = one("#q");
    if (!box || location.protocol === "file:") return; // Files may not read each other: plain lists stay.
    const begin = (module) => import(new URL(`find/${module}.js`, here)).then(({ begin: start }) => start())
      .catch(() => announce(say("Searching does not work here; the lists do.")));
    if (one("[data-facets]")) begin("list-page");
    else box.addEventListener("focus", () => begin("search-box"), { once: true });
  };

  themeSwitch();
  searchKey();
  copyButtons();
  tabs();
  clips();
  find();
})();
