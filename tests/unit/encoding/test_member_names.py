"""Names of members: one meaning on every system, alone and side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_names import HOSTILE_NAMES, HOSTILE_PAIRS
from pluginry.encoding.member_names import TakenNames, check_member_name, check_package_name
from pluginry.errors import ArchiveError

HOSTILE_TEXTS = [(rule, name) for rule, names in HOSTILE_NAMES for name in names if isinstance(name, str)]


@pytest.mark.parametrize(("rule", "name"), HOSTILE_TEXTS, ids=lambda value: ascii(value)[:50])
def test_a_bad_name_is_refused_by_its_rule(rule: str, name: str) -> None:
    with pytest.raises(ArchiveError) as refused:
        check_package_name(name.removesuffix("/"))
    assert refused.value.rule == rule
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "plugin.json",
        "docs/receipt.json",
        "receipt.json5",
        "src/main.py",
        ".hidden",
        "a b/c d.txt",
        " leading",
        "caf\u00e9/\u65e5\u672c\u8a9e.txt",
        "\U0001f600.png",
        "console.log",
        "com10",
        "nul-terminated",
        "a.con",
        "..a",
        "a..b",
        "~",
        "-rf",
        "$HOME",
        "n" * 255,
        "\u00e9" * 127,
        "/".join(["n" * 127] * 4),
        "/".join("d" * 32),
    ],
)
def test_a_plain_name_is_accepted(name: str) -> None:
    check_package_name(name)


def test_a_name_of_a_broken_file_system_is_refused() -> None:
    with pytest.raises(ArchiveError) as refused:
        check_member_name(b"caf\xe9".decode(errors="surrogateescape"))
    assert refused.value.rule == "archive.name-unprintable"


@given(st.text(max_size=30) | st.text(alphabet="a./\\ :~\0", max_size=12))
def test_an_accepted_name_stays_below_its_folder(name: str) -> None:
    try:
        check_member_name(name)
    except ArchiveError:
        return
    assert name
    assert "\\" not in name
    assert not {"", ".", ".."} & set(name.split("/"))


@pytest.mark.parametrize(
    ("rule", "pair"),
    [(rule, pair) for rule, pairs in HOSTILE_PAIRS for pair in pairs],
    ids=ascii,
)
def test_names_that_cannot_stand_side_by_side_are_refused(rule: str, pair: tuple[str, str]) -> None:
    taken = TakenNames()
    taken.add("plugin.json", is_directory=False)
    first, second = pair
    taken.add(first.removesuffix("/"), is_directory=first.endswith("/"))
    with pytest.raises(ArchiveError) as refused:
        taken.add(second.removesuffix("/"), is_directory=second.endswith("/"))
    assert refused.value.rule == rule


def test_folders_may_be_listed_before_or_behind_their_files() -> None:
    taken = TakenNames()
    for name in ("a/", "a/b/x", "a/b/", "c/d/y", "c/", "c/d/z"):
        taken.add(name.removesuffix("/"), is_directory=name.endswith("/"))
    assert taken.has_file("a/b/x")
    assert not taken.has_file("a/b")
    assert not taken.has_file("A/b/x")
    assert not taken.has_file("e")
