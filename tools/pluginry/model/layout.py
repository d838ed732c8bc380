"""Where everything lies in a published marketplace. Keys are made from validated values, never taken from documents."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from pluginry.errors import TransportError
from pluginry.model.names import ANY_PLATFORM, Platform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.model.digest import Digest
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version

VERSION_PREFIX = "v1/"
METADATA_PREFIX = "v1/metadata/"
TARGETS_PREFIX = "v1/targets/"
NODE_PREFIX = "v1/t/"
ATTESTATION_PREFIX = "v1/a/"
PACKAGES_PREFIX = "v1/packages/"
TIMESTAMP_KEY = "v1/metadata/timestamp.json"
CATALOGUE_KEY = "v1/index.json"
ADVISORIES_KEY = "v1/advisories.json"
STATS_KEY = "v1/stats.json"
STATUS_KEY = "v1/status.json"
QUEUE_KEY = "v1/queue.json"
"""Published where the operator says so: what was open at the forge then."""
OPENAPI_KEY = "v1/openapi.json"
EMBEDDED_PREFIX = "embed/"
"""Pages that other sites may show in a frame, and nothing else."""
TEXT_PREFIX = "text/"
"""What the search in READMEs reads, and the program that reads it, where there is that."""
TURN_KEY = "v1/turn.json"
"""Whose turn it is to change what is published; no client reads it."""

# Targets of the trust metadata.
INDEX_ROOT_TARGET = "index/root.json"
INDEX_BUNDLE_TARGET = "index/root.sigstore.json"
"""Published where the index is signed: a sigstore bundle over `INDEX_ROOT_TARGET`."""
INDEX_ADVISORIES_TARGET = "index/advisories.json"
POLICY_TARGET = "trust/policy.json"
TRUSTED_ROOT_TARGET = "trust/trusted_root.json"
REVOCATIONS_FILE = "revocations.jsonl"
REVOCATIONS_PART_BYTES, MAX_REVOCATIONS_PARTS = 1 << 20, 100
MAX_REVOCATIONS_BYTES = (MAX_REVOCATIONS_PARTS + 1) * REVOCATIONS_PART_BYTES
"""So large the list may grow, which is only ever appended to: its complete parts, and the last one."""
REVOCATIONS_TARGET = f"index/{REVOCATIONS_FILE}"
"""Published from the first revocation on: the last part of the list, which is all of it while it is short."""


_KEY_PART = r"(?!\.\.?(?:/|\Z))[A-Za-z0-9._@+=~-]+"
_KEY = re.compile(rf"{_KEY_PART}(?:/{_KEY_PART})*\Z")
_MAX_SHOWN = 200


def parts_of_key(key: str) -> tuple[str, ...]:
    """Return the parts of `key` between its slashes: as they stand, they fit into a path and into an address.

    Raises:
        TransportError: it leads somewhere else, or nothing is ever published under such a key.

    """
    if not is_key(key):
        raise TransportError("this is not a key of a marketplace", where=repr(key[:_MAX_SHOWN]))
    return tuple(key.split("/"))


def is_key(text: str) -> bool:
    """Return whether an object can have `text` as its key."""
    return _KEY.match(text) is not None


def is_replaced_metadata(key: str) -> bool:
    """Return whether `key` is that of trust metadata which a later version replaces; of the root, clients read all."""
    return key.startswith(METADATA_PREFIX) and key != TIMESTAMP_KEY and not key.endswith(".root.json")


def node_key(digest: Digest) -> str:
    """Return the key of a content-addressed JSON object: tree node, record, manifest, facts, catalogue."""
    return f"{NODE_PREFIX}{digest.hex[:2]}/{digest.hex}.json"


def packed_key(digest: Digest) -> str:
    """Return the key of a content-addressed object that was packed for the way: a catalogue, or its log."""
    return f"{NODE_PREFIX}{digest.hex[:2]}/{digest.hex}.bz2"


def attestation_key(digest: Digest) -> str:
    """Return the key of a sigstore bundle."""
    return f"{ATTESTATION_PREFIX}{digest.hex[:2]}/{digest.hex}.sigstore.json"


def target_key(path: str, digest: Digest) -> str:
    """Return the key of a target of the trust metadata: its file name carries its digest, so that it never changes."""
    folder, slash, name = path.rpartition("/")
    return f"{TARGETS_PREFIX}{folder}{slash}{digest.hex}.{name}"


def plugin_key(plugin: PluginId) -> str:
    """Return the key of a plugin's document for simple clients."""
    return f"v1/plugins/{plugin}.json"


def osv_key(advisory: str) -> str:
    """Return the key of an advisory as OSV tools read it."""
    return f"v1/osv/{advisory}.json"


def revocations_part(number: int) -> str:
    """Return the target of a part of the list of revocations that is complete, counted from 1."""
    return f"index/revocations.{number}.jsonl"


def revocations_parts(is_there: Callable[[str], bool]) -> Iterator[str]:
    """Yield the targets of the complete parts that are there, in their order."""
    return takewhile(is_there, map(revocations_part, range(1, MAX_REVOCATIONS_PARTS + 1)))


def schema_key(name: str) -> str:
    """Return the key of a published schema; `name` is a file name of ours."""
    return f"v1/schemas/{name}"


def package_file(plugin: PluginId, version: Version, platform: Platform) -> str:
    """Return the file name of a package, which is also the subject of its attestation."""
    suffix = "" if platform == ANY_PLATFORM else f"-{platform}"
    return f"{plugin.name}-{version}{suffix}.zip"


def package_key(plugin: PluginId, version: Version, platform: Platform) -> str:
    """Return the key of a package."""
    return f"{PACKAGES_PREFIX}{plugin}/{version}/{package_file(plugin, version, platform)}"


def delta_key(plugin: PluginId, version: Version, digest: Digest) -> str:
    """Return the key of a delta to a package of a release: beside it, so that both go together."""
    return f"{PACKAGES_PREFIX}{plugin}/{version}/{digest.hex}.zst"


def icon_key(plugin: PluginId) -> str:
    """Return the key of the icon that a plugin's author drew, as the catalogue shows it."""
    return f"plugins/{plugin}/icon.webp"


def relative_address(origin: str, target: str) -> str:
    """Return the address of the key `target` as written in the document with the key `origin`."""
    if origin.partition("/")[0] != target.partition("/")[0]:
        return "../" * origin.count("/") + target
    here, there = origin.split("/")[:-1], target.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return "/".join([".."] * (len(here) - shared) + there[shared:])
