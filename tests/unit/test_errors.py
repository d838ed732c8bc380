from __future__ import annotations

import inspect

import pytest

from pluginry import errors
from pluginry.errors import (
    ArchiveError,
    AuthError,
    BusyError,
    ConsentNeededError,
    DocumentError,
    NotFoundError,
    PluginryError,
    PolicyError,
    ResolutionError,
    TransportError,
    TrustError,
    UsageError,
)

FAMILIES = {
    DocumentError: 1,
    UsageError: 2,
    TransportError: 3,
    AuthError: 4,
    TrustError: 5,
    PolicyError: 6,
    NotFoundError: 7,
    ResolutionError: 8,
    BusyError: 9,
}


EVERY_ERROR = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, PluginryError) and kind is not PluginryError
]


@pytest.mark.parametrize(("family", "status"), FAMILIES.items())
def test_a_family_has_its_exit_status(family: type[PluginryError], status: int) -> None:
    assert family.exit_status == status


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_ends_as_its_family_does(kind: type[PluginryError]) -> None:
    families = [family for family in FAMILIES if issubclass(kind, family)]
    assert len(families) == 1
    assert kind.exit_status == FAMILIES[families[0]]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in EVERY_ERROR]
    assert sorted(set(codes)) == sorted(codes)
    assert errors.NEEDS_REVIEW_EXIT_STATUS not in FAMILIES.values()


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_says_what_it_does(kind: type[PluginryError]) -> None:
    assert kind.__doc__


def test_a_sentence_is_made_of_place_event_and_reason() -> None:
    assert str(PluginryError("it broke")) == "it broke"
    assert str(PluginryError("it broke", why="too old")) == "it broke: too old"
    assert str(PluginryError("it broke", where="a/b", why="too old", hint="mend it")) == "a/b: it broke: too old"


def test_an_error_keeps_what_it_was_told() -> None:
    error = PluginryError("what", where="where", why="why", hint="hint")
    assert (error.what, error.where, error.why, error.hint) == ("what", "where", "why", "hint")


@pytest.mark.parametrize("kind", [errors.TransportError, errors.ObjectMissingError, errors.TamperedError])
def test_who_meets_trouble_on_the_other_side_is_always_told_what_to_do(kind: type[PluginryError]) -> None:
    assert kind("it broke").hint == kind.advice != ""
    assert kind("it broke", hint="mend it").hint == "mend it"


@pytest.mark.parametrize(
    ("error", "details"),
    [
        (ArchiveError("archive.bomb", "too large", where="x.zip"), {"rule": "archive.bomb"}),
        (ConsentNeededError("say yes", ("network:*",)), {"permissions": ("network:*",)}),
        (ResolutionError("no way", ("a needs b", "b is gone")), {"reasons": ("a needs b", "b is gone")}),
    ],
)
def test_an_error_names_what_else_it_tells_programs(error: PluginryError, details: dict[str, object]) -> None:
    assert {name: getattr(error, name) for name in error.details} == details


def test_the_reasons_of_a_resolution_are_a_chain() -> None:
    assert str(ResolutionError("no way", ("a needs b", "b is gone"))) == "no way: a needs b; b is gone"
