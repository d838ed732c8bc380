// A plugin in a list, the same as the build writes it (plugin_card in macros.html).
import { element, pages, say } from "./elements.js";
import { WORDS } from "./words.js";

const here = document.documentElement.dataset.root;

const facet = (hit, name) => {
  const column = hit.part.facets[name];
  return column.rows[hit.row].map((at) => column.values[at]);
};

export const pageOf = (hit) => `${pages}plugins/${hit.part.id[hit.row]}/index.html`;
export const iconOf = (hit, pixels) =>
  element("img", { class: "icon", alt: "", width: pixels, height: pixels, loading: "lazy", decoding: "async", src: here + hit.part.icon[hit.row] });

const marksOf = (hit) => {
  const marks = [];
  const mark = (text, kind = "") => marks.push(" ", element("span", { class: `mark ${kind}`.trim() }, text));
  const [lifecycle] = facet(hit, "lifecycle");
  const [price] = facet(hit, "price");
  const stage = hit.part.stage[hit.row];
  if (lifecycle === "deprecated") mark(say("deprecated"), "mark-warn");
  if (lifecycle === "adopt-me") mark(say("wants a new developer"));
  if (stage && stage !== "stable") mark(WORDS[stage] ?? stage);
  if (!stage) mark(say("withdrawn"), "mark-warn");
  if (price !== "free") mark(WORDS[price] ?? price);
  if (hit.part.advisories[hit.row]) mark(say("advisory"), "mark-bad");
  return marks;
};

export const cardOf = (hit, titles) => {
  const { part, row } = hit;
  const languages = part.languages?.[row] ?? [];
  const hosts = facet(hit, "host").map((id) => titles.host[id] ?? id);
  const shown = hosts.slice(0, 2).join(", ") + (hosts.length > 2 ? ` +${hosts.length - 2}` : "");
  const facts = element("p", { class: "card-facts" }, element("span", {}, shown));
  if (part.newest[row]) facts.append(" ", element("span", { class: "version" }, part.newest[row]));
  facts.append(...marksOf(hit));
  const name = element("h3", { class: "card-name" }, element("a", { href: pageOf(hit) }, element("bdi", { lang: languages[0] || null }, part.name[row])));
  return element("li", { class: "card" }, iconOf(hit, 52),
    element("div", { class: "card-head" }, name, element("p", { class: "card-id" }, part.id[row])),
    element("p", { class: "card-summary", dir: "auto", lang: languages[1] || null }, part.summary[row]), facts);
};
