"""hypothesis strategies for every model: any value that the types allow, made from the type hints themselves."""

from __future__ import annotations

import dataclasses
import string
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from pluginry.model.access import Access
from pluginry.model.advisory import RangeEvent, RevokedSigner
from pluginry.model.digest import Digest
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.receipt import ClientPolicy
from pluginry.model.versions import Version, VersionRange

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBERS = st.integers(0, 10**9 - 1)
WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))]
)
NAMES = (
    st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=40)
    .map(lambda text: text.strip("-") or "0")  # whatever is a name already stays as it is
    .filter(lambda text: text not in WINDOWS_DEVICES)
    .map(Name)
)
PLUGIN_IDS = st.builds(PluginId, NAMES, NAMES)
PLATFORMS = st.sampled_from(["any", "linux-x86_64", "macos-aarch64", "windows-x86"]).map(Platform)
DIGESTS = st.binary(max_size=4).map(Digest.of)
PRERELEASES = st.none() | st.tuples(st.sampled_from(["alpha", "beta", "rc"]), NUMBERS)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))


def versions(numbers: st.SearchStrategy[int] = NUMBERS) -> st.SearchStrategy[Version]:
    """Return versions with such `numbers`."""

    def version(parts: tuple[int, int, int, tuple[str, int] | None]) -> Version:
        *three, prerelease = parts
        text = ".".join(map(str, three))
        return Version(f"{text}-{prerelease[0]}.{prerelease[1]}" if prerelease else text)

    return st.tuples(numbers, numbers, numbers, PRERELEASES).map(version)


def ranges() -> st.SearchStrategy[VersionRange]:
    """Return spans of versions: all of them, or up to three comparators."""
    comparators = st.tuples(st.sampled_from([">=", "<=", "==", "!=", ">", "<"]), versions()).map(
        lambda comparator: f"{comparator[0]}{comparator[1]}"
    )
    return (st.just("*") | st.lists(comparators, min_size=1, max_size=3).map(",".join)).map(VersionRange)


def range_events() -> st.SearchStrategy[RangeEvent]:
    texts = versions().map(str)
    return st.one_of(
        st.builds(RangeEvent, introduced=texts | st.just("0")),
        st.builds(RangeEvent, fixed=texts),
        st.builds(RangeEvent, last_affected=texts),
        st.just(RangeEvent()),
    )


def revoked_signers() -> st.SearchStrategy[RevokedSigner]:
    ids, times = TEXT.filter(bool), st.none() | MOMENTS
    return st.one_of(
        st.builds(RevokedSigner, issuer=TEXT, owner_id=ids, repository_id=TEXT, after=times, before=times),
        st.builds(RevokedSigner, issuer=TEXT, repository_id=ids, after=times, before=times),
    )


def accesses() -> st.SearchStrategy[Access]:
    """Return how places may be reached."""
    certificates = st.just(("", "")) | st.tuples(TEXT.filter(bool), TEXT)
    return st.builds(
        lambda credential, certificate, ca_file, proxy: Access(
            credential=credential,
            client_certificate=certificate[0],
            client_key=certificate[1],
            ca_file=ca_file,
            proxy=proxy,
        ),
        st.sampled_from(["", "netrc", "env:TOKEN", "file:token.txt", "command:keyring get a b"]),
        certificates,
        TEXT,
        st.sampled_from(["", "direct", "env:PROXY", "http://proxy.test:3128"]),
    )


_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(1 - 2**53, 2**53 - 1),
    bool: st.booleans(),
    datetime: MOMENTS,
    Name: NAMES,
    Platform: PLATFORMS,
    PluginId: PLUGIN_IDS,
    Digest: DIGESTS,
    Version: versions(),
    VersionRange: ranges(),
    Access: accesses(),
    RangeEvent: range_events(),
    RevokedSigner: revoked_signers(),
}
_NARROWER: dict[tuple[type, str], st.SearchStrategy[Any]] = {
    (ClientPolicy, days): st.integers(0, 36_525)
    for days in ("warn_after_days", "max_stale_days", "minimum_release_age_days")
}
"""Fields of models that do not take all that their type allows."""


def anything_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for values of the type `kind`: a model, or the type of one of its fields."""
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if typing.get_origin(kind):
        return _collection(typing.get_origin(kind), typing.get_args(kind))
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = typing.get_type_hints(kind)
    fields = {f.name: _of_field(kind, f, hints[f.name]) for f in dataclasses.fields(kind)}
    return st.builds(kind, **fields)


def _of_field(model: type, field: dataclasses.Field[Any], kind: Any) -> st.SearchStrategy[Any]:
    if field.name == "event":  # the tag that tells events of the ledger apart is not free
        return st.just(field.default)
    return _NARROWER[model, field.name] if (model, field.name) in _NARROWER else anything_of(kind)


def _collection(origin: Any, arguments: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*(st.none() if option is types.NoneType else anything_of(option) for option in arguments))
    if origin is Mapping:
        return st.dictionaries(anything_of(arguments[0]), anything_of(arguments[1]), max_size=2)
    if arguments[-1] is Ellipsis:
        return st.lists(anything_of(arguments[0]), max_size=2).map(tuple)
    return st.tuples(*map(anything_of, arguments))
