"""``pluginry show`` when signatures count no more: who, since when, and which releases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf
from developers import ANN
from pluginry.model.advisory import Action, Directive, RevokedSigner

if TYPE_CHECKING:
    from pathlib import Path

RUN = "https://github.com/acme/registry/actions/runs/77"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Publish a plugin of Ann's, whose account was stolen before its second release."""
    shelf = Shelf.at(tmp_path)
    market = shelf.market
    market.release("acme/demo", "1.0.0")
    market.describe("acme/demo", publisher=ANN)
    market.now -= timedelta(hours=2)
    shelf.publish()
    market.now += timedelta(hours=2)
    market.release("acme/demo", "1.1.0")
    signer = RevokedSigner(issuer=ANN.issuer, owner_id=ANN.owner_id, after=market.now - timedelta(hours=1))
    market.advise("PLG-2026-0007", "acme/other", action=Action.DISABLE)
    market.advisories[0] = replace(
        market.advisories[0], affected=(), database_specific=Directive(action=Action.DISABLE, signers=(signer,))
    )
    (accepted,) = market.policy.registry_identities
    limited = replace(accepted, not_after=market.now + timedelta(days=1), deny_runs=(RUN,))
    market.policy = replace(market.policy, registry_identities=(limited,))
    shelf.publish()
    shelf.add()
    return shelf


def test_a_release_of_a_revoked_signer_is_told_with_the_signer(shelf: Shelf) -> None:
    shown = shelf.run("show", "acme/demo").out
    assert "ADVISORY PLG-2026-0007 (disable)" in shown
    assert "Revoked: PLG-2026-0007" in shown
    assert f"It was published by owner 10 at {ANN.issuer} since " in shown
    versions = {line.split()[0]: line.split()[3:] for line in shown[shown.index("VERSION") :].splitlines()[1:]}
    assert versions == {"1.1.0": ["PLG-2026-0007"], "1.0.0": []}
    data = shelf.run("show", "acme/demo", "--json").data
    assert data["release"]["advisories"] == ["PLG-2026-0007"]
    assert [one["id"] for one in data["advisories"]] == ["PLG-2026-0007"]


def test_an_earlier_release_of_theirs_is_not_hit(shelf: Shelf) -> None:
    shown = shelf.run("show", "acme/demo@1.0.0", "--json").data
    assert shown["release"]["advisories"] == []
    assert "revoked" not in {one["word"] for one in shown["release"]["trust"]}


def test_what_of_the_registrys_signer_does_not_count_is_told(shelf: Shelf) -> None:
    shown = shelf.run("show", "acme/demo").out
    assert f"What its run {RUN} signed does not count." in shown
    assert "What it signed after " in shown
    (signer,) = shelf.run("show", "acme/demo", "--json").data["release"]["signers"]
    assert signer["deny_runs"] == [RUN]
