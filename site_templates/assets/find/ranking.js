// How plugins are found by words. The numbers come from ranking.json, which the build writes from the definition
// that clients use; the steps are the same as theirs, and a test holds both to each other.
export const rankingBy = (definition) => {
  const separators = new RegExp(`[${definition.separators.replace(/[\\\]^-]/g, "\\$&")}]`, "g");

  const normalised = (text) =>
    text.toUpperCase().normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(separators, " ").trim().split(/\s+/u).join(" ");

  const searchText = (plugin) => ({
    own: normalised(plugin.id.slice(plugin.id.indexOf("/") + 1)),
    id: normalised(plugin.id),
    name: normalised(plugin.name),
    aliases: normalised((plugin.aliases ?? []).join(" ")),
    tags: normalised([...(plugin.tags ?? []), ...(plugin.categories ?? []), ...(plugin.hosts ?? [])].join(" ")),
    summary: normalised(plugin.summary),
  });

  const rank = (text, words) => {
    const phrase = words.join(" ");
    const names = ` ${text.id} ${text.name} ${text.aliases}`;
    let total = 1;
    if (phrase === text.own || phrase === text.id) total += definition.exact_id;
    else if (phrase === text.name) total += definition.exact_name;
    for (const word of words) {
      if (names.includes(word)) total += definition.in_name + (names.includes(` ${word}`) ? definition.prefix_bonus : 0);
      else if (text.tags.includes(word)) total += definition.in_tags;
      else if (text.summary.includes(word)) total += definition.in_summary;
      else return 0;
    }
    return total;
  };

  return { normalised, searchText, rank };
};
