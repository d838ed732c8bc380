from __future__ import annotations

from typing import TYPE_CHECKING

from builders import LEFT_OUT, SPAM, a_review
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

FILE = f"{SPAM}/reviews/303.yaml"


def test_a_review_is_about_a_release_that_exists(tmp_path: Path) -> None:
    assert_found(
        tmp_path, {FILE: a_review(version="1.0.1")}, ("reviews.unknown-version", At(FILE, "1.0.1"), "no release 1.0.1")
    )


def test_nobody_reviews_their_own_plugin(tmp_path: Path) -> None:
    own = f"{SPAM}/reviews/101.yaml"
    assert_found(
        tmp_path,
        {FILE: LEFT_OUT, own: a_review(author={"login": "anna", "id": 101})},
        ("reviews.own-plugin", At(own, "author"), "delete the review"),
    )


def test_a_review_is_called_after_its_author(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {FILE: a_review(author={"login": "rita", "id": 304})},
        ("layout.name-mismatch", At(FILE, "304"), "by its place this is '303', but here stands 304"),
    )
