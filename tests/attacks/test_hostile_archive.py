"""A package, validly signed, is built to be read in two ways, or to write outside of its folder.

The corpus of `hostile_zips` is refused archive by archive in ``unit/encoding/test_archive.py``.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from forged_zips import ForgedMember, forged_zip
from packages import package
from pluginry.client import install as installing
from pluginry.errors import TamperedError
from simulated_client import a_client, install
from victims import EVIL, FILE, GOOD, a_market, installed_file, manifest_of, offer_signed

if TYPE_CHECKING:
    from pathlib import Path

    from simulator import Simulator

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")  # what the standard library says of our forgery


def members_of(body: bytes) -> list[ForgedMember]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return [ForgedMember(name=one.filename.encode(), body=archive.read(one)) for one in archive.infolist()]


def two_readings(market: Simulator) -> bytes:
    """Return an archive in which one program finds the good file first and another the evil one last."""
    evil = package(manifest_of(market), {FILE: EVIL})
    return forged_zip(ForgedMember(name=FILE.encode(), body=GOOD), *members_of(evil))


def climbing(market: Simulator) -> bytes:
    """Return an archive with a file that climbs out of any folder it is unpacked to."""
    good = package(manifest_of(market), {FILE: GOOD})
    return forged_zip(*members_of(good), ForgedMember(name=b"../../../escaped.txt", body=EVIL))


class Lenient:
    """An archive as many programs read it: the last entry of a name wins, and names are paths."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self.archive = zipfile.ZipFile(stream)  # type: ignore[arg-type]  # any seekable stream does

    def read(self, name: str, *, max_bytes: int) -> bytes:
        return self.archive.read(name)[:max_bytes]


def unpack_leniently(archive: Lenient, folder: Path, **_: Any) -> None:
    for entry in archive.archive.infolist():
        path = folder / entry.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive.archive.read(entry.filename))


@pytest.mark.parametrize("hostile", [two_readings, climbing])
def test_an_archive_that_is_not_of_the_profile_is_refused(tmp_path: Path, hostile: Any) -> None:
    market = a_market()
    offer_signed(market, hostile(market))
    client = a_client(tmp_path, market)
    with pytest.raises(TamperedError, match="not a well-formed archive"):
        install(client, "acme/demo")
    assert installed_file(client) is None
    assert not [*tmp_path.rglob("escaped.txt")]


def test_without_the_strict_reader_one_of_two_readings_would_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "read_archive", Lenient)
    monkeypatch.setattr(installing, "extract", unpack_leniently)
    market = a_market()
    offer_signed(market, two_readings(market))
    client = a_client(tmp_path, market)
    install(client, "acme/demo")
    assert installed_file(client) == EVIL


def test_without_the_strict_reader_a_file_would_lie_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "read_archive", Lenient)
    monkeypatch.setattr(installing, "extract", unpack_leniently)
    market = a_market()
    offer_signed(market, climbing(market))
    install(a_client(tmp_path, market), "acme/demo")
    assert [path.read_bytes() for path in tmp_path.rglob("escaped.txt")] == [EVIL]
