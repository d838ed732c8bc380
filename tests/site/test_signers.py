"""Whose signatures count no more, and what that hits: on the pages where people look for what is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from catalogues import EPOCH, POLICY, SIGNER, APlugin, ARelease, a_catalogue, a_listing, an_advisory, as_files
from developers import ANN, BOB
from html_reader import read_page
from pluginry.model.advisory import Action, Directive, RevokedSigner
from pluginry.model.names import PluginId
from pluginry.model.quarantine import Fault, Quarantined
from pluginry.model.versions import Version
from pluginry.publisher.site import CatalogueInput, site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.advisory import Advisory

RUN = "https://github.com/example/registry/actions/runs/77"
FILTER, CLOCK = "acme/spam-filter", "other/clock"


def everything_of_ann_since_day(day: int, **changed: object) -> Advisory:
    signer = RevokedSigner(issuer=ANN.issuer, owner_id=ANN.owner_id, after=EPOCH + timedelta(days=day))
    directive = Directive(action=Action.DISABLE, signers=(signer,))
    fields = {"affected": (), "summary": "Ann's account was stolen", "database_specific": directive, **changed}
    return an_advisory(**fields)


def a_stolen_account(**advisory: object) -> CatalogueInput:
    """Return a catalogue in which Ann's account was stolen after her first release."""
    return a_catalogue(
        [
            APlugin(listing=a_listing(publisher=ANN), releases=(ARelease(), ARelease(version="1.1.0", day=9))),
            APlugin(id=CLOCK, listing=a_listing(publisher=BOB), releases=(ARelease(day=9),)),
        ],
        advisories=(everything_of_ann_since_day(5, **advisory),),
    )


def text_of(files: Mapping[str, bytes], key: str) -> str:
    return " ".join(read_page(files[key]).all("main")[0].text.split())


@pytest.fixture(scope="module")
def stolen() -> Mapping[str, bytes]:
    return as_files(site(a_stolen_account()))


def test_the_advisory_says_who_since_when_and_which_releases(stolen: Mapping[str, bytes]) -> None:
    page = text_of(stolen, "advisories/PLG-2026-0001/index.html")
    assert f"Everything that was published by owner 10 at {ANN.issuer} since 2026-01-10 09:30 UTC" in page
    assert "Spam Filter acme/spam-filter: everything of a signer named above Of the published releases: 1.1.0" in page
    assert "clock" not in page
    overview = text_of(stolen, "advisories/index.html")
    assert f"everything by owner 10 at {ANN.issuer} since 2026-01-10 09:30 UTC · hits 1 plugin besides" in overview


def test_releases_that_are_hit_are_marked_like_those_of_a_hit_version(stolen: Mapping[str, bytes]) -> None:
    page = text_of(stolen, f"plugins/{FILTER}/index.html")
    assert "1.1.0 14 Jan 2026 PLG-2026-0001" in page
    assert "It was published by owner 10" in page
    assert "Revoked PLG-2026-0001" in text_of(stolen, f"plugins/{FILTER}/1.1.0/index.html")
    assert "PLG-2026-0001" not in text_of(stolen, f"plugins/{FILTER}/1.0.0/index.html")
    assert "PLG-2026-0001" not in text_of(stolen, f"plugins/{CLOCK}/index.html")
    assert "advisory" in text_of(stolen, "all/index.html")


def test_the_index_counts_it_among_the_plugins_advisories() -> None:
    given = a_stolen_account()
    assert {str(one.id): one.advisories for one in given.summaries.values()} == {
        FILTER: ("PLG-2026-0001",),
        CLOCK: (),
    }
    lifted = a_stolen_account(withdrawn=EPOCH + timedelta(days=60))
    assert all(one.advisories == () for one in lifted.summaries.values())
    assert "1.1.0 14 Jan 2026 PLG" not in text_of(as_files(site(lifted)), f"plugins/{FILTER}/index.html")


def test_a_page_names_the_signers_their_limits_and_what_is_not_offered() -> None:
    ended = replace(SIGNER, not_after=EPOCH, deny_runs=(RUN,))
    refused = Quarantined(
        id=PluginId.parse(FILTER),
        version=Version("1.2.0"),
        kind=Fault.INFRASTRUCTURE,
        reason=f"it was signed by a run that is denied: {RUN}",
    )
    policy = replace(POLICY, registry_identities=(ended,))
    files = as_files(site(replace(a_stolen_account(), policy=policy, refused=(refused,))))
    page = text_of(files, "signers/index.html")
    assert f"{SIGNER.san} Issuer {SIGNER.issuer}, for publish, index." in page
    assert "What it signed after 2026-01-05 09:30 UTC does not count." in page
    assert f"What its run {RUN} signed does not count." in page
    assert f"Spam Filter acme/spam-filter 1.2.0 it was signed by a run that is denied: {RUN}" in page
    assert "Everything that was published by owner 10" in page
    assert f"1.2.0 is not offered. it was signed by a run that is denied: {RUN}" in text_of(
        files, f"plugins/{FILTER}/index.html"
    )
    assert "is not offered" not in text_of(files, f"plugins/{CLOCK}/index.html")


def test_where_nothing_happened_the_page_says_so() -> None:
    files = as_files(site(a_catalogue([], policy=replace(POLICY, registry_identities=()))))
    page = text_of(files, "signers/index.html")
    assert "Nobody's: this marketplace signs no releases." in page
    assert "No release." in page
    links = [address for _, address in read_page(files["advisories/index.html"]).addresses()]
    assert "../signers/index.html" in links
