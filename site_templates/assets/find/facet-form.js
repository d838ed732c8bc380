// The facets beside the list: one group of checkboxes each, with the number of plugins that every choice would show.
import { element, inDigits, sayCount } from "./elements.js";
import { FACETS } from "./question.js";
import { FACET_TITLES, titleOf } from "./words.js";

const SHOWN = 7;
const MOST = 100;
const OPEN_AT_FIRST = new Set(["category", "host", "version", "permission"]);

const groupOf = (facet) => {
  const list = element("ul", { role: "list" });
  const legend = element("summary", {}, FACET_TITLES[facet]);
  return { facet, list, known: [], isWide: false, whole: element("details", { class: "facet", hidden: true, open: OPEN_AT_FIRST.has(facet) }, legend, list) };
};

const choiceOf = (facet, value, titles) => {
  const box = element("input", { type: "checkbox", name: facet, value });
  const number = element("span", { class: "count" });
  const line = element("li", {}, element("label", {}, box, element("bdi", {}, titleOf(facet, value, titles)), number));
  return { value, box, number, line };
};

// Builds the form's content once; `show` brings it up to date with a question and what was counted for it.
export class FacetForm {
  constructor(form, titles, initial) {
    this.titles = titles;
    this.groups = FACETS.map(groupOf);
    form.append(...this.groups.map(({ whole }) => whole));
    for (const group of this.groups) this.#know(group, initial[group.facet].map(([value]) => value));
    this.initial = Object.fromEntries(FACETS.map((facet) => [facet, new Map(initial[facet])]));
  }

  show(question, counts = this.initial) {
    for (const group of this.groups) {
      const chosen = question.chosen[group.facet] ?? [];
      const counted = counts[group.facet];
      this.#know(group, [...chosen, ...[...counted.keys()].sort()]);
      this.#display(group, question, chosen, counted);
    }
  }

  // Choices keep their places once they are there: nothing moves under a pointer.
  #know(group, values) {
    for (const value of values) {
      if (group.known.length >= MOST && group.facet !== "version") break;
      if (group.known.some((choice) => choice.value === value)) continue;
      const choice = choiceOf(group.facet, value, this.titles);
      group.known.push(choice);
      group.list.append(choice.line);
    }
  }

  #display(group, question, chosen, counted) {
    const [host, ...others] = question.chosen.host ?? [];
    const fits = group.facet === "version"
      ? (choice) => host && !others.length && choice.value.startsWith(`${host} `)
      : () => true;
    const open = group.known.filter(fits);
    let shown = 0;
    for (const choice of group.known) {
      const total = counted.get(choice.value) ?? 0;
      choice.box.checked = chosen.includes(choice.value);
      choice.number.textContent = inDigits(total);
      choice.line.classList.toggle("none", !total && !choice.box.checked);
      const isShown = fits(choice) && (group.isWide || choice.box.checked || shown < SHOWN);
      if (isShown) shown++;
      choice.line.hidden = !isShown;
    }
    group.whole.hidden = open.length < 2 && !chosen.length;
    this.#offerMore(group, open.length - shown);
  }

  #offerMore(group, more) {
    group.more?.remove();
    if (more <= 0) return;
    group.more = element("button", { type: "button", class: "more" }, sayCount("Show %(count)s more", "Show %(count)s more", more));
    group.more.addEventListener("click", () => {
      group.isWide = true;
      const hidden = group.known.filter((choice) => choice.line.hidden);
      if (group.facet !== "version") for (const choice of hidden) choice.line.hidden = false;
      group.more.remove();
      hidden[0]?.box.focus();
    });
    group.whole.append(group.more);
  }
}
