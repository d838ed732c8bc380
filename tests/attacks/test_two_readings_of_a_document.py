"""A document says the same key twice, or is nested without end: programs disagree about it, or fall over it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import yaml

from pluginry.adapters import tuf_client
from pluginry.encoding import strict_json, strict_yaml
from pluginry.errors import DocumentError, TamperedError
from pluginry.model.layout import TIMESTAMP_KEY
from simulated_client import a_client
from victims import a_market

if TYPE_CHECKING:
    from pathlib import Path

    from simulator import Simulator

RELEASE = b"version: 1.0.0\nsha256: aaaa\nsha256: bbbb\n"
ALIASES = b"a: &a [x, x]\nb: [*a, *a]\n"
DEEP = b"[" * 5_000 + b"]" * 5_000


def attacked() -> Simulator:
    """Return a marketplace whose timestamp has two versions; its signature covers only what a parser made of it."""
    market = a_market()
    body = market.objects[TIMESTAMP_KEY]
    market.objects[TIMESTAMP_KEY] = body.replace(b'"version":', b'"version":999,"version":', 1)
    return market


def test_signed_metadata_with_two_readings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TamperedError, match="not strict JSON"):
        a_client(tmp_path, attacked())


@pytest.mark.parametrize("document", [RELEASE, ALIASES])
def test_yaml_with_two_readings_is_a_finding(document: bytes, tmp_path: Path) -> None:
    assert strict_yaml.parse(document, file=tmp_path / "1.0.0.yaml").findings


def test_json_nested_without_end_is_refused() -> None:
    with pytest.raises(DocumentError):
        strict_json.parse(DEEP, what="manifest", max_bytes=1 << 20)


def test_without_the_strict_reader_a_signature_would_have_two_meanings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lenient = SimpleNamespace(parse=lambda data, **_: json.loads(data))
    monkeypatch.setattr(tuf_client, "strict_json", lenient)
    client = a_client(tmp_path, attacked())
    kept = (client.sources()[0].folder / "metadata" / "timestamp.json").read_bytes()
    assert b'"version":999' in kept
    assert json.loads(kept)["signed"]["version"] == 1


def test_without_the_strict_yaml_the_reviewer_and_the_build_would_see_different_digests() -> None:
    assert yaml.safe_load(RELEASE)["sha256"] == "bbbb"
    assert yaml.safe_load(ALIASES)["b"] == [["x", "x"]] * 2
