// Makes elements without ever reading text as markup.
export const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};

const status = () => document.querySelector("#announce");
let waiting = 0;

// Tells people who do not see the page what changed; only the last of several quick changes is said.
export const announce = (text) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => { status().textContent = text; }, 250);
};

// Words and numbers as the rest of the site writes them, and where the pages of this language begin.
export const { say, sayCount, inDigits, pages } = globalThis.pluginry;
