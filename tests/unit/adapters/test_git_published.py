"""Whether a repository publishes a commit: tips, what leads to them, and what only lies about, as forks' commits do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import LEFT_OUT
from pluginry.adapters.git_published import GitPublished
from pluginry.errors import TransportError
from pull_requests import Forge, Internet

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = GitPublished(unsafe_allow_file_protocol=True)


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    forge = Forge.with_registry(tmp_path)
    forge.git("config", "uploadpack.allowFilter", "true")
    forge.git("config", "uploadpack.allowAnySHA1InWant", "true")  # as forges do
    return forge


def test_the_tip_of_a_branch_is_published(forge: Forge) -> None:
    assert LOCAL.publishes(forge.folder.as_uri(), forge.main)


def test_what_leads_to_a_branch_is_published(forge: Forge) -> None:
    first = forge.main
    forge.branch({"/x": "1"})
    forge.git("update-ref", "-d", "refs/heads/made-0")
    assert LOCAL.publishes(forge.folder.as_uri(), first)


def test_what_only_an_annotated_tag_holds_is_published(forge: Forge) -> None:
    head = forge.branch({"/x": LEFT_OUT, "/y": "1"})
    forge.git("-c", "user.name=x", "-c", "user.email=x@x", "tag", "-a", "v1", "-m", "v1", head)
    forge.git("update-ref", "-d", forge.made[-1])
    assert LOCAL.publishes(forge.folder.as_uri(), head)


def test_a_commit_that_only_lies_about_is_not_published(forge: Forge) -> None:
    fork = forge.branch({"/x": "1"})
    forge.git("update-ref", "refs/pull/1/head", fork)
    forge.git("update-ref", "-d", forge.made[-1])
    assert forge.git("cat-file", "-t", fork) == b"commit\n"
    assert not LOCAL.publishes(forge.folder.as_uri(), fork)


def test_a_commit_that_is_nowhere_is_not_published(forge: Forge) -> None:
    assert not LOCAL.publishes(forge.folder.as_uri(), "ab" * 20)


@pytest.mark.parametrize("commit", ["main", "", "-h", "AB" * 20, "ab" * 19, "--all"])
def test_only_full_ids_are_asked_for(forge: Forge, commit: str) -> None:
    assert not LOCAL.publishes(forge.folder.as_uri(), commit)


def test_a_repository_that_is_not_there_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(TransportError):
        LOCAL.publishes((tmp_path / "none").as_uri(), "ab" * 20)


@pytest.mark.parametrize("address", ["file:///x", "ssh://host/x", "ext::sh -c x", "http://host/x", "git://host/x"])
def test_only_https_is_spoken(address: str) -> None:
    with pytest.raises(TransportError):
        GitPublished().publishes(address, "ab" * 20)


def test_the_fake_of_other_tests_answers_alike(forge: Forge) -> None:
    address, none = forge.folder.as_uri(), "ab" * 20
    fake = Internet(commits={(address, forge.main)})
    for commit in (forge.main, none):
        assert fake.publishes(address, commit) is LOCAL.publishes(address, commit)
