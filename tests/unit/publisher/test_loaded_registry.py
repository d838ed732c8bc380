"""What loading gives stays as long as it is needed to say where something stands, and no longer."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from pluginry.encoding import strict_yaml
from pluginry.encoding.ledger_files import load_ledgers
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.publisher.quarantine import sound_registry
from registry_in_time import RegistryInTime

if TYPE_CHECKING:
    from pathlib import Path


class Watched(ParsedDocument):
    """A document of which it can be seen whether anybody still has it."""


def test_documents_are_let_go_when_they_are_judged(tmp_path: Path) -> None:
    time = RegistryInTime.at(tmp_path)
    read: list[weakref.ref[ParsedDocument]] = []

    def parse(data: bytes, *, file: str) -> ParsedDocument:
        found = strict_yaml.parse(data, file=file)
        document = Watched(file=file, value=found.value, findings=found.findings, marks=found.marks)
        read.append(weakref.ref(document))
        return document

    sound = sound_registry(time.folder, ledgers=load_ledgers(time.ledgers), history=time.history, parse=parse)
    assert len(sound.registry.plugins) == 3
    assert read
    assert [kept for document in read if (kept := document())] == [], "they take more room than what they say"
