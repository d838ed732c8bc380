// The plugins of the marketplace, read part by part: columns as the build wrote them, with texts ready to be searched.
import { pages } from "./elements.js";
import { rankingBy } from "./ranking.js";

const here = document.documentElement.dataset.root;
const AT_A_TIME = 4;
const TELL_EVERY_MS = 300;

const read = async (key, from = pages) => {
  const answer = await fetch(from + key);
  if (!answer.ok) throw new Error(`${key}: ${answer.status}`);
  return answer.json();
};

// What a first look needs: how many parts there are, and the most frequent values of every facet.
let table;
export const readTable = () => (table ??= read("find/index.json").catch((error) => { table = undefined; throw error; }));

const withTexts = (part, ranking) => {
  const { category, host, tag } = part.facets;
  const named = (column, row) => column.rows[row].map((at) => column.values[at]);
  part.texts = part.id.map((id, row) => ranking.searchText({
    id,
    name: part.name[row],
    summary: part.summary[row],
    aliases: part.aliases[row],
    tags: named(tag, row),
    categories: named(category, row),
    hosts: named(host, row),
  }));
  return part;
};

// Everything there is. `parts` grows while `load` runs, so that a search can begin with what is there already.
export class Plugins {
  parts = [];
  expected = Infinity;
  ranking = null;
  hasFullText = false;
  #loading = null;

  get isComplete() { return this.parts.length === this.expected; }

  // Reads all parts once, a few at a time, and calls `grew` now and then meanwhile.
  load(grew) {
    return (this.#loading ??= this.#read(grew).catch((error) => { this.#loading = null; throw error; }));
  }

  async #read(grew) {
    const [definition, contents] = await Promise.all([read("assets/find/ranking.json", here), readTable()]);
    this.ranking = rankingBy(definition);
    this.expected = contents.parts;
    this.hasFullText = contents.full_text;
    this.parts = [];
    let next = 0;
    let told = -Infinity;
    let isLost = false;
    const follow = async () => {
      while (next < contents.parts && !isLost) {
        this.parts.push(withTexts(await read(`find/${next++}.json`), this.ranking));
        if (isLost || performance.now() - told < TELL_EVERY_MS || this.isComplete) continue;
        told = performance.now();
        grew?.();
      }
    };
    const readers = Array.from({ length: Math.min(AT_A_TIME, contents.parts) }, follow);
    await Promise.all(readers).catch((error) => { isLost = true; throw error; });
  }
}
