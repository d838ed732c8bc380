// The search box on every page but the list: suggestions while typing, as a combobox with a list of options.
import { answerTo } from "./answer.js";
import { iconOf, pageOf } from "./cards.js";
import { Plugins } from "./catalogue.js";
import { announce, element, say, sayCount } from "./elements.js";
import { emptyQuestion } from "./question.js";
import { groupOf, inReadmes } from "./readmes.js";

const SUGGESTED = 8;
const TYPING_MS = 60;

class SearchBox {
  constructor(box) {
    this.box = box;
    this.plugins = new Plugins();
    this.asked = 0;
    this.options = [];
    this.at = -1;
    this.list = element("ul", { id: "suggestions", role: "listbox", "aria-label": say("Plugins"), class: "suggestions", hidden: true });
    box.after(this.list);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "suggestions", "aria-autocomplete": "list" })) box.setAttribute(name, value);
  }

  begin() {
    this.box.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.suggest(), TYPING_MS); });
    this.box.addEventListener("keydown", (event) => this.#press(event));
    this.box.addEventListener("blur", () => this.close());
    this.box.addEventListener("focus", () => this.suggest());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    this.list.addEventListener("click", (event) => { const option = event.target.closest("[role=option]"); if (option) this.#open(this.options.indexOf(option)); });
    this.plugins.load(() => this.suggest()).then(() => this.suggest(), () => { /* the form still leads to the list */ });
  }

  async suggest() {
    const turn = ++this.asked;
    const words = this.box.value.trim();
    if (!words || !this.plugins.parts.length || document.activeElement !== this.box) { this.close(); return; }
    const question = { ...emptyQuestion(), words };
    const answer = await answerTo(question, this.plugins, () => turn !== this.asked);
    if (!answer || turn !== this.asked) return;
    this.#show(words, answer.found);
    if (!this.plugins.hasFullText || !this.plugins.isComplete) return;
    const hits = await inReadmes(words, answer.found);
    if (hits.length && turn === this.asked && !this.list.hidden) this.#add(hits);
  }

  close() {
    this.list.hidden = true;
    this.box.setAttribute("aria-expanded", "false");
    this.#mark(-1);
  }

  #show(words, found) {
    const hits = found.slice(0, SUGGESTED).map((hit, at) => element("li", { role: "option", id: `suggestion-${at}`, "aria-selected": "false", "data-address": pageOf(hit) },
      iconOf(hit, 34), element("span", { class: "suggestion-name" }, element("bdi", {}, hit.part.name[hit.row])), element("span", { class: "suggestion-id" }, hit.part.id[hit.row])));
    const everything = element("li", { role: "option", id: "suggestion-all", "aria-selected": "false", class: "suggestion-all", "data-address": `${this.box.form.action}?${new URLSearchParams({ q: words })}` },
      found.length ? sayCount("See all %(count)s in the list", "See all %(count)s in the list", found.length) : say("Nothing by these words. Look at the list"));
    this.options = [...hits, everything];
    this.list.replaceChildren(...this.options);
    this.list.hidden = false;
    this.box.setAttribute("aria-expanded", "true");
    this.#mark(-1);
    if (this.plugins.isComplete) announce(found.length ? sayCount("%(count)s plugin found", "%(count)s plugins found", found.length) : say("No plugin matches."));
  }

  // What READMEs say goes below the plugins and above the way to the list; what is marked stays marked.
  #add(hits) {
    const { options, group } = groupOf(hits);
    const last = this.options.length - 1;
    if (this.at === last) this.at += options.length;
    this.options.splice(last, 0, ...options);
    this.list.lastElementChild.before(group);
  }

  #mark(at) {
    this.options[this.at]?.setAttribute("aria-selected", "false");
    this.at = at;
    const option = this.options[at];
    if (!option) { this.box.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    this.box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  #press(event) {
    const isOpen = !this.list.hidden;
    const count = this.options.length;
    if (event.key === "Escape") {
      if (!isOpen) return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) { this.suggest(); return; }
      // One place before the first option is the box itself, as the pattern wants it.
      const steps = count + 1;
      this.#mark(((this.at + 1 + (event.key === "ArrowDown" ? 1 : -1) + steps) % steps) - 1);
    } else if (event.key === "Enter" && isOpen && this.at >= 0) {
      event.preventDefault();
      this.#open(this.at);
    } else if (event.key === "Tab") this.close();
  }

  #open(at) {
    location.assign(this.options[at].dataset.address);
  }
}

export const begin = async () => new SearchBox(document.querySelector("#q")).begin();
