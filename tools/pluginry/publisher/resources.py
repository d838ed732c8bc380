"""What lies in a published marketplace, kind by kind: where, what it holds, and for whom it is there.

In: nothing. Out: `RESOURCES`, whose places are made by the functions that make the keys themselves, so that neither can
change without the other. It is what the OpenAPI document is written from.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pluginry.model import layout
from pluginry.model.digest import Digest
from pluginry.model.names import ANY_PLATFORM, PluginId
from pluginry.model.versions import Version
from pluginry.publisher.pages import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

# Stand in for what differs from object to object, until the key is made.
_PLUGIN, _VERSION, _DIGEST, _NUMBER = (
    PluginId.parse("some-namespace/some-name"),
    Version("9.8.7"),
    Digest.of(b""),
    654321,
)


class Readers(StrEnum):
    """For whom something is published, as a heading."""

    PROGRAMS = "For programs that read"
    CLIENTS = "For clients that verify"
    PUBLISHERS = "For publishers"
    SITES = "For people's feed readers and other sites"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One kind of object: ``place`` is its key with names in braces, ``schemas`` those of which its body fits one.

    Where there are ``lines``, the body is lines of JSON, and each fits the schema of this name.
    """

    name: str
    place: str
    says: str
    readers: Readers
    schemas: tuple[str, ...] = ()
    lines: str = ""


def _place(key: str) -> str:
    """Return `key` with a name in braces for each of our stand-ins."""
    package = layout.package_file(_PLUGIN, _VERSION, ANY_PLATFORM).removesuffix(".zip")
    stand_ins = {
        _DIGEST.hex: "{sha256}",
        f"/{_DIGEST.hex[:2]}/": "/{start}/",
        package: "{package}",
        _PLUGIN.namespace: "{namespace}",
        _PLUGIN.name: "{name}",
        str(_VERSION): "{version}",
        str(_NUMBER): "{number}",
    }
    for stand_in, name in stand_ins.items():
        key = key.replace(stand_in, name)
    return key


def _for_programs() -> Iterator[Resource]:
    readers = Readers.PROGRAMS
    yield Resource(
        name="catalogue",
        place=layout.CATALOGUE_KEY,
        says="Every plugin at a glance, with its newest release on each channel.",
        readers=readers,
        schemas=("index",),
    )
    yield Resource(
        name="plugin",
        place=_place(layout.plugin_key(_PLUGIN)),
        says="One plugin with all its releases, their manifests and packages.",
        readers=readers,
        schemas=("plugin",),
    )
    yield Resource(
        name="package",
        place=_place(layout.package_key(_PLUGIN, _VERSION, ANY_PLATFORM)),
        says="A package of a release: a ZIP with plugin.json and files.json at its root.",
        readers=readers,
    )
    yield Resource(
        name="advisories",
        place=layout.ADVISORIES_KEY,
        says="All advisories, each an OSV document.",
        readers=readers,
        schemas=("advisories",),
    )
    yield Resource(
        name="advisory",
        place=layout.osv_key("{advisory}"),
        says="One advisory, as OSV tools read it.",
        readers=readers,
        schemas=("advisory",),
    )
    yield Resource(
        name="stats",
        place=layout.STATS_KEY,
        says="What can be counted without watching anybody.",
        readers=readers,
        schemas=("stats",),
    )
    yield Resource(
        name="status",
        place=layout.STATUS_KEY,
        says="How the last publication went, and what it had to leave in quarantine.",
        readers=readers,
        schemas=("status",),
    )
    yield Resource(
        name="queue",
        place=layout.QUEUE_KEY,
        says="The open pull requests of the registry as they were at one time, where the operator publishes them.",
        readers=readers,
        schemas=("queue",),
    )
    yield Resource(
        name="schema",
        place=layout.schema_key("{schema}.schema.json"),
        says="A JSON Schema (2020-12). What it refers to lies beside it.",
        readers=readers,
    )
    yield Resource(name="openapi", place=layout.OPENAPI_KEY, says="This document.", readers=readers)


def _for_clients() -> Iterator[Resource]:
    readers = Readers.CLIENTS
    yield Resource(
        name="timestamp",
        place=layout.TIMESTAMP_KEY,
        says="TUF: which snapshot is current. It is replaced last in each publication.",
        readers=readers,
    )
    yield Resource(
        name="metadata",
        place=f"{layout.METADATA_PREFIX}{{number}}.{{role}}.json",
        says="TUF: one version of what a role signed (root, snapshot, targets and those it delegates to).",
        readers=readers,
    )
    targets = {
        "targetIndexRoot": (
            layout.INDEX_ROOT_TARGET,
            "Root of the hash tree: the state of everything.",
            "tree-root",
        ),
        "targetIndexBundle": (layout.INDEX_BUNDLE_TARGET, "A sigstore bundle over the root of the hash tree.", ""),
        "targetAdvisories": (layout.INDEX_ADVISORIES_TARGET, "All advisories, as clients trust them.", "advisories"),
        "targetPolicy": (layout.POLICY_TARGET, "Whose signatures clients accept.", "trust-policy"),
        "targetTrustedRoot": (layout.TRUSTED_ROOT_TARGET, "The sigstore instance that clients trust.", ""),
    }
    for name, (path, says, schema) in targets.items():
        place = _place(layout.target_key(path, _DIGEST))
        yield Resource(name=name, place=place, says=says, readers=readers, schemas=(schema,) if schema else ())
    parts = {
        "targetRevocations": (layout.REVOCATIONS_TARGET, "The last part of the list of revocations."),
        "targetRevocationsPart": (layout.revocations_part(_NUMBER), "A complete part of the list of revocations."),
    }
    for name, (path, says) in parts.items():
        place = _place(layout.target_key(path, _DIGEST))
        yield Resource(name=name, place=place, says=says, readers=readers, lines="revocation-line")
    yield Resource(
        name="node",
        place=_place(layout.node_key(_DIGEST)),
        says="Something that another document names by digest: a level of the hash tree, a record, a manifest, facts, "
        "the catalogue.",
        readers=readers,
        schemas=("tree-node", "tree-shard", "plugin-record", "manifest", "facts", "index"),
    )
    yield Resource(
        name="packedNode",
        place=_place(layout.packed_key(_DIGEST)),
        says="A catalogue in columns, or the log of its changes (schema catalogue-log), packed with bzip2.",
        readers=readers,
    )
    yield Resource(
        name="attestation",
        place=_place(layout.attestation_key(_DIGEST)),
        says="A sigstore bundle about a package.",
        readers=readers,
    )
    yield Resource(
        name="delta",
        place=_place(layout.delta_key(_PLUGIN, _VERSION, _DIGEST)),
        says="A package in Zstandard, with an earlier one as its dictionary.",
        readers=readers,
    )


def _for_sites() -> Iterator[Resource]:
    readers = Readers.SITES
    yield Resource(
        name="badge", place=_place(addresses.badge(_PLUGIN, "{badge}")), says="A badge for a README.", readers=readers
    )
    yield Resource(
        name="card",
        place=_place(addresses.embedded_card(_PLUGIN)),
        says="A card that other sites may show in a frame.",
        readers=readers,
    )
    feeds = {
        "feedOfReleases": (addresses.RELEASES_FEED, "Releases, newest first."),
        "feedOfNewPlugins": (addresses.NEW_FEED, "Plugins that were published for the first time."),
        "feedOfAdvisories": (addresses.ADVISORIES_FEED, "Advisories, last changed first."),
        "feedOfPlugin": (_place(addresses.plugin_feed(_PLUGIN)), "Releases of one plugin, newest first."),
        "feedOfPublisher": (
            _place(addresses.publisher_feed(_PLUGIN.namespace)),
            "Releases of one publisher, newest first.",
        ),
        "feedOfTag": (addresses.tag_feed("{tag}"), "Releases of plugins with one tag, newest first."),
    }
    for name, (place, says) in feeds.items():
        yield Resource(name=name, place=place, says=says, readers=readers)


RESOURCES: tuple[Resource, ...] = (
    *_for_programs(),
    *_for_clients(),
    Resource(
        name="turn",
        place=layout.TURN_KEY,
        says="Whose turn it is to change what is published.",
        readers=Readers.PUBLISHERS,
        schemas=("turn",),
    ),
    *_for_sites(),
)
"""Everything that programs are promised to find; pages for people are not among it."""
