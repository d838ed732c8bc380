// The page of the queue: the open pull requests, as the published copy has them. All of it is words of strangers.
"use strict";
(() => {
  const { say } = globalThis.pluginry;
  const section = document.querySelector("[data-queue]");
  const one = (selector) => section.querySelector(selector);
  const language = document.documentElement.lang || "en";
  const day = 86400000;
  const address = /^https?:\/\/[A-Za-z0-9.:-]+\/[A-Za-z0-9._~/%#?=&+-]*$/;
  const turns = {
    author: say("its author"),
    owners: say("owners of the plugins"),
    reviewers: say("reviewers"),
    nobody: say("nobody: it can be merged"),
    robot: say("the robot: not judged yet"),
  };
  const made = (name, ...children) => {
    const element = document.createElement(name);
    element.append(...children);
    return element;
  };
  // A name or title from elsewhere keeps its direction to itself, and cannot be read in another order than it is written.
  const words = (text) => made("bdi", String(text ?? "").replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd"));
  const conveyed = (text) => { one("[data-said]").textContent = text; };

  const isTurn = (turn) => Number.isSafeInteger(turn?.number) && turn.number > 0 && typeof turn.title === "string";

  const numbered = ({ number, url }) => {
    if (typeof url !== "string" || !address.test(url)) return `#${number}`;
    const link = made("a", `#${number}`);
    link.href = url;
    link.rel = "nofollow ugc noopener noreferrer";
    return link;
  };

  const age = (opened, now) => {
    const days = Math.floor((now - Date.parse(opened)) / day);
    if (!Number.isFinite(days)) return say("not known");
    return new Intl.NumberFormat(language, { style: "unit", unit: "day", unitDisplay: "long" }).format(Math.max(days, 0));
  };

  const row = (turn, now) => {
    const name = made("th", numbered(turn), " ", words(turn.title));
    name.scope = "row";
    const waiting = Object.hasOwn(turns, turn.waiting_for) ? turns[turn.waiting_for] : say("not known");
    const reasons = (Array.isArray(turn.reasons) ? turn.reasons : []).flatMap((reason) => [made("code", String(reason)), " "]);
    return made("tr", name, made("td", words(turn.author?.login)), made("td", age(turn.opened_at, now)),
      made("td", turn.is_held === true ? `${waiting} (${say("held")})` : waiting), made("td", ...reasons));
  };

  const show = (queue) => {
    const now = Date.parse(queue?.generated_at);
    const open = queue?.requests ?? [];
    if (!Number.isFinite(now) || !Array.isArray(open)) return conveyed(say("The published queue cannot be read."));
    const written = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(now);
    one("[data-when]").textContent = `${say("As it was at the forge:")} ${written}`;
    one("[data-when]").hidden = false;
    const rows = open.filter(isTurn).map((turn) => row(turn, now));
    if (!rows.length) return conveyed(say("No pull request was open."));
    one("tbody").replaceChildren(...rows);
    one(".scroll").hidden = false;
    one("[data-said]").hidden = true;
  };

  const read = async () => {
    try {
      const answer = await fetch(section.dataset.queue);
      if (answer.status === 404) return conveyed(say("This marketplace publishes no queue."));
      if (!answer.ok) throw new Error(answer.statusText);
      show(await answer.json());
    } catch { conveyed(say("The published queue cannot be read.")); }
  };

  if (location.protocol !== "file:") read();
})();
