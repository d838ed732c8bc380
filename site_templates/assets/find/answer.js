// Finds what a question asks for, and counts what each further choice would leave.
import { FACETS } from "./question.js";

const AT_ONCE_MS = 12;
const pause = () => new Promise((go) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = () => { port1.close(); go(); }; port2.postMessage(0); });

// Which values of a column are wanted: null for any. A plugin for any platform runs on each of them.
const wantedIn = (facet, column, chosen) => {
  if (!chosen) {
    return facet === "lifecycle" && column.values.includes("deprecated")
      ? Uint8Array.from(column.values, (value) => value !== "deprecated") : null;
  }
  return Uint8Array.from(column.values, (value) => chosen.includes(value) || (facet === "platform" && value === "any"));
};

const count = (totals, column, positions) => {
  for (const at of positions) totals.set(column.values[at], (totals.get(column.values[at]) ?? 0) + 1);
};

const answerFrom = (part, question, words, ranking, answer) => {
  const facets = FACETS.map((facet) => {
    const column = part.facets[facet];
    return { facet, column, wanted: wantedIn(facet, column, question.chosen[facet]) };
  });
  const limiting = facets.filter(({ wanted }) => wanted);
  for (let row = 0; row < part.id.length; row++) {
    const rank = words.length ? ranking.rank(part.texts[row], words) : 1;
    if (!rank) continue;
    let missed = null;
    let misses = 0;
    for (const one of limiting) {
      if (!one.column.rows[row].some((at) => one.wanted[at])) { missed = one; if (++misses > 1) break; }
    }
    if (misses > 1) continue;
    if (misses) {
      // All but this facet fit: choosing one of its values here would bring the plugin in.
      count(answer.counts[missed.facet], missed.column, missed.column.rows[row]);
      if (missed.facet === "lifecycle" && !question.chosen.lifecycle) answer.hidden++;
      continue;
    }
    answer.found.push({ part, row, rank });
    for (const { facet, column } of facets) count(answer.counts[facet], column, column.rows[row]);
  }
};

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const byId = (a, b) => {
  const [mine, yours] = [a.part.id[a.row].split("/"), b.part.id[b.row].split("/")];
  return byText(mine[0], yours[0]) || byText(mine[1], yours[1]);
};
const byName = (a, b) => byText(a.part.texts[a.row].name, b.part.texts[b.row].name) || byId(a, b);
const latest = (column) => (a, b) => b.part[column][b.row] - a.part[column][a.row] || byName(a, b);
const SORTED = {
  relevance: (a, b) => b.rank - a.rank || byId(a, b),
  name: byName,
  updated: latest("updated"),
  newest: latest("published"),
};

export const orderOf = (question) => {
  if (question.order === "relevance" && !question.words) return "name";
  return question.order || (question.words ? "relevance" : "name");
};

// Returns what fits, in order, or null when `isStale` says that nobody waits for it any more. It never holds the
// page up for long: large marketplaces are gone through in slices.
export const answerTo = async (question, plugins, isStale = () => false) => {
  const answer = { found: [], hidden: 0, counts: Object.fromEntries(FACETS.map((facet) => [facet, new Map()])) };
  const words = plugins.ranking.normalised(question.words).split(" ").filter(Boolean);
  let begun = performance.now();
  for (const part of [...plugins.parts]) {
    answerFrom(part, question, words, plugins.ranking, answer);
    if (performance.now() - begun > AT_ONCE_MS) {
      await pause();
      if (isStale()) return null;
      begun = performance.now();
    }
  }
  spreadAny(answer.counts.platform);
  answer.found.sort(SORTED[orderOf(question)]);
  return answer;
};

// What runs on any platform counts for each of them.
const spreadAny = (totals) => {
  const any = totals.get("any") ?? 0;
  for (const [value, total] of totals) if (value !== "any") totals.set(value, total + any);
};
