// What facets and their values are called.
import { say } from "./elements.js";

export const FACET_TITLES = {
  category: say("Category"),
  host: say("Host"),
  version: say("Host version"),
  permission: say("Permissions"),
  platform: say("Platform"),
  licence: say("Licence"),
  trust: say("Trust"),
  price: say("Price"),
  channel: say("Channel"),
  lifecycle: say("Lifecycle"),
  tag: say("Tag"),
};

const VALUES = {
  permission: { nothing: say("Asks for nothing"), "no-network": say("Asks for no network") },
  platform: { any: say("Any platform") },
  price: { free: say("Free"), paid: say("Paid"), subscription: say("By subscription"), enterprise: say("For enterprises") },
  channel: { stable: say("Stable"), beta: say("Beta"), experimental: say("Experimental") },
  lifecycle: { active: say("Active"), "adopt-me": say("Wants a new developer"), deprecated: say("Deprecated") },
};

// The same values where they stand in a line.
export const WORDS = {
  beta: say("beta"),
  experimental: say("experimental"),
  paid: say("paid"),
  subscription: say("subscription"),
  enterprise: say("enterprise"),
};

export const titleOf = (facet, value, titles) => {
  if (facet === "version") return value.slice(value.indexOf(" ") + 1);
  return titles[facet]?.[value] ?? VALUES[facet]?.[value] ?? value;
};
