// Words of READMEs, where the marketplace offers to search them: Pagefind does, in a worker, and is loaded when it is needed.
import { element, pages, say } from "./elements.js";

const SHOWN = 5;
const WORDS_OF_EXCERPT = 18;
const SHORTEST = 3;
const ID = /^[a-z0-9-]+\/[a-z0-9-]+$/;
const program = new URL(`${document.documentElement.dataset.root}text/pagefind.js`, document.baseURI);

let loading;
const load = () => (loading ??= import(program).then(async (pagefind) => {
  await pagefind.options({ excerptLength: WORDS_OF_EXCERPT });
  return pagefind;
}));

// Pagefind writes excerpts for `innerHTML`, where we put nothing: what it wrote as markup is text again.
const asText = (excerpt) => excerpt.replaceAll("&lt;", "<").replaceAll("&gt;", ">");

// The plugins whose README says `words` and which are not among those `found` by the catalogue. Whatever goes wrong,
// there are none: the catalogue has answered already.
export const inReadmes = async (words, found) => {
  if (words.length < SHORTEST) return [];
  try {
    const known = new Set(found.map((hit) => hit.part.id[hit.row]));
    const { results } = await (await load()).search(words);
    const hits = [];
    for (let at = 0; at < results.length && hits.length < SHOWN; at++) {
      const { meta, plain_excerpt: excerpt } = await results[at].data();
      if (ID.test(meta.id) && !known.has(meta.id)) hits.push({ id: meta.id, name: meta.title, excerpt: asText(excerpt) });
    }
    return hits;
  } catch {
    return [];
  }
};

const pageOf = (hit) => `${pages}plugins/${hit.id}/index.html`;

// As options of the search box, in a group of their own.
export const groupOf = (hits) => {
  const options = hits.map((hit, at) => element("div", { role: "option", id: `suggestion-text-${at}`, "aria-selected": "false", "data-address": pageOf(hit) },
    element("span", { class: "suggestion-name" }, element("bdi", {}, hit.name)), element("span", { class: "suggestion-text", dir: "auto" }, hit.excerpt)));
  const title = element("span", { class: "suggestion-title", "aria-hidden": "true" }, say("In READMEs"));
  return { options, group: element("div", { role: "group", "aria-label": say("In READMEs") }, title, ...options) };
};

// Below a list of plugins.
export const sectionOf = (hits) => element("section", { class: "in-readmes", "aria-label": say("In READMEs") },
  element("h3", {}, say("In READMEs")),
  element("ul", { class: "rows", role: "list" }, ...hits.map((hit) => element("li", {},
    element("a", { href: pageOf(hit) }, element("bdi", {}, hit.name)), " ", element("span", { class: "id" }, hit.id), element("p", { class: "quiet", dir: "auto" }, hit.excerpt)))));
