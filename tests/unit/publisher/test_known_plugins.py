"""Who did not change is judged by what is remembered: with the same end as when everybody is read and judged again."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from broken_registries import ANY_BREAKAGE, PANEL_ID, SPAM_ID, changes_of, evil
from builders import (
    CACHE,
    LEFT_OUT,
    PANEL,
    SPAM,
    a_cache_listing,
    a_config,
    a_host,
    a_manifest,
    a_namespace,
    a_panel_listing,
    a_release,
    a_reserved,
    a_wheel,
    an_advisory,
    an_affected_plugin,
)
from pluginry.encoding import strict_yaml
from pluginry.encoding.ledger_files import LedgerFolder
from pluginry.errors import DocumentError
from pluginry.publisher.known_plugins import NOBODY_KNOWN, KnownPlugin, KnownPlugins
from pluginry.publisher.quarantine import sound_registry
from registry_in_time import RegistryInTime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.publisher.quarantine import SoundRegistry

EVERYBODY = {"acme/spam-filter", "acme/dns-cache", "zenith/disk-panel"}
NEEDS_SPAM = a_manifest(
    id="acme/dns-cache", version="2.0.0", dependencies={"acme/spam-filter": ">=1.0"}, permissions=[], entry_points={}
)
CHANGES: Mapping[str, Mapping[str, Any]] = {
    "nothing": {},
    "other words": {f"{PANEL}/README.md": "# Other words\n"},
    "a new release": {f"{SPAM}/releases/1.2.0.yaml": a_release("1.2.0")},
    "a new plugin": evil(),
    "a new plugin that names others": evil(related=["acme/spam-filter"]),
    "a new plugin that names nobody": evil(related=["acme/nobody"]),
    "an alias that another one has": evil(aliases=["COM.acme.spam_filter"]),
    "a display name that another one has": evil(name="spam-filter"),
    "what is needed is yanked": {
        f"{CACHE}/releases/1.0.0.yaml": a_release("1.0.0", yanked="bad", artifacts=[a_wheel()])
    },
    "what is needed goes": {f"{CACHE}/": LEFT_OUT},
    "what is needed is removed": {f"{CACHE}/listing.yaml": a_cache_listing(status="removed", reason="It was no good.")},
    "what is needed needs who needs it": {
        f"{CACHE}/source/2.0.0/plugin.yaml": NEEDS_SPAM,
        f"{CACHE}/source/2.0.0/LICENSE": "Licence text\n",
        f"{CACHE}/source/2.0.0/config.schema.json": "{}",
        f"{CACHE}/source/2.0.0/spam_filter.py": "",
    },
    "a replacement in a circle": {
        f"{CACHE}/listing.yaml": a_cache_listing(status="deprecated", replaced_by="zenith/disk-panel"),
        f"{PANEL}/listing.yaml": a_panel_listing(status="deprecated", replaced_by="acme/dns-cache"),
    },
    "nobody is near": {f"{PANEL}/": LEFT_OUT},
    "a name is taken back": {"reserved.yaml": a_reserved(tombstones=[{"id": "zenith/disk-panel", "reason": "gone"}])},
    "a namespace is reserved": {"reserved.yaml": a_reserved(namespaces=[{"name": "zenith", "reason": "a project"}])},
    "a namespace goes": {"namespaces/zenith.yaml": LEFT_OUT},
    "a namespace has other owners": {"namespaces/acme.yaml": a_namespace(owners=[{"login": "bert", "id": 7}])},
    "a host forgets a permission": {"hosts/mail.yaml": a_host(permissions=[])},
    "a host goes": {"hosts/panel.yaml": LEFT_OUT},
    "a category goes": {"registry.yaml": a_config(categories=[{"id": "widgets", "title": "Widgets"}])},
    "a plugin on the front page goes": {
        "registry.yaml": a_config(site={"featured": ["zenith/disk-panel"]}),
        f"{PANEL}/": LEFT_OUT,
    },
    "an advisory about nobody": {
        "advisories/PLG-2026-0002.yaml": an_advisory(
            id="PLG-2026-0002", affected=[an_affected_plugin(package={"ecosystem": "Pluginry", "name": "acme/nobody"})]
        )
    },
    "whom an advisory names goes": {f"{SPAM}/": LEFT_OUT},
    "a file that is not YAML": {f"{PANEL}/listing.yaml": "a: ["},
    "a stray file": {"plugins/zenith/notes.txt": "x"},
}


def remembered(time: RegistryInTime) -> dict[str, str]:
    """Return what a publication of the registry as it is leaves behind."""
    sound = time.sound()
    known = KnownPlugins.among({}, time.history.content_names(), digests(time))
    return known.texts(sound.registry, digests(time), sound.unsound)


def known_after(time: RegistryInTime, texts: Mapping[str, str]) -> KnownPlugins:
    return KnownPlugins.among(texts, time.history.content_names(), digests(time))


def digests(time: RegistryInTime) -> Mapping[str, str]:
    return LedgerFolder(time.ledgers).load().digests


def outcome(time: RegistryInTime, known: KnownPlugins) -> SoundRegistry | str:
    """Return what quarantine makes of the registry, or why it refuses all of it."""
    ledgers = LedgerFolder(time.ledgers).load()
    try:
        return sound_registry(time.folder, ledgers=ledgers, history=time.history, known=known)
    except DocumentError as error:
        return str(error)


@pytest.fixture
def time(tmp_path: Path) -> RegistryInTime:
    return RegistryInTime.at(tmp_path)


@pytest.mark.parametrize("is_committed", [True, False])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_among_plugins_that_did_not_change_is_judged_as_in_a_whole_run(
    time: RegistryInTime, change: str, is_committed: bool
) -> None:
    texts = remembered(time)
    assert {name for name in texts if "/" in name} == EVERYBODY
    time.change(CHANGES[change], is_committed=is_committed)
    assert outcome(time, known_after(time, texts)) == outcome(time, NOBODY_KNOWN)


@settings(max_examples=15)
@given(first=ANY_BREAKAGE, second=ANY_BREAKAGE)
def test_whatever_is_broken_before_and_after_is_judged_as_in_a_whole_run(
    first: dict[str, list[str]], second: dict[str, list[str]]
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        time = RegistryInTime.at(Path(scratch))
        time.change(evil("mask", related=["acme/dns-cache"]) | evil("veil"))
        time.publish()
        time.change(changes_of(first))
        texts = remembered(time)
        time.change(changes_of(second))
        assert outcome(time, known_after(time, texts)) == outcome(time, NOBODY_KNOWN)


def test_only_who_changed_and_whom_it_concerns_is_read(time: RegistryInTime) -> None:
    read: list[str] = []

    def parse(data: bytes, *, file: str) -> ParsedDocument:
        read.append(file)
        return strict_yaml.parse(data, file=file)

    def plugins_read(changes: Mapping[str, Any]) -> set[str]:
        texts = remembered(time)
        time.change(changes)
        read.clear()
        ledgers = LedgerFolder(time.ledgers).load()
        known = known_after(time, texts)
        sound_registry(time.folder, ledgers=ledgers, history=time.history, parse=parse, known=known)
        return {"/".join(file.split("/")[:3]) for file in read if file.startswith("plugins/")}

    assert plugins_read({}) == set()
    assert plugins_read({f"{PANEL}/README.md": "# Other\n"}) == {PANEL}
    assert plugins_read({f"{SPAM}/README.md": "# Other\n"}) == {SPAM, CACHE}  # one names the other
    assert plugins_read({f"{CACHE}/README.md": "# Other\n"}) == {SPAM, CACHE}
    assert plugins_read(
        {"namespaces/zenith.yaml": a_namespace(namespace="zenith", owners=[{"login": "zoe", "id": 202}])}
    )
    assert plugins_read({"hosts/mail.yaml": a_host(title="Post")}) == {SPAM, CACHE, PANEL}


def test_who_is_not_read_can_be_looked_at_all_the_same(time: RegistryInTime) -> None:
    whole = time.sound().registry
    sound = outcome(time, known_after(time, remembered(time)))
    assert not isinstance(sound, str)
    entry = sound.registry.plugins[SPAM_ID]
    assert (entry, [*entry.releases], [*entry.sources]) == (
        whole.plugins[SPAM_ID],
        [*whole.plugins[SPAM_ID].releases],
        [*whole.plugins[SPAM_ID].sources],
    )


def test_who_changes_while_it_is_read_is_no_plugin_any_more(time: RegistryInTime) -> None:
    sound = outcome(time, known_after(time, remembered(time)))
    assert not isinstance(sound, str)
    (time.folder / PANEL / "listing.yaml").unlink()
    with pytest.raises(DocumentError, match="changed while"):
        sound.registry.plugins[PANEL_ID]


def test_who_was_not_sound_is_not_remembered(time: RegistryInTime) -> None:
    time.change({f"{PANEL}/listing.yaml": "a: ["})
    assert {name for name in remembered(time) if "/" in name} == EVERYBODY - {"zenith/disk-panel"}


def test_another_ledger_makes_another_plugin(time: RegistryInTime) -> None:
    texts = remembered(time)
    with (time.ledgers / "zenith/disk-panel.jsonl").open("ab") as ledger:
        ledger.write(b"{}\n")
    assert known_after(time, texts).settled == EVERYBODY - {"zenith/disk-panel"}


def test_other_rules_of_this_publication_count_for_everybody(time: RegistryInTime) -> None:
    names = time.history.content_names()
    texts = KnownPlugins.among({}, names, digests(time), [b"a"]).texts(time.sound().registry, digests(time), ())
    assert KnownPlugins.among(texts, names, digests(time), [b"a"]).settled == EVERYBODY
    assert KnownPlugins.among(texts, names, digests(time), [b"b"]).settled == frozenset()


def test_that_the_folder_of_all_plugins_is_another_one_says_nothing_of_each(time: RegistryInTime) -> None:
    names, digests_now = {**time.history.content_names(), "plugins": "before", "namespaces": "before"}, digests(time)
    texts = KnownPlugins.among({}, names, digests_now).texts(time.sound().registry, digests_now, ())
    after = names | {"plugins": "after", "namespaces": "after"}
    assert KnownPlugins.among(texts, after, digests_now).settled == EVERYBODY


def test_nothing_is_known_and_nothing_kept_where_git_knows_nothing(time: RegistryInTime) -> None:
    texts = remembered(time)
    known = KnownPlugins.among(texts, {}, digests(time))
    assert known == NOBODY_KNOWN
    assert known.texts(time.sound().registry, digests(time), ()) == {}


@pytest.mark.parametrize("text", ["", "null", "a b c", "\t\t\t", "a\tb\tc", "a\tb\tc\td\te", "\x00"])
def test_what_is_not_of_the_form_counts_for_nothing(time: RegistryInTime, text: str) -> None:
    assert KnownPlugin.read(text).made_of == ""
    texts = remembered(time) | {"zenith/disk-panel": text, "not a name": text}
    assert known_after(time, texts).settled == EVERYBODY - {"zenith/disk-panel"}
    assert outcome(time, known_after(time, texts)) == outcome(time, NOBODY_KNOWN)
