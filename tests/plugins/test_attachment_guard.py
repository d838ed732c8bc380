from __future__ import annotations

import base64
import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

PLUGIN = "mairust/attachment-guard"
STABLE = "1.1.0"
BETA = "1.2.0-beta.1"
GUARD = load(PLUGIN, STABLE)


@pytest.fixture(params=[STABLE, BETA])
def module(request: pytest.FixtureRequest) -> ModuleType:
    return load(PLUGIN, request.param)


def start(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "name", ["holiday.jpg", "report.pdf", "README", "notes.txt", "exe", "a.exe.txt", "Übersicht.xlsx"]
)
def test_documents_are_delivered(module: ModuleType, tmp_path: Path, name: str) -> None:
    answer = module.Plugin({}, str(tmp_path)).inspect(attachments=[{"name": name}])
    assert answer == {"verdict": "deliver", "reasons": []}


@pytest.mark.parametrize(
    "name",
    [
        "setup.exe",
        "SETUP.EXE",
        "setup.exe.",
        "setup.exe. . ",
        "setup.ex\u200be",
        "setup.\uff45xe",
        "run.ps1",
        "a.b.scr",
    ],
)
def test_programs_are_quarantined_whatever_they_call_themselves(module: ModuleType, tmp_path: Path, name: str) -> None:
    answer = module.Plugin({}, str(tmp_path)).inspect(attachments=[{"name": "a.txt"}, {"name": name}])
    assert answer["verdict"] == "quarantine"
    assert "is a program" in answer["reasons"][0]


def test_a_program_that_poses_as_a_document_is_told_apart(module: ModuleType, tmp_path: Path) -> None:
    answer = module.Plugin({}, str(tmp_path)).inspect(attachments=[{"name": "Invoice.pdf.scr"}])
    assert answer["reasons"] == [
        "invoice.pdf.scr is a program (scr)",
        "invoice.pdf.scr poses as a document (pdf)",
    ]


def test_a_name_that_is_read_backwards_is_quarantined(module: ModuleType, tmp_path: Path) -> None:
    answer = module.Plugin({}, str(tmp_path)).inspect(attachments=[{"name": "photo_\u202egnp.txt"}])
    assert answer["reasons"] == ["the name of photo_gnp.txt is written to be read backwards"]


@pytest.mark.parametrize(
    ("content", "what"), [(b"MZ\x90\0", "Windows program"), (b"\x7fELF", "Linux program"), (b"#!/bin/sh", "script")]
)
def test_a_program_behind_the_name_of_a_document_is_quarantined(
    module: ModuleType, tmp_path: Path, content: bytes, what: str
) -> None:
    plugin = module.Plugin({}, str(tmp_path))
    answer = plugin.inspect(attachments=[{"name": "report.pdf", "start": start(content)}])
    assert what in answer["reasons"][0]
    assert plugin.inspect(attachments=[{"name": "data.bin", "start": start(content)}])["verdict"] == "deliver"


def test_a_content_that_cannot_be_read_is_not_delivered(module: ModuleType, tmp_path: Path) -> None:
    answer = module.Plugin({}, str(tmp_path)).inspect(attachments=[{"name": "report.pdf", "start": "!!!"}])
    assert answer == {"verdict": "quarantine", "reasons": ["the content of report.pdf cannot be read"]}


def test_more_kinds_of_files_can_be_refused(module: ModuleType, tmp_path: Path) -> None:
    plugin = module.Plugin({"more_extensions": ["DOCM"]}, str(tmp_path))
    assert plugin.inspect(attachments=[{"name": "macro.docm"}])["verdict"] == "quarantine"


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=20), st.text(". ", max_size=5))
def test_dots_and_spaces_at_the_end_hide_nothing(stem: str, tail: str) -> None:
    reasons = list(GUARD.name_reasons(f"{stem}.exe{tail}", frozenset({"exe"})))
    assert any("is a program" in reason for reason in reasons)


def an_archive(*names: str) -> str:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name in names:
            archive.writestr(name, b"content")
    return start(memory.getvalue())


def test_the_beta_looks_into_archives(tmp_path: Path) -> None:
    plugin = load(PLUGIN, BETA).Plugin({}, str(tmp_path))
    fine = {"name": "photos.zip", "content": an_archive("a.jpg", "b/c.png")}
    assert plugin.inspect(attachments=[fine])["verdict"] == "deliver"
    hidden = {"name": "photos.zip", "content": an_archive("a.jpg", "b/c.png.exe")}
    assert plugin.inspect(attachments=[hidden])["reasons"] == [
        "in photos.zip: c.png.exe is a program (exe)",
        "in photos.zip: c.png.exe poses as a document (png)",
    ]


def test_the_beta_does_not_believe_that_everything_is_an_archive(tmp_path: Path) -> None:
    plugin = load(PLUGIN, BETA).Plugin({}, str(tmp_path))
    broken = {"name": "photos.zip", "content": start(b"not an archive")}
    assert plugin.inspect(attachments=[broken])["reasons"] == ["photos.zip is not the archive that it says it is"]


def test_the_beta_quarantines_archives_with_a_password(tmp_path: Path) -> None:
    archive = bytearray(base64.b64decode(an_archive("a.jpg")))
    central = archive.index(b"PK\x01\x02")
    archive[central + 8] |= 1  # the flag of a member that is encrypted
    plugin = load(PLUGIN, BETA).Plugin({}, str(tmp_path))
    answer = plugin.inspect(attachments=[{"name": "secret.zip", "content": start(bytes(archive))}])
    assert answer["reasons"] == ["secret.zip hides a.jpg behind a password"]


@pytest.mark.parametrize("name", ["setup.exe.", "setup.exe ", "setup.ex\u200be"])
def test_the_advisory_is_true_of_the_first_version_and_of_no_other(tmp_path: Path, name: str) -> None:
    affected = load(PLUGIN, "1.0.0").Plugin({}, str(tmp_path))
    assert affected.inspect(attachments=[{"name": "setup.exe"}])["verdict"] == "quarantine"
    assert affected.inspect(attachments=[{"name": name}])["verdict"] == "deliver"
    for fixed in (STABLE, BETA):
        assert (
            load(PLUGIN, fixed).Plugin({}, str(tmp_path)).inspect(attachments=[{"name": name}])["verdict"]
            == "quarantine"
        )
