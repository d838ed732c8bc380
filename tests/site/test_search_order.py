"""The catalogue's script finds plugins in the same order as the client: both are run on the same words."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

from pluginry.model.ranking import SearchText, as_plain, normalised, rank

SCRIPT = Path(__file__).parents[2] / "site_templates" / "assets" / "find" / "ranking.js"
RUN = """
import { readFileSync } from "node:fs";
const { definition, plugins, texts, queries } = JSON.parse(readFileSync(0, "utf8"));
const script = readFileSync(process.argv[1], "base64");
const { rankingBy } = await import(`data:text/javascript;base64,${script}`);
const { normalised, searchText, rank } = rankingBy(definition);
const words = (text) => normalised(text).split(" ").filter(Boolean);
process.stdout.write(JSON.stringify({
  texts: texts.map(normalised),
  ranks: plugins.map((plugin) => queries.map((query) => rank(searchText(plugin), words(query)))),
}));
"""
PIECES = ("spam", "filter", "Mail", "clock", "v1.2", "a|b", "x_y", "-", " ", "Ünïcode", "straße", "ﬁle", "İstanbul")
PIECES += ("日本", "e\u0301")


def some_text(source: random.Random, most: int) -> str:
    return source.choice(("", " ", "-")).join(source.choices(PIECES, k=source.randint(0, most)))


def a_row(source: random.Random) -> dict[str, object]:
    return {
        "id": f"{source.choice(('acme', 'my-tools'))}/{source.choice(('spam-filter', 'clock', 'mail2'))}",
        "name": some_text(source, 3),
        "summary": some_text(source, 6),
        "hosts": ["mairust"],
        "tags": source.sample(("mail", "time", "spam"), k=source.randint(0, 2)),
        "categories": ["security"],
        "aliases": source.sample(("com.example.Tidy", "spam_filter"), k=source.randint(0, 1)),
    }


def rank_of(row: dict[str, object], query: str) -> int:
    tags = (*row["tags"], *row["categories"], *row["hosts"])  # type: ignore[misc]  # made above
    # A row comes from JSON, without types.
    text = SearchText.of(row["id"], name=row["name"], summary=row["summary"], tags=tags, aliases=row["aliases"])  # type: ignore[arg-type]
    return rank(text, normalised(query).split())


def test_script_and_client_agree() -> None:
    source = random.Random(20)  # noqa: S311 - the same words in each run
    plugins = [a_row(source) for _ in range(150)]
    queries = ["spam", "spam filter", "acme/clock", *(some_text(source, 2) for _ in range(40))]
    texts = [some_text(source, 8) for _ in range(300)]
    given = json.dumps({"definition": as_plain(), "plugins": plugins, "texts": texts, "queries": queries})
    done = subprocess.run(
        ["node", "--input-type=module", "-e", RUN, str(SCRIPT)], input=given, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["texts"] == [normalised(text) for text in texts]
    assert found["ranks"] == [[rank_of(row, query) for query in queries] for row in plugins]
    assert any(any(ranks) for ranks in found["ranks"])
