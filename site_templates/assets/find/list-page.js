// The list of all plugins: the question stands in the address, the answer takes the place of the plain list.
import { answerTo, orderOf } from "./answer.js";
import { Plugins, readTable } from "./catalogue.js";
import { announce, say } from "./elements.js";
import { FacetForm } from "./facet-form.js";
import { addressOf, isEmpty, readQuestion, withChosen } from "./question.js";
import { inReadmes, sectionOf } from "./readmes.js";
import { chosenOf, hiddenOf, resultsOf, summaryOf } from "./results.js";

const TYPING_MS = 90;
const one = (selector) => document.querySelector(selector);

class ListPage {
  constructor(plugins, table) {
    this.plugins = plugins;
    this.titles = table.titles;
    this.form = one("[data-facets]");
    this.box = one("#q");
    this.order = one("[data-order]");
    this.plain = [...document.querySelectorAll("[data-static]")];
    this.facets = new FacetForm(this.form, table.titles, table.facets);
    this.asked = 0;
    this.answered = 0;
    this.question = readQuestion(location.search);
  }

  begin() {
    this.form.hidden = false;
    one("[data-browse]").hidden = true;
    one("[data-ordering]").hidden = false;
    this.form.addEventListener("change", (event) => this.#choose(event.target));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("pointerenter", () => this.#prepare(), { once: true });
    this.form.addEventListener("focusin", () => this.#prepare(), { once: true });
    this.order.addEventListener("change", () => this.ask({ ...this.question, order: this.order.value, page: 1 }));
    this.box.form.addEventListener("submit", (event) => { event.preventDefault(); this.#type(); });
    this.box.addEventListener("focus", () => this.#prepare(), { once: true });
    this.box.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.#type(), TYPING_MS); });
    addEventListener("popstate", () => { this.question = readQuestion(location.search); this.show(); });
    document.addEventListener("click", (event) => this.#follow(event));
    this.show();
  }

  // A new question; typing replaces the address of the one before, everything else can be gone back from.
  ask(question, { replaces = false } = {}) {
    const isSame = addressOf(question) === addressOf(this.question);
    this.question = question;
    const address = addressOf(question);
    if (!isSame) history[replaces ? "replaceState" : "pushState"](null, "", address ? `?${address}` : location.pathname);
    return this.show();
  }

  async show() {
    const turn = ++this.asked;
    const { question } = this;
    if (document.activeElement !== this.box) this.box.value = question.words;
    this.order.value = orderOf(question);
    one("[data-chosen]").replaceChildren(...chosenOf(question, this.titles));
    if (isEmpty(question)) { this.#showPlain(); return; }
    if (this.plugins.parts.length && !this.plugins.isComplete) this.#answer();
    try {
      await this.#load();
      if (turn === this.asked) await this.#answer();
    } catch {
      if (turn === this.asked) this.#sayUnread();
    }
  }

  #load() { return this.plugins.load(() => { if (!isEmpty(this.question)) this.#answer(); }); }

  // Reads ahead for somebody who is about to ask; if that fails, asking tries again and says so.
  #prepare() { this.#load().catch(() => {}); }

  #type() {
    const words = this.box.value.trim();
    if (words === this.question.words) return;
    this.ask({ ...this.question, words, page: 1 }, { replaces: this.question.words !== "" });
  }

  #choose(box) {
    const others = (this.question.chosen[box.name] ?? []).filter((value) => value !== box.value);
    this.ask(withChosen(this.question, box.name, box.checked ? [...others, box.value] : others));
  }

  #follow(event) {
    const link = event.target.closest("a[data-question]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const question = readQuestion(link.dataset.question);
    const isTurn = link.closest(".turn");
    this.ask(question).then(() => {
      one("#plugins").focus({ preventScroll: !isTurn });
      if (isTurn) one("#plugins").scrollIntoView({ block: "start" });
    });
    this.box.value = question.words;
  }

  #sayUnread() {
    this.answered += 1; // an answer from some of the parts may be on its way
    one("[data-hidden]").replaceChildren();
    one("[data-count]").textContent = say("The plugins could not be loaded.");
    announce(say("The plugins could not be loaded."));
  }

  #showPlain() {
    for (const still of this.plain) still.hidden = false;
    one("[data-results]").hidden = true;
    one("[data-results]").replaceChildren();
    one("[data-count]").textContent = one("[data-count]").dataset.count;
    one("[data-hidden]").replaceChildren();
    this.facets.show(this.question);
  }

  // Answers with what is there; only the answer that was begun last is shown.
  async #answer() {
    const turn = ++this.answered;
    const { question } = this;
    const { isComplete } = this.plugins;
    const answer = await answerTo(question, this.plugins, () => turn !== this.answered);
    if (!answer || turn !== this.answered || question !== this.question) return;
    for (const still of this.plain) still.hidden = true;
    one("[data-results]").hidden = false;
    one("[data-results]").replaceChildren(...resultsOf(question, answer, this.titles));
    one("[data-count]").textContent = summaryOf(answer, isComplete);
    one("[data-hidden]").replaceChildren(...hiddenOf(question, answer));
    this.facets.show(question, answer.counts);
    if (!isComplete) return;
    announce(summaryOf(answer, true));
    if (!this.plugins.hasFullText) return;
    const hits = await inReadmes(question.words, answer.found);
    if (hits.length && turn === this.answered && question === this.question) one("[data-results]").append(sectionOf(hits));
  }
}

export const begin = async () => new ListPage(new Plugins(), await readTable()).begin();
