"""Pull requests of people who mean well: what merges by itself, what waits and for whom, and what the report shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from builders import CACHE, LEFT_OUT, PANEL, SPAM, a_listing, a_panel_listing, a_release, a_reserved, a_wheel
from pluginry.cli.check import RULES
from pluginry.contribution.rules.packages import NOT_SEEN
from pluginry.errors import TransportError
from pluginry.model.decision import Waiting
from pluginry.model.finding import Verdict
from pluginry.model.manifest import Permission
from pluginry.model.names import PluginId
from pluginry.model.versions import VersionRange
from pull_requests import ANNA, MALLORY, ROSA, ZOE, Forge, rules_of

if TYPE_CHECKING:
    from pathlib import Path

NEW = f"{SPAM}/releases/1.2.0.yaml"


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge.with_registry(tmp_path)


def test_a_release_by_its_owner_merges_by_itself(forge: Forge) -> None:
    decision = forge.opened({NEW: forge.release("1.2.0")})
    assert (decision.verdict, decision.tier, decision.merges) == (Verdict.PASS, 0, True)
    assert decision.waiting_for is Waiting.NOBODY
    assert decision.reasons == ()
    assert decision.plugins == (PluginId.parse("acme/spam-filter"),)


def test_a_decision_is_about_one_commit(forge: Forge) -> None:
    head = forge.branch({NEW: forge.release("1.2.0")})
    decision = forge.judged(head)
    assert (decision.base, decision.head) == (forge.main, head)


def test_texts_and_pictures_of_a_listing_are_the_owners_own_matter(forge: Forge) -> None:
    changes = {f"{SPAM}/listing.yaml": a_listing(summary="Other words.", tags=["mail"]), f"{SPAM}/README.md": "# New\n"}
    assert forge.opened(changes).merges


def test_an_owner_who_takes_a_bad_release_back_waits_for_nobody(forge: Forge) -> None:
    yanked = forge.release("1.1.0").replace("channel: stable", "channel: stable\nyanked: It loses mail.")
    decision = forge.opened({f"{SPAM}/releases/1.1.0.yaml": yanked})
    assert decision.merges
    assert "releases.newest-yanked" in rules_of(decision)


def test_taking_back_what_others_need_is_noticed(forge: Forge) -> None:
    yanked = a_release("1.0.0", artifacts=[a_wheel()], yanked="It answers wrongly.")
    decision = forge.opened({f"{CACHE}/releases/1.0.0.yaml": yanked})
    assert decision.verdict is Verdict.REFUSED
    assert "dependencies.no-release" in rules_of(decision)


def test_a_release_by_somebody_else_waits_for_an_owner(forge: Forge) -> None:
    head = forge.branch({NEW: forge.release("1.2.0")})
    waiting = forge.judged(head, author=MALLORY)
    assert (waiting.verdict, waiting.tier, waiting.waiting_for) == (Verdict.NEEDS_REVIEW, 1, Waiting.OWNERS)
    assert rules_of(waiting) == {"ownership.stranger"}
    agreed = forge.judged(head, author=MALLORY, approved_by=[ANNA])
    assert (agreed.verdict, agreed.tier, agreed.merges) == (Verdict.PASS, 1, False)


def test_the_approval_of_an_owner_of_another_plugin_does_not_count(forge: Forge) -> None:
    decision = forge.opened({NEW: forge.release("1.2.0")}, author=MALLORY, approved_by=[ZOE])
    assert decision.waiting_for is Waiting.OWNERS


def test_without_an_author_nothing_merges(forge: Forge) -> None:
    decision = forge.opened({NEW: forge.release("1.2.0")}, author=None)
    assert decision.verdict is Verdict.NEEDS_REVIEW
    assert "ownership.unknown-author" in rules_of(decision)


def test_what_the_only_owner_cannot_agree_to_alone_waits_for_a_reviewer(forge: Forge) -> None:
    decision = forge.opened({f"{SPAM}/listing.yaml": a_listing(license="MIT")})
    assert (decision.tier, decision.waiting_for) == (1, Waiting.REVIEWERS)
    assert forge.opened({f"{SPAM}/listing.yaml": a_listing(license="MIT")}, approved_by=[ROSA]).verdict is Verdict.PASS


def test_a_new_plugin_needs_one_look(forge: Forge) -> None:
    folder = "plugins/acme/mail-log"
    changes = {
        f"{folder}/listing.yaml": a_listing(
            name="Mail Log", aliases=LEFT_OUT, screenshots=LEFT_OUT, related=LEFT_OUT, publisher=LEFT_OUT
        ),
        f"{folder}/README.md": "# Log\n",
        f"{folder}/releases/1.0.0.yaml": a_release(
            "1.0.0",
            artifacts=[
                forge.internet.artifact(
                    "https://acme.example/releases/mail-log-1.0.0.zip", id=PluginId.parse("acme/mail-log")
                )
            ],
        ),
    }
    waiting = forge.opened(changes)
    assert rules_of(waiting) == {"entries.new-plugin"}
    assert waiting.waiting_for is Waiting.REVIEWERS
    looked_at = forge.opened(changes, approved_by=[ROSA])
    assert (looked_at.verdict, looked_at.merges) == (Verdict.PASS, False)


@pytest.mark.parametrize(
    ("changes", "rule", "tier"),
    [
        (
            {"permissions": (Permission(type="network", scope="a.example:443", reason="Looks up"),)},
            "published.permission",
            2,
        ),
        ({"dependencies": {PluginId.parse("acme/dns-cache"): VersionRange(">=1")}}, "published.dependency", 1),
        ({"hosts": {"mail": VersionRange(">=0.4,<3")}}, "published.compatibility", 1),
        (
            {"files": {"spam_filter.py": b"import socket\nsocket.socket().connect(('a.example', 443))\n"}},
            "packages.access",
            2,
        ),
        ({"files": {"net.py": b"print 'Python 2'\n"}}, "packages.unread", 2),
        ({"files": {"net.zip": b"PK\x03\x04" + b"\0" * 100}}, "packages.unread", 2),
        ({"files": {"bin/tool": b"\x7fELF" + b"\0" * 100}}, "packages.program", 1),
        ({"files": {"LICENSE": b"All yours"}, "license_files": ("LICENSE",)}, "packages.licence", 1),
    ],
)
def test_what_a_package_brings_anew_is_seen_in_the_package(
    forge: Forge, changes: dict[str, Any], rule: str, tier: int
) -> None:
    decision = forge.opened({NEW: forge.release("1.2.0", **changes)})
    assert rule in rules_of(decision)
    assert decision.tier == tier
    assert decision.verdict is Verdict.NEEDS_REVIEW


def test_what_the_scan_could_not_read_before_needs_no_review_again(forge: Forge) -> None:
    old = {"old.py": b"print 'Python 2'\n", "data.zip": b"PK\x03\x04"}
    forge.merge(forge.branch({NEW: forge.release("1.2.0", old)}))
    assert forge.opened({f"{SPAM}/releases/1.3.0.yaml": forge.release("1.3.0", old)}).merges


def test_a_package_that_needs_what_is_not_there_is_refused(forge: Forge) -> None:
    release = forge.release("1.2.0", dependencies={PluginId.parse("acme/none"): VersionRange("*")})
    decision = forge.opened({NEW: release})
    assert decision.verdict is Verdict.REFUSED
    assert "packages.unknown-need" in rules_of(decision)


def test_a_package_of_another_plugin_is_refused(forge: Forge) -> None:
    decision = forge.opened({NEW: forge.release("1.2.0", id=PluginId.parse("acme/dns-cache"))})
    assert decision.verdict is Verdict.REFUSED
    assert [reason.rule for reason in decision.reasons] == ["packages.refused"]
    assert "pluginry-build" not in decision.reasons[0].message


def test_an_old_line_may_be_mended_when_somebody_else_agrees(tmp_path: Path) -> None:
    forge = Forge.with_registry(tmp_path, {"advisories/PLG-2026-0001.yaml": LEFT_OUT})
    forge.merge(forge.branch({f"{SPAM}/releases/1.3.0.yaml": forge.release("1.3.0")}))
    decision = forge.opened({NEW: forge.release("1.2.0")})
    assert rules_of(decision) == {"published.not-newer"}
    assert decision.tier == 1


def test_a_release_that_an_advisory_warns_of_waits(forge: Forge) -> None:
    decision = forge.opened({f"{SPAM}/releases/1.0.1.yaml": forge.release("1.0.1")})
    assert "security.affected-release" in rules_of(decision)
    assert decision.waiting_for is Waiting.REVIEWERS


def test_a_package_that_nobody_looked_into_waits(forge: Forge) -> None:
    decision = forge.opened({NEW: forge.release("1.2.0")}, desk=None)
    assert rules_of(decision) == {NOT_SEEN.id}


def test_a_network_that_fails_is_no_verdict(forge: Forge) -> None:
    head = forge.branch({NEW: forge.release("1.2.0")})
    forge.internet.is_down = True
    with pytest.raises(TransportError):
        forge.judged(head)


def test_what_was_wrong_before_is_not_held_against_the_author(tmp_path: Path) -> None:
    forge = Forge.with_registry(tmp_path, {f"{PANEL}/README.md": LEFT_OUT, "hosts/panel.yaml": "a: ["})
    assert forge.opened({NEW: forge.release("1.2.0")}).merges


def test_the_whole_registry_is_looked_at_when_asked(forge: Forge) -> None:
    assert forge.opened({NEW: forge.release("1.2.0")}, whole=True).merges


def test_the_report_shows_what_is_different(forge: Forge) -> None:
    release = forge.release("1.2.0", files={"spam_filter.py": b"import os\n````\n@anna\n", "extra.py": b"pass\n"})
    judgement = forge.judgement(forge.branch({NEW: release}))
    (difference,) = judgement.differences
    assert "| files | <code>2</code> | <code>3</code> |" in difference
    assert "+import os" in difference
    assert "`````diff" in difference
    assert "added <code>extra.py</code>" in difference


def test_every_reason_is_explained(forge: Forge) -> None:
    decision = forge.opened({f"{SPAM}/listing.yaml": a_listing(owners=[{"login": "m", "id": 6}])}, author=MALLORY)
    assert rules_of(decision) <= RULES.keys()


def test_an_owner_may_ask_to_bury_a_plugin_and_a_reviewer_agrees(forge: Forge) -> None:
    grave = {"id": "zenith/disk-panel", "reason": "Nobody looks after it.", "removed_at": "2026-05-01T00:00:00Z"}
    old = {"id": "acme/old-thing", "reason": "abandoned", "removed_at": "2026-01-01T00:00:00Z"}
    changes = {
        f"{PANEL}/listing.yaml": a_panel_listing(status="removed", reason="Nobody looks after it."),
        "reserved.yaml": a_reserved(tombstones=[old, grave]),
    }
    waiting = forge.opened(changes, author=ZOE)
    assert rules_of(waiting) == {"entries.status"}
    assert waiting.waiting_for is Waiting.REVIEWERS
    assert forge.opened(changes, author=MALLORY).verdict is Verdict.REFUSED


def test_nobody_digs_a_grave_for_a_plugin_that_lives(forge: Forge) -> None:
    old = {"id": "acme/old-thing", "reason": "abandoned", "removed_at": "2026-01-01T00:00:00Z"}
    grave = {"id": "acme/dns-cache", "reason": "Mine now.", "removed_at": "2026-05-01T00:00:00Z"}
    decision = forge.opened({"reserved.yaml": a_reserved(tombstones=[old, grave])}, author=ZOE)
    assert decision.verdict is Verdict.REFUSED
    assert "changes.protected" in rules_of(decision)
