// Runs before the first paint, so that a chosen theme does not flash, and gives the other scripts their words.
// Everything else is in pluginry.js.
"use strict";
(() => {
  const root = document.documentElement;
  // Sentences in the language of the page where it has words of its own, else as they stand in the scripts.
  const kinds = new Intl.PluralRules(root.lang || "en");
  const wordsFor = (sentence) => globalThis.pluginryWords?.[sentence];
  const put = (sentence, names) => sentence.replace(/%\((\w+)\)s/g, (place, name) => names[name] ?? place);
  const say = (sentence, names = {}) => put(wordsFor(sentence) ?? sentence, names);
  const inDigits = (count) => (globalThis.pluginryWords ? count.toLocaleString(root.lang, { numberingSystem: "latn" }) : count.toLocaleString("en").replaceAll(",", "\u202f"));
  const sayCount = (one, many, count, names = {}) => {
    const forms = wordsFor(one) ?? { one, other: many };
    return put(forms[kinds.select(count)] ?? forms.other, { count: inDigits(count), ...names });
  };
  globalThis.pluginry = { say, sayCount, inDigits, pages: root.dataset.pages ?? root.dataset.root };
  root.classList.add("js");
  try {
    const chosen = localStorage.getItem("pluginry-theme");
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  } catch {
    // Storage is switched off: the system's theme it is.
  }
})();
