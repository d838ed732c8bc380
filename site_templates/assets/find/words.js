// What facets and their values are called.
export const FACET_TITLES = {
  category: "Category",
  host: "Host",
  version: "Host version",
  permission: "Permissions",
  platform: "Platform",
  licence: "Licence",
  trust: "Trust",
  price: "Price",
  channel: "Channel",
  lifecycle: "Lifecycle",
  tag: "Tag",
};

const VALUES = {
  permission: { nothing: "Asks for nothing", "no-network": "Asks for no network" },
  platform: { any: "Any platform" },
  price: { free: "Free", paid: "Paid", subscription: "By subscription", enterprise: "For enterprises" },
  channel: { stable: "Stable", beta: "Beta", experimental: "Experimental" },
  lifecycle: { active: "Active", "adopt-me": "Wants a new developer", deprecated: "Deprecated" },
};

export const titleOf = (facet, value, titles) => {
  if (facet === "version") return value.slice(value.indexOf(" ") + 1);
  return titles[facet]?.[value] ?? VALUES[facet]?.[value] ?? value;
};
