from __future__ import annotations

import pickle

import pytest

from pluginry.encoding import canonical_json
from pluginry.model.said import counted, said


def test_a_sentence_is_plain_text_that_remembers_how_it_was_put_together() -> None:
    text = said("%(who)s signed %(what)s.", who="acme", what="it")
    assert text == "acme signed it."
    assert text.sentence == "%(who)s signed %(what)s."
    assert text.names == {"who": "acme", "what": "it"}
    assert f"{text}" == "acme signed it."


def test_a_sentence_without_names_may_hold_a_percent_sign() -> None:
    assert said("100% of it") == "100% of it"


def test_names_are_put_in_once_and_never_read_as_places() -> None:
    assert said("by %(who)s", who="%(other)s %s %") == "by %(other)s %s %"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (12_345, "12\u202f345 files")]
)
def test_counts_choose_the_form_of_a_sentence(count: int, text: str) -> None:
    made = counted("%(count)s file", "%(count)s files", count)
    assert made == text
    assert (made.many, made.number) == ("%(count)s files", count)


def test_a_sentence_can_be_written_into_a_document_and_kept() -> None:
    text = said("by %(who)s", who=said("nobody"))
    assert canonical_json.encode({"says": text}) == b'{"says":"by nobody"}'
    kept = pickle.loads(pickle.dumps(str(text)))  # noqa: S301 - what was just written
    assert kept == text
