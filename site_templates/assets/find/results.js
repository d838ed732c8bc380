// The list of what was found: cards, pages of them, what is chosen, and help when there is nothing.
import { cardOf } from "./cards.js";
import { element, say, sayCount } from "./elements.js";
import { FACETS, addressOf, emptyQuestion, withChosen } from "./question.js";
import { FACET_TITLES, titleOf } from "./words.js";

export const ON_A_PAGE = 48;
const NEAR = 2;

// A link that answers in place; opened in a new tab, its address does the same.
const step = (text, question, attributes = {}) =>
  element("a", { href: `?${addressOf(question)}`, "data-question": addressOf(question), ...attributes }, ...[text].flat());

export const chosenOf = (question, titles) => {
  const chips = [];
  const chip = (label, rest) =>
    chips.push(element("li", {}, step([element("span", { class: "sr" }, `${say("Without")} `), element("bdi", {}, label), element("span", { "aria-hidden": "true" }, " ×")], rest)));
  if (question.words) chip(`“${question.words}”`, { ...question, words: "", page: 1 });
  for (const facet of FACETS) {
    for (const value of question.chosen[facet] ?? []) {
      const rest = question.chosen[facet].filter((other) => other !== value);
      chip(`${FACET_TITLES[facet]}: ${titleOf(facet, value, titles)}`, withChosen(question, facet, rest));
    }
  }
  if (chips.length > 1) chips.push(element("li", {}, step(say("Clear all"), emptyQuestion())));
  return chips;
};

const turnOf = (question, count) => {
  const turn = element("nav", { class: "turn", "aria-label": say("Pages of this list") });
  const to = (page, text, attributes) => turn.append(step(text, { ...question, page }, attributes));
  if (question.page > 1) to(question.page - 1, say("Previous"), { rel: "prev" });
  let before = 0;
  for (let page = 1; page <= count; page++) {
    if (page !== 1 && page !== count && Math.abs(page - question.page) > NEAR) continue;
    if (page - before > 1) turn.append(element("span", { "aria-hidden": "true" }, "…"));
    to(page, [element("span", { class: "sr" }, `${say("Page")} `), String(page)], page === question.page ? { "aria-current": "page" } : {});
    before = page;
  }
  if (question.page < count) to(question.page + 1, say("Next"), { rel: "next" });
  return turn;
};

const nothingFound = (question, titles) => {
  const tips = element("ul", {});
  const tip = (...content) => tips.append(element("li", {}, ...content));
  const isFiltered = Object.keys(question.chosen).length > 0;
  if (question.words && isFiltered) tip(step(say("Search for “%(words)s” without filters", { words: question.words }), { ...emptyQuestion(), words: question.words }));
  if (question.words.includes(" ")) tip(say("Every word has to occur in the name, id, tags or summary: try fewer of them."));
  if (question.words) tip(say("Only the beginning of a word is enough, and accents, case and hyphens do not matter."));
  tip(step(say("Show every plugin"), emptyQuestion()));
  return element("div", { class: "empty" }, element("p", {}, say("No plugin matches.")), tips);
};

export const resultsOf = (question, answer, titles) => {
  if (!answer.found.length) return [nothingFound(question, titles)];
  const pages = Math.ceil(answer.found.length / ON_A_PAGE);
  const page = Math.min(question.page, pages);
  const shown = answer.found.slice((page - 1) * ON_A_PAGE, page * ON_A_PAGE);
  const list = element("ul", { class: "cards", role: "list" }, ...shown.map((hit) => cardOf(hit, titles)));
  return pages > 1 ? [list, turnOf({ ...question, page }, pages)] : [list];
};

export const summaryOf = (answer, isComplete) => (isComplete
  ? sayCount("%(count)s plugin found", "%(count)s plugins found", answer.found.length)
  : sayCount("%(count)s plugin found so far", "%(count)s plugins found so far", answer.found.length));

export const hiddenOf = (question, answer) => {
  if (!answer.hidden) return [];
  const everything = { ...question, page: 1, chosen: { ...question.chosen, lifecycle: ["active", "adopt-me", "deprecated"] } };
  return [" · ", sayCount("%(count)s deprecated hidden", "%(count)s deprecated hidden", answer.hidden), " ",
    step(say("Show"), everything, { "aria-label": sayCount("Show %(count)s deprecated", "Show %(count)s deprecated", answer.hidden) })];
};
