// Runs before the first paint, so that a chosen theme does not flash. Everything else is in pluginry.js.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const chosen = localStorage.getItem("pluginry-theme");
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  } catch {
    // Storage is switched off: the system's theme it is.
  }
})();
