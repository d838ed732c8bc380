"""What may be published as a queue: what the schema says, and nothing that a page could be led astray by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pluginry.cli.queue_file import published_queue
from pluginry.encoding import canonical_json, documents
from pluginry.errors import DocumentError, UsageError
from queues import a_queue

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, body: bytes) -> Path:
    file = folder / "queue.json"
    file.write_bytes(body)
    return file


def changed(**fields: Any) -> bytes:
    """Return a queue whose only pull request has other `fields`."""
    plain = documents.to_plain(a_queue())
    plain["requests"][0].update(fields)
    return canonical_json.encode(plain)


def test_what_the_forge_said_comes_back_word_for_word(tmp_path: Path) -> None:
    assert published_queue(written(tmp_path, documents.encode(a_queue()))) == a_queue()


def test_a_file_that_is_not_there_is_no_queue(tmp_path: Path) -> None:
    assert published_queue(tmp_path / "queue.json") is None


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the queue cannot be read"):
        published_queue(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//forge.example/1",
        "https://user:secret@forge.example/1",
        'https://forge.example/"onclick=',
        "https://forge.example/<b>",
        "https://forge.example/1\n",
        "https://forge.example",
        f"https://forge.example/{'x' * 2000}",
    ],
)
def test_an_address_of_another_form_is_refused_with_its_place(tmp_path: Path, url: str) -> None:
    with pytest.raises(DocumentError) as caught:
        published_queue(written(tmp_path, changed(url=url)))
    assert "queue.json" in caught.value.where
    assert caught.value.why
    assert "pluginry queue --output" in caught.value.hint


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b"{}", b'{"format":2,"generated_at":"2026-05-11T12:00:00Z"}', b"\xff"),
        *(changed(number=0), changed(number="7"), changed(waiting_for="godot"), changed(other=1)),
    ],
)
def test_what_is_no_queue_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(DocumentError, match="this is not a queue") as caught:
        published_queue(written(tmp_path, body))
    assert caught.value.hint
