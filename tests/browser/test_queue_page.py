"""The page of the queue in a real browser: strangers' titles are words, and what is not there is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from busy_catalogue import busy_input
from pluginry.encoding import documents
from pluginry.model import layout
from published_folders import served, write_catalogue
from queues import HOSTILE_TITLE, a_queue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from browser.conftest import Visit

PAGE = "queue/index.html"


def test_a_hostile_queue_is_shown_as_text_and_its_absence_is_said(
    tmp_path: Path, visit: Visit, axe: Callable[[Page], list[str]]
) -> None:
    folder = write_catalogue(busy_input(), tmp_path)
    file = folder / layout.QUEUE_KEY
    with served(folder) as address:
        plain = documents.to_plain(a_queue(HOSTILE_TITLE, "Add a clock"))
        plain["requests"][1].update(url="javascript:alert(1)", waiting_for="constructor", reasons="x")
        file.write_text(json.dumps(plain))
        for width, theme in ((360, "dark"), (1280, "light")):
            page = visit(address + PAGE, width=width, theme=theme)  # type: ignore[arg-type]  # two of its words
            rows = page.get_by_role("region", name="Open pull requests").locator("tbody tr")
            rows.first.wait_for()
            assert rows.locator("bdi").first.text_content() == HOSTILE_TITLE.replace("\u202e", "\ufffd")
            assert rows.locator("img, script").count() == 0
            assert [link.get_attribute("href") for link in rows.get_by_role("link").all()] == [
                plain["requests"][0]["url"]
            ]
            cells = rows.first.locator("td").all_inner_texts()
            assert [cell.strip() for cell in cells] == [
                *("mallory", "10 days", "reviewers (held)", "names.similar entries.new"),
            ]
            assert rows.last.locator("td").nth(2).inner_text() == "not known (held)"
            assert axe(page) == []
        assert "v1/queue.json" in visit(address + PAGE, javascript=False).inner_text("main")
        for body, said in (
            ('{"format":1,"generated_at":"2026-05-11T12:00:00Z"}', "No pull request was open."),
            ('{"requests":{}}', "The published queue cannot be read."),
            ("<b>", "The published queue cannot be read."),
        ):
            file.write_text(body)
            visit(address + PAGE).get_by_text(said).wait_for()
        file.unlink()
        visit(address + PAGE, expected=("404",)).get_by_text("This marketplace publishes no queue.").wait_for()
