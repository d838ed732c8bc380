"""A key of a certificate authority or a log is stolen long after it was retired, and used once more."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

import simulator
from notary import lab
from pluginry.adapters import sigstore_verifier
from pluginry.errors import TamperedError
from simulated_client import a_client, install, versions_in
from victims import a_market

if TYPE_CHECKING:
    from pathlib import Path

ROLES = ("certificateAuthorities", "tlogs", "ctlogs")


@pytest.fixture(params=ROLES)
def retired(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Publish marketplaces whose trusted root says that keys of this role were retired in 2020."""
    root = json.loads(lab().trusted_root)
    for entry in root[request.param]:
        entry.get("publicKey", entry)["validFor"] = {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"}
    monkeypatch.setattr(simulator, "lab", lambda: SimpleNamespace(trusted_root=json.dumps(root).encode()))
    return str(request.param)


def test_a_signature_of_a_retired_key_is_refused(tmp_path: Path, retired: str) -> None:
    client = a_client(tmp_path, a_market())
    with pytest.raises(TamperedError, match="for the time of signing"):
        install(client, "acme/demo")
    assert versions_in(client) == {}, retired


def test_without_our_look_at_the_time_the_library_would_accept_it(
    tmp_path: Path, retired: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sigstore_verifier, "_covers", lambda *_: True)
    client = a_client(tmp_path, a_market())
    install(client, "acme/demo")
    assert versions_in(client) == {"acme/demo": "1.0.0"}, retired
