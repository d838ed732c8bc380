"""Who is put into quarantine, for which findings, and what stands in the place of what is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from broken_registries import CACHE_ID, MASK, PANEL_ID, SPAM_ID, evil
from builders import (
    CACHE,
    LEFT_OUT,
    PANEL,
    SPAM,
    a_cache_listing,
    a_config,
    a_host,
    a_listing,
    a_manifest,
    a_panel_listing,
    a_registry,
    a_release,
    a_reserved,
    a_review,
    a_source_release,
    a_wheel,
    an_advisory,
    an_artifact,
)
from pluginry.errors import DocumentError
from pluginry.model.names import PluginId
from pluginry.model.quarantine import Fault
from pluginry.model.versions import Version
from registry_in_time import RegistryInTime

if TYPE_CHECKING:
    from pathlib import Path

LISTING, README = f"{SPAM}/listing.yaml", f"{SPAM}/README.md"
BROKEN = "a: ["


@pytest.fixture
def time(tmp_path: Path) -> RegistryInTime:
    return RegistryInTime.at(tmp_path)


class TestWhatIsBadByItself:
    def test_nothing_bad_is_nothing_changed(self, time: RegistryInTime) -> None:
        sound = time.sound()
        assert (sound.quarantined, sound.frozen, sound.tolerated) == ((), frozenset(), ())

    @pytest.mark.parametrize(
        "changes",
        [
            {LISTING: BROKEN},
            {LISTING: LEFT_OUT},
            {LISTING: a_listing(license="no such licence")},
            {LISTING: a_listing(hosts=["mial"])},
            {README: " \n"},
            {f"{SPAM}/icon.png": b"not a picture"},
            {f"{SPAM}/notes.txt": "what is this"},
            {f"{SPAM}/": LEFT_OUT},
        ],
        ids=["unreadable", "no listing", "licence", "host", "readme", "icon", "stray file", "folder gone"],
    )
    def test_a_bad_listing_gives_way_to_its_last_good_state(
        self, time: RegistryInTime, changes: dict[str, Any]
    ) -> None:
        time.change({LISTING: a_listing(summary="A newer one.")})
        good = time.history.head_commit() or ""
        before = time.sound().registry.plugins[SPAM_ID]
        time.change({PANEL + "/README.md": "# Other\n"})
        time.change(changes)
        sound = time.sound()
        assert sound.registry.plugins[SPAM_ID] == before
        (item,) = sound.quarantined
        assert (item.id, item.version, item.kind) == (SPAM_ID, None, Fault.AUTHOR)
        assert item.kept == f"as of commit {good[:12]}"
        assert sound.frozen == {SPAM_ID}
        assert sound.tolerated == ()

    def test_states_that_are_bad_too_are_passed_over(self, time: RegistryInTime) -> None:
        good = time.history.head_commit() or ""
        for text in (BROKEN, a_listing(categories=["none"]), LEFT_OUT, a_listing(license="?"), BROKEN):
            time.change({LISTING: text})
        assert time.held()["acme/spam-filter"].kept == f"as of commit {good[:12]}"

    def test_every_finding_about_the_plugin_is_named(self, time: RegistryInTime) -> None:
        time.change({LISTING: a_listing(license="?"), f"{SPAM}/releases/1.1.0.yaml": BROKEN})
        item = time.held()["acme/spam-filter"]
        assert [cause.where.partition(":")[0] for cause in item.causes] == [LISTING, f"{SPAM}/releases/1.1.0.yaml"]
        assert item.reason.startswith(f"{LISTING}:")
        assert item.reason.endswith("(and 1 more)")

    def test_a_new_release_with_a_bad_file_waits_and_the_rest_goes_on(self, time: RegistryInTime) -> None:
        time.change({f"{SPAM}/releases/1.2.0.yaml": BROKEN, README: "# Newer\n"})
        sound = time.sound()
        entry = sound.registry.plugins[SPAM_ID]
        assert entry.readme == "# Newer\n"
        assert [str(version) for version in entry.releases] == ["1.0.0", "1.1.0"]
        (item,) = sound.quarantined
        assert (str(item.version), item.kept) == ("1.2.0", "")
        assert sound.frozen == frozenset()

    @pytest.mark.parametrize(
        "changes",
        [
            {f"{SPAM}/source/1.2.0/plugin.yaml": a_manifest(version="1.3.0")},
            {f"{SPAM}/source/1.2.0/plugin.yaml": a_manifest(version="1.2.0", dependencies={"acme/none": ">=1"})},
            {f"{SPAM}/source/1.2.0/plugin.yaml": a_manifest(version="1.2.0", hosts={"mial": ">=1"})},
        ],
    )
    def test_a_new_release_with_bad_sources_waits(self, time: RegistryInTime, changes: dict[str, Any]) -> None:
        time.change({f"{SPAM}/releases/1.2.0.yaml": a_source_release("1.2.0"), **changes})
        assert list(time.held()) == ["acme/spam-filter 1.2.0"]
        assert Version("1.2.0") not in time.sound().registry.plugins[SPAM_ID].releases

    def test_a_published_release_whose_file_is_broken_later_stays_as_it_was(self, time: RegistryInTime) -> None:
        good = time.history.head_commit() or ""
        before = time.sound().registry.plugins[SPAM_ID]
        time.change({f"{SPAM}/releases/1.0.0.yaml": BROKEN, f"{SPAM}/source/1.0.0/plugin.yaml": BROKEN})
        sound = time.sound()
        assert sound.registry.plugins[SPAM_ID] == before
        assert time.held()["acme/spam-filter 1.0.0"].kept == f"as of commit {good[:12]}"
        assert sound.frozen == frozenset()

    def test_a_bad_review_is_left_out_alone(self, time: RegistryInTime) -> None:
        time.change({f"{SPAM}/reviews/101.yaml": a_review(author={"login": "anna", "id": 101})})
        sound = time.sound()
        assert [review.author.id for review in sound.registry.plugins[SPAM_ID].reviews] == [303]
        (item,) = sound.quarantined
        assert (item.id, item.version, item.kept) == (SPAM_ID, None, "everything else of it")
        assert item.part == "acme/spam-filter/reviews/101"

    def test_a_file_that_is_no_plugins_concerns_nobody(self, time: RegistryInTime) -> None:
        time.change({"plugins/README.md": "hello\n", "plugins/Bad Name/x/listing.yaml": BROKEN})
        sound = time.sound()
        assert [(item.id, item.part) for item in sound.quarantined] == [(None, "Bad Name"), (None, "README.md")]
        assert {*sound.registry.plugins} == {SPAM_ID, CACHE_ID, PANEL_ID}

    def test_once_mended_it_is_as_if_nothing_had_been(self, time: RegistryInTime) -> None:
        before = time.sound().registry
        time.change({LISTING: BROKEN, f"{PANEL}/releases/2.0.0.yaml": BROKEN})
        time.publish()
        time.change({LISTING: a_listing(), f"{PANEL}/releases/2.0.0.yaml": time_release()})
        assert time.sound().quarantined == ()
        assert time.sound().registry == before


def time_release() -> str:
    return a_release("2.0.0", artifacts=[an_artifact("https://zenith.example/p.zip")])


class TestWhatWasNeverGood:
    def test_a_plugin_that_was_never_published_is_left_out(self, time: RegistryInTime) -> None:
        time.change(evil())
        time.change({f"{MASK}/listing.yaml": BROKEN})
        sound = time.sound()
        assert {*sound.registry.plugins} == {SPAM_ID, CACHE_ID, PANEL_ID}
        (item,) = sound.quarantined
        assert (str(item.id), item.kept) == ("evil/mask", "")

    def test_a_published_plugin_without_history_is_left_out_and_that_is_said(self, time: RegistryInTime) -> None:
        time.history.states.clear()
        time.change({LISTING: BROKEN}, is_committed=False)
        assert SPAM_ID not in time.sound().registry.plugins
        item = time.held()["acme/spam-filter"]
        assert item.kept == ""
        assert "fetch-depth: 0" in item.reason

    def test_a_shallow_clone_has_only_the_bad_state(self, time: RegistryInTime) -> None:
        time.change({LISTING: BROKEN})
        del time.history.states[:-1]
        time.history.is_shallow = True
        assert "fetch-depth: 0" in time.held()["acme/spam-filter"].reason

    def test_what_others_say_of_a_plugin_that_is_left_out_is_not_wrong(self, time: RegistryInTime) -> None:
        """The spam filter needs the cache and names it as related; an advisory may be about it."""
        time.history.states.clear()
        time.change({f"{CACHE}/listing.yaml": BROKEN}, is_committed=False)
        assert list(time.held()) == ["acme/dns-cache"]

    def test_a_folder_that_was_deleted_is_missed(self, time: RegistryInTime) -> None:
        time.change({f"{PANEL}/": LEFT_OUT})
        assert "not in the registry any more" in time.held()["zenith/disk-panel"].reason
        assert PANEL_ID in time.sound().registry.plugins

    def test_a_release_that_was_deleted_is_missed(self, time: RegistryInTime) -> None:
        """An advisory and a review name it; the build still has it in the ledger."""
        before = time.sound().registry
        time.change({f"{SPAM}/releases/1.0.0.yaml": LEFT_OUT})
        sound = time.sound()
        (item,) = sound.quarantined
        assert (str(item.version), item.reason) == ("1.0.0", "it is not in the registry any more")
        assert sound.registry == before
        time.history.states.clear()
        assert Version("1.0.0") not in time.sound().registry.plugins[SPAM_ID].releases
        assert list(time.held()) == ["acme/spam-filter 1.0.0"]

    def test_who_removes_a_plugin_may_delete_its_releases(self, time: RegistryInTime) -> None:
        listing = a_panel_listing(status="removed", reason="Nobody used it.")
        time.change({f"{PANEL}/releases/2.0.0.yaml": LEFT_OUT, f"{PANEL}/listing.yaml": listing})
        assert time.held() == {}

    def test_a_folder_that_was_deleted_before_anything_was_published_is_not(self, time: RegistryInTime) -> None:
        time.change({**evil(), f"{MASK}/releases/1.0.0.yaml": BROKEN})
        time.publish()
        time.change({f"{MASK}/": LEFT_OUT})
        assert time.held() == {}

    def test_a_plugin_with_a_tombstone_went_on_purpose(self, time: RegistryInTime) -> None:
        tombstones = [{"id": "zenith/disk-panel", "reason": "Stole data."}]
        time.change({f"{PANEL}/": LEFT_OUT, "reserved.yaml": a_reserved(tombstones=tombstones)})
        assert time.held() == {}
        assert PANEL_ID not in time.sound().registry.plugins

    def test_a_plugin_with_a_tombstone_does_not_come_back_from_the_history(self, time: RegistryInTime) -> None:
        time.change({"reserved.yaml": a_reserved(tombstones=[{"id": "zenith/disk-panel", "reason": "Stole data."}])})
        assert list(time.held()) == ["zenith/disk-panel"]
        assert PANEL_ID not in time.sound().registry.plugins


class TestWhenTheRulesChange:
    """The registry's own files are everybody's: whoever changes them must not make published plugins vanish."""

    def test_a_published_plugin_that_fits_no_more_stays_as_it_was_released(self, time: RegistryInTime) -> None:
        time.change({"registry.yaml": a_config(categories=[{"id": "security", "title": "Security"}])})
        sound = time.sound()
        assert PANEL_ID in sound.registry.plugins
        (item,) = sound.quarantined
        assert (item.id, item.kept) == (PANEL_ID, f"as of commit {'0' * 12}")

    def test_a_new_release_has_to_fit(self, time: RegistryInTime) -> None:
        config = a_config(categories=[{"id": "security", "title": "Security"}])
        release = a_release("2.1.0", artifacts=[an_artifact("https://zenith.example/p2.zip")])
        time.change({"registry.yaml": config, f"{PANEL}/releases/2.1.0.yaml": release})
        sound = time.sound()
        assert sound.frozen == {PANEL_ID}
        assert list(sound.registry.plugins[PANEL_ID].releases) == [Version("2.0.0")]

    @pytest.mark.parametrize(
        ("file", "text"),
        [
            ("registry.yaml", BROKEN),
            ("hosts/mail.yaml", BROKEN),
            ("hosts/mail.yaml", a_host(id="post")),
            ("namespaces/acme.yaml", BROKEN),
            ("reserved.yaml", BROKEN),
            ("advisories/PLG-2026-0001.yaml", an_advisory(affected=[])),
        ],
    )
    def test_what_concerns_everybody_stops_everything(self, time: RegistryInTime, file: str, text: str) -> None:
        time.change({file: text, LISTING: BROKEN})
        with pytest.raises(DocumentError, match="concern everybody"):
            time.sound()


class TestWhoIsAtFault:
    """An attack each: somebody else's change must not put a plugin into quarantine."""

    ALIAS = "com.acme.spam_filter"

    def test_a_newcomer_cannot_claim_a_published_alias(self, time: RegistryInTime) -> None:
        time.change(evil(aliases=[self.ALIAS]))
        assert list(time.held()) == ["evil/mask"]
        assert SPAM_ID in time.sound().registry.plugins
        assert time.sound().frozen == frozenset()

    def test_nor_can_a_plugin_that_was_published_without_it(self, time: RegistryInTime) -> None:
        time.change(evil())
        good = time.history.head_commit() or ""
        time.publish()
        time.change({f"{MASK}/listing.yaml": evil(aliases=[self.ALIAS])[f"{MASK}/listing.yaml"]})
        assert {name: item.kept for name, item in time.held().items()} == {"evil/mask": f"as of commit {good[:12]}"}
        assert time.sound().registry.plugins[PluginId.parse("evil/mask")].listing.aliases == ()

    def test_not_even_when_the_owner_changes_the_listing_afterwards(self, time: RegistryInTime) -> None:
        time.change(evil(aliases=[self.ALIAS]))
        time.change({LISTING: a_listing(summary="Later than the attacker.")})
        assert list(time.held()) == ["evil/mask"]
        assert time.sound().registry.plugins[SPAM_ID].listing.summary == "Later than the attacker."

    def test_not_even_when_its_owner_is_left_out_for_the_time_being(self, time: RegistryInTime) -> None:
        time.history.states.clear()
        time.change({**evil(aliases=[self.ALIAS]), LISTING: BROKEN}, is_committed=False)
        assert list(time.held()) == ["acme/spam-filter", "evil/mask"]
        time.publish()
        time.change({LISTING: a_listing()}, is_committed=False)
        assert list(time.held()) == ["evil/mask"]

    def test_of_two_that_are_not_published_the_older_claim_stands(self, tmp_path: Path) -> None:
        time = RegistryInTime.at(tmp_path, is_published=False)
        time.change(evil(aliases=[self.ALIAS]))
        time.change({LISTING: a_listing(summary="Later than the attacker.")})
        assert list(time.held()) == ["evil/mask"]

    def test_of_two_that_came_at_once_neither_stands(self, time: RegistryInTime) -> None:
        alias = "com.evil.mask"
        time.change({**evil("mask", aliases=[alias]), **evil("veil", aliases=[alias])})
        assert list(time.held()) == ["evil/mask", "evil/veil"]

    def test_a_loser_does_not_take_others_along(self, time: RegistryInTime) -> None:
        """A third plugin is only in the way of the loser."""
        time.change(evil("mask", aliases=[self.ALIAS, "com.evil.mask"]))
        time.change(evil("veil", aliases=["com.evil.mask"]))
        assert list(time.held()) == ["evil/mask"]

    def test_what_lost_once_has_lost_for_good(self, time: RegistryInTime) -> None:
        """The same answer when the ledger was written meanwhile: a publication can be built again."""
        time.change(evil(aliases=[self.ALIAS]))
        before = time.sound()
        time.publish()
        assert time.sound() == before

    def test_a_needed_plugin_may_go_its_own_way(self, time: RegistryInTime) -> None:
        """The cache is yanked, and the filter's published release cannot be installed any more: not its fault."""
        yanked = a_release("1.0.0", artifacts=[a_wheel()], yanked="Forgets things.")
        listing = a_cache_listing(status="deprecated", replaced_by="acme/spam-filter")
        time.change({f"{CACHE}/releases/1.0.0.yaml": yanked, f"{CACHE}/listing.yaml": listing})
        sound = time.sound()
        assert sound.quarantined == ()
        assert sound.registry.plugins[CACHE_ID].releases[Version("1.0.0")].yanked == "Forgets things."
        assert [finding.rule for finding in sound.tolerated] == ["dependencies.no-release"]

    def test_who_is_named_as_replacement_may_go_too(self, time: RegistryInTime) -> None:
        time.change({f"{PANEL}/listing.yaml": a_panel_listing(status="deprecated", replaced_by="acme/dns-cache")})
        time.publish()
        time.change({f"{CACHE}/listing.yaml": a_cache_listing(status="removed", reason="gone")})
        assert time.held() == {}
        assert "relations.replacement-gone" in {finding.rule for finding in time.sound().tolerated}

    def test_a_needed_plugin_may_be_removed_for_good(self, time: RegistryInTime) -> None:
        tombstones = [{"id": "acme/dns-cache", "reason": "Stole data."}]
        time.change({f"{CACHE}/": LEFT_OUT, "reserved.yaml": a_reserved(tombstones=tombstones)})
        assert time.held() == {}
        assert {finding.rule for finding in time.sound().tolerated} == {"dependencies.unknown", "relations.unknown"}

    def test_a_circle_is_the_fault_of_who_closed_it(self, time: RegistryInTime) -> None:
        time.change({f"{PANEL}/listing.yaml": a_panel_listing(status="deprecated", replaced_by="acme/dns-cache")})
        time.publish()
        time.change({f"{CACHE}/listing.yaml": a_cache_listing(status="deprecated", replaced_by="zenith/disk-panel")})
        assert list(time.held()) == ["acme/dns-cache"]

    def test_a_name_that_looks_alike_is_looked_at_and_nobody_is_held(self, time: RegistryInTime) -> None:
        changes = {name.replace("mask", "spam-fi1ter"): text for name, text in evil(name="mask").items()}
        time.change(changes)
        assert time.held() == {}

    def test_a_file_in_somebody_elses_folder_is_that_plugins_matter(self, time: RegistryInTime) -> None:
        """Who may change which folder is decided before merging; after it, the owner's last good state stands."""
        time.change({f"{SPAM}/evil.txt": "x"})
        assert SPAM_ID in time.sound().registry.plugins
        assert time.held()["acme/spam-filter"].kept


class TestDependencies:
    def test_a_dependency_on_a_plugin_in_quarantine_is_still_met(self, time: RegistryInTime) -> None:
        time.change({f"{CACHE}/listing.yaml": BROKEN})
        tree = f"{SPAM}/source/1.2.0"
        files = {
            f"{tree}/{name}": time.content[f"{SPAM}/source/1.0.0/{name}"] for name in ("LICENSE", "config.schema.json")
        }
        time.change(
            {
                **files,
                f"{tree}/plugin.yaml": a_manifest(version="1.2.0"),
                f"{tree}/spam_filter.py": "x = 1\n",
                f"{SPAM}/releases/1.2.0.yaml": a_source_release("1.2.0"),
            }
        )
        assert list(time.held()) == ["acme/dns-cache"]
        assert Version("1.2.0") in time.sound().registry.plugins[SPAM_ID].releases

    def test_a_dependency_on_a_release_in_quarantine_is_still_met(self, time: RegistryInTime) -> None:
        time.change({f"{CACHE}/releases/1.0.0.yaml": BROKEN})
        assert list(time.held()) == ["acme/dns-cache 1.0.0"]
        assert time.sound().tolerated == ()


def test_the_same_registry_history_and_ledger_give_the_same(time: RegistryInTime, tmp_path: Path) -> None:
    time.change({LISTING: BROKEN, f"{PANEL}/releases/2.0.0.yaml": BROKEN, **evil(aliases=["com.acme.spam_filter"])})
    first = time.sound()
    shutil.copytree(time.folder, tmp_path / "copy" / "registry")
    copy = RegistryInTime(tmp_path / "copy" / "registry", time.history)
    shutil.copytree(time.ledgers, copy.ledgers)
    assert copy.sound() == first


def test_a_registry_without_a_history_is_published_when_it_is_good(tmp_path: Path) -> None:
    registry = a_registry(tmp_path)
    time = RegistryInTime(registry, history=None)  # type: ignore[arg-type] - a good registry asks for none
    assert len(time.sound().registry.plugins) == 3
