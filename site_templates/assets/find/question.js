// What somebody asks for, as it stands in the address: words, values of facets, an order and a page.
export const FACETS = ["category", "host", "version", "permission", "platform", "licence", "trust", "price", "channel", "lifecycle", "tag"];
export const ORDERS = ["relevance", "name", "updated", "newest"];

export const emptyQuestion = () => ({ words: "", chosen: {}, order: "", page: 1 });

export const readQuestion = (search) => {
  const address = new URLSearchParams(search);
  const question = emptyQuestion();
  question.words = (address.get("q") ?? "").trim().slice(0, 200);
  for (const facet of FACETS) {
    const values = [...new Set(address.getAll(facet).filter(Boolean))];
    if (values.length) question.chosen[facet] = values;
  }
  if (ORDERS.includes(address.get("sort"))) question.order = address.get("sort");
  question.page = Math.max(1, Number.parseInt(address.get("page"), 10) || 1);
  return question;
};

// The same question always has the same address.
export const addressOf = (question) => {
  const address = new URLSearchParams();
  if (question.words) address.set("q", question.words);
  for (const facet of FACETS) for (const value of question.chosen[facet] ?? []) address.append(facet, value);
  if (question.order) address.set("sort", question.order);
  if (question.page > 1) address.set("page", String(question.page));
  return address.toString();
};

export const isEmpty = (question) => addressOf(question) === "";

export const withChosen = (question, facet, values) => {
  const chosen = { ...question.chosen, [facet]: values };
  if (!values.length) delete chosen[facet];
  if (facet === "host" && values.length !== 1) delete chosen.version; // versions are those of one host
  return { ...question, chosen, page: 1 };
};
