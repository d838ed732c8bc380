"""Measures, in a real browser, how long after a key the list of all plugins shows its answer.

PYTHONPATH=tests python tests/benchmarks/list_search.py [PLUGINS]

Prints milliseconds from the key to the first frame with the answer, the pause that waits for more keys included, and
the longest time that the page could not react. Asserts nothing. The first key also loads what is searched.
"""

from __future__ import annotations

import itertools
import random
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from catalogues import APlugin, a_catalogue, a_host, a_listing
from pluginry.encoding import canonical_json
from pluginry.model import ranking
from pluginry.model.names import Name
from pluginry.model.published import json_page
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.edition import Edition
from pluginry.publisher.pages.find_data import find_data
from pluginry.publisher.pages.lists import list_pages
from pluginry.publisher.pages.own_look import frame_of
from pluginry.publisher.pages.plugin_pictures import Pictures, letter_object
from pluginry.publisher.pages.renderer import Renderer
from pluginry.publisher.pages.view import view_of
from published_folders import CHROMIUM_ARGUMENTS, CHROMIUMS, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.published import PublishedObject

FIRST = ("quiet", "swift", "small", "patient", "clear", "local")
LAST = ("filter", "clock", "cache", "theme", "gauge", "sensor", "importer", "report", "mailer", "archive", "linter")
TYPED = ["c", "cl", "clock", "clock fi", "quiet", "nothing like it"]
MEASURE = """async (typed) => {
  const box = document.querySelector("#q");
  const said = () => document.querySelector("[data-count]").textContent;
  const frame = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
  let longest = 0;
  const watch = (list) => { for (const task of list.getEntries()) longest = Math.max(longest, task.duration); };
  new PerformanceObserver(watch).observe({ type: "longtask" });
  box.focus();
  const lines = [];
  for (const text of typed) {
    const before = said();
    const begun = performance.now();
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    while (said() === before && performance.now() - begun < 20000) await frame();
    lines.push(`${String(Math.round(performance.now() - begun)).padStart(6)} ms  ${text}: ${said()}`);
  }
  await frame();
  return [...lines, `${String(Math.round(longest)).padStart(6)} ms  the longest task`];
}"""


def some_plugins(count: int) -> Iterator[APlugin]:
    """Yield plugins with names of a few words, the same in each run."""
    source = random.Random(7)  # noqa: S311 - not for secrets
    for number in range(count):
        name = " ".join((source.choice(FIRST), *source.sample(LAST, 2)))
        listing = a_listing(name=name, summary=f"It is a {name}.", hosts=(Name("mairust"),), tags=(name.split()[0],))
        yield APlugin(id=f"acme/plugin-{number}", readme="", listing=listing)


def list_of(count: int) -> Iterator[PublishedObject]:
    """Yield what the list of all plugins needs, without the pages of the plugins."""
    given = a_catalogue(some_plugins(count), hosts=(a_host(),))
    view = view_of(given)
    view = replace(view, pictures={plugin: Pictures(icon=addresses.letter_icon(plugin)) for plugin in view.cards})
    renderer = Renderer(frame_of(given.registry, ""))
    numbers = json_page(addresses.RANKING, canonical_json.encode(ranking.as_plain()))
    letters = {letter.key: letter for letter in map(letter_object, view.cards)}
    edition = Edition(view)
    return itertools.chain(
        renderer.assets(), [numbers], letters.values(), find_data(edition), list_pages(edition, renderer)
    )


def main(count: int) -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    program = next(found for name in CHROMIUMS if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as scratch:
        for item in list_of(count):
            path = Path(scratch) / item.key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(item.body if isinstance(item.body, bytes) else item.body.read_bytes())
        with served(Path(scratch)) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
            page = browser.new_page()
            page.goto(f"{address}all/index.html", wait_until="networkidle")
            print(f"{count} plugins")
            print("\n".join(page.evaluate(MEASURE, TYPED)))
            browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
