// Pages about one plugin: how long ago a day was, and the comparison of any two of its releases.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);

  // Days are written on the page, which never changes by itself; how long ago they were is added here.
  const ages = () => {
    const units = [["year", 365.25], ["month", 30.44], ["day", 1]];
    const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "always" });
    for (const time of all("[data-age] time")) {
      const days = (Date.now() - Date.parse(time.dateTime)) / 86_400_000;
      const [unit, length] = units.find(([, size]) => days >= size) ?? [];
      if (unit) time.insertAdjacentText("afterend", ` (${words.format(-Math.floor(days / length), unit)})`);
    }
  };

  const line = (kind, sign, word, text) => {
    const item = document.createElement("li");
    item.className = kind;
    const mark = Object.assign(document.createElement("span"), { className: "diff-sign", textContent: sign, ariaHidden: "true" });
    const said = Object.assign(document.createElement("span"), { className: "sr", textContent: word });
    const what = Object.assign(document.createElement("span"), { dir: "auto", textContent: text });
    item.append(mark, said, " ", what);
    return item;
  };

  const differences = (before, after, words) => {
    const subjects = JSON.parse(words.subjects);
    const found = [];
    for (const [subject, title] of subjects) {
      const [old, now] = [before, after].map((release) => release.aspects[subject] ?? []);
      const items = [
        ...old.filter((text) => !now.includes(text)).map((text) => line("diff-gone", "−", words.gone, text)),
        ...now.filter((text) => !old.includes(text)).map((text) => line("diff-new", "+", words.new, text)),
      ];
      if (!items.length) continue;
      const block = Object.assign(document.createElement("div"), { className: "diff" });
      const list = document.createElement("ul");
      list.setAttribute("role", "list");
      list.append(...items);
      block.append(Object.assign(document.createElement("h3"), { textContent: title }), list);
      found.push(block);
    }
    return found.length ? found : [Object.assign(document.createElement("p"), { className: "empty", textContent: words.same })];
  };

  // The page compares a release with the one before it; any other can be chosen, and stands in the address.
  const comparison = async () => {
    const section = one("[data-compared]");
    if (!section || location.protocol === "file:") return; // Files may not read each other.
    const words = section.dataset;
    let known;
    try { known = (await (await fetch(words.compared)).json()).releases; } catch { return; }
    const here = known.find((release) => release.version === words.version);
    const others = known.filter((release) => release !== here);
    if (!here || others.length < 2) return;
    const choice = one("select", section);
    choice.append(...others.map((release) => new Option(`${release.version} · ${release.day}`, release.version)));
    const show = (version) => {
      const other = others.find((release) => release.version === version) ?? others.find((release) => release.version === words.before);
      if (!other) return;
      choice.value = other.version;
      const link = one("[data-other]", section);
      link.textContent = other.version;
      link.setAttribute("href", `../${other.version}/index.html`);
      one("[data-differences]", section).replaceChildren(...differences(other, here, words));
    };
    choice.addEventListener("change", () => {
      show(choice.value);
      history.replaceState(null, "", `?${new URLSearchParams({ with: choice.value })}#compared`);
      one("#announce").textContent = one("h2", section).textContent;
    });
    const wanted = new URLSearchParams(location.search).get("with");
    choice.value = words.before;
    if (wanted) show(wanted);
    one(".compared-choice", section).hidden = false;
  };

  ages();
  comparison();
})();
