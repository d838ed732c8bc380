"""``pluginry publish --queue``: beside everything else, and never in the way of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.model.layout import QUEUE_KEY, TIMESTAMP_KEY
from pluginry.model.queue import Queue
from queues import HOSTILE_TITLE, a_queue

if TYPE_CHECKING:
    from e2e.marketplace_on_disk import Workspace

QUICKLY = ("publish", "dist", "--no-read-back")


def give(workspace: Workspace) -> None:
    (workspace.root / "queue.json").write_bytes(documents.encode(a_queue()))


def published_titles(workspace: Workspace) -> list[str]:
    body = (workspace.dist / QUEUE_KEY).read_bytes()
    return [turn.title for turn in documents.decode(Queue, body, what="queue").requests]


def test_it_is_published_and_kept_and_nothing_depends_on_it(workspace: Workspace) -> None:
    give(workspace)
    workspace.pluginry(*QUICKLY, "--queue", "queue.json")
    assert published_titles(workspace) == [HOSTILE_TITLE]
    workspace.pluginry(*QUICKLY, "--queue", "nowhere.json")
    workspace.pluginry("gc", "dist")
    assert published_titles(workspace) == [HOSTILE_TITLE]
    assert QUEUE_KEY not in str(workspace.pluginry(*QUICKLY, "--plan"))
    assert workspace.pluginry("build", "--check", "dist")["equal"]


def test_what_is_no_queue_ends_the_command_before_anything_is_published(workspace: Workspace) -> None:
    (workspace.root / "queue.json").write_text('{"format": 1, "requests": []}')
    before = (workspace.dist / TIMESTAMP_KEY).read_bytes()
    workspace.pluginry(*QUICKLY, "--queue", "queue.json", expect=1)
    assert (workspace.dist / TIMESTAMP_KEY).read_bytes() == before
    assert not (workspace.dist / QUEUE_KEY).exists()
