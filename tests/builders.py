"""A registry to change one thing in: every document valid by default, as text, written where it belongs.

``a_listing(summary="x")`` changes a key, ``a_listing(tags=LEFT_OUT)`` leaves one out. ``a_registry(folder, changes)``
writes the whole registry; ``changes`` are files to replace or add by path, and ``LEFT_OUT`` leaves a file out.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LEFT_OUT: Final = object()
"""In place of a value: the key or file is not there."""

SHA256 = "ab" * 32
TREE_SHA256 = "99decaa2a4fe5da5cb10c2d3ba5507ea03f59012a8df6598e44ce2ae754a7ab9"
"""The package that the source tree of the spam filter gives as it is."""
SPAM = "plugins/acme/spam-filter"
"""The plugin with everything: two releases, one from its source tree, pictures, a review, an advisory."""
CACHE = "plugins/acme/dns-cache"
"""A plugin that the spam filter needs; its release wraps a wheel."""
PANEL = "plugins/zenith/disk-panel"
"""A plugin of another namespace for another host; its release is a finished package."""


def a_document(defaults: Mapping[str, Any], changes: Mapping[str, Any]) -> str:
    """Return a YAML document: `defaults` with `changes`."""
    merged = {**defaults, **changes}
    present = {key: value for key, value in merged.items() if value is not LEFT_OUT}
    return yaml.safe_dump(present, sort_keys=False, allow_unicode=True, width=1000)


def a_config(**changes: Any) -> str:
    """Return ``registry.yaml``."""
    defaults = {
        "schema": 1,
        "name": "Example Plugins",
        "default_channel": "stable",
        "categories": [{"id": "security", "title": "Security"}, {"id": "widgets", "title": "Widgets"}],
        "limits": {"package_bytes": 1000000, "upstream_bytes": 1000000},
    }
    return a_document(defaults, changes)


def a_host(**changes: Any) -> str:
    """Return the profile of ``mail``, a mail server with a vocabulary of two permissions."""
    defaults = {
        "schema": 1,
        "id": "mail",
        "title": "Example Mail",
        "summary": "A mail server.",
        "versions": ["0.4.0", "0.5.0", "1.0.0"],
        "runtimes": [{"kind": "python", "summary": "A Python module."}],
        "permissions": [
            {
                "type": "mail.headers",
                "severity": "low",
                "says": "Reads sender and subject of {scope}",
                "scopes": [
                    {"name": "inbound", "says": "mails that arrive"},
                    {"name": "outbound", "says": "mails that leave"},
                ],
            },
            {
                "type": "network",
                "severity": "high",
                "says": "Talks to {scope}",
                "scope_pattern": "[a-z0-9.-]+:[0-9]{1,5}",
            },
        ],
        "entry_points": [{"group": "hooks", "summary": "Called for every mail."}],
        "id_mapping": {
            "pattern": "^com\\.[a-z]+(\\.[a-z_]+)+$",
            "example": "com.acme.spam_filter",
            "template": "com.{namespace}.{name_underscored}",
        },
    }
    return a_document(defaults, changes)


def a_panel_host(**changes: Any) -> str:
    """Return the profile of ``panel``, a host that asks little."""
    defaults = {
        "schema": 1,
        "id": "panel",
        "title": "Example Panel",
        "summary": "A control panel.",
        "versions": ["2.0.0"],
        "runtimes": [{"kind": "files", "summary": "Pages."}, {"kind": "python", "summary": "A Python module."}],
        "permissions": [{"type": "pages", "severity": "low", "says": "Adds pages"}],
    }
    return a_document(defaults, changes)


def a_namespace(**changes: Any) -> str:
    """Return the namespace ``acme``."""
    defaults = {
        "schema": 1,
        "namespace": "acme",
        "title": "Acme",
        "owners": [{"login": "anna", "id": 101}],
        "proof": {"kind": "domain", "value": "acme.example"},
        "status": "active",
    }
    return a_document(defaults, changes)


def a_reserved(**changes: Any) -> str:
    """Return ``reserved.yaml`` with a reserved namespace and the tombstone of a removed plugin."""
    defaults = {
        "schema": 1,
        "namespaces": [{"name": "pluginry", "reason": "the project itself"}],
        "tombstones": [{"id": "acme/old-thing", "reason": "abandoned", "removed_at": "2026-01-01T00:00:00Z"}],
    }
    return a_document(defaults, changes)


def a_listing(**changes: Any) -> str:
    """Return the listing of the spam filter."""
    defaults = {
        "schema": 1,
        "name": "Spam Filter",
        "summary": "Scores mail by sender and subject.",
        "hosts": ["mail"],
        "categories": ["security"],
        "tags": ["spam"],
        "license": "Apache-2.0",
        "owners": [{"login": "anna", "id": 101}],
        "publisher": {
            "issuer": "https://token.actions.githubusercontent.com",
            "repository": "acme/spam-filter",
            "repository_id": "11",
            "owner_id": "22",
            "workflow": ".github/workflows/release.yml",
            "refs": ["refs/tags/v*"],
        },
        "sources": ["path:source/", "https://acme.example/releases/"],
        "status": "active",
        "aliases": ["com.acme.spam_filter"],
        "screenshots": [{"file": "screenshots/main.png", "alt": "A list of scored mails"}],
        "related": ["acme/dns-cache"],
    }
    return a_document(defaults, changes)


def a_cache_listing(**changes: Any) -> str:
    """Return the listing of the cache."""
    defaults = {
        "schema": 1,
        "name": "DNS Cache",
        "summary": "Remembers answers of name servers.",
        "hosts": ["mail"],
        "categories": ["security"],
        "license": "MIT",
        "owners": [{"login": "anna", "id": 101}],
        "sources": ["pypi:dns-cache"],
        "status": "active",
    }
    return a_document(defaults, changes)


def a_panel_listing(**changes: Any) -> str:
    """Return the listing of the plugin of the other namespace."""
    defaults = {
        "schema": 1,
        "name": "Disk Panel",
        "summary": "Shows how full the disks are.",
        "hosts": ["panel"],
        "categories": ["widgets"],
        "license": "MIT",
        "owners": [{"login": "zoe", "id": 202}],
        "sources": ["https://zenith.example/"],
        "status": "active",
    }
    return a_document(defaults, changes)


def a_release(version: str = "1.1.0", **changes: Any) -> str:
    """Return a release of the spam filter that is a finished package somewhere."""
    defaults = {
        "schema": 1,
        "version": version,
        "channel": "stable",
        "artifacts": [an_artifact(f"https://acme.example/releases/spam-filter-{version}.zip")],
    }
    return a_document(defaults, changes)


def an_artifact(url: str, **changes: Any) -> dict[str, Any]:
    """Return an artifact for any platform that lies at `url`."""
    return {"platform": "any", "source": {"url": url}, "sha256": SHA256, "size": 10423, **changes}


def a_source_release(version: str = "1.0.0", **changes: Any) -> str:
    """Return a release of the spam filter that is packed from its source tree."""
    artifact = {"platform": "any", "source": {"path": f"source/{version}"}, "sha256": TREE_SHA256}
    return a_release(version, artifacts=[artifact], **changes)


def a_wheel(**changes: Any) -> dict[str, Any]:
    """Return an artifact that wraps a wheel; `changes` are keys of its ``wrap``."""
    wrap = {"format": "wheel", "hosts": {"mail": ">=0.4,<2"}, "runtime": {"kind": "python"}}
    return {
        "platform": "any",
        "source": {"pypi": "dns-cache", "version": "1.0.0"},
        "sha256": SHA256,
        "size": 2048,
        "wrap": {**wrap, **changes},
    }


def a_manifest(**changes: Any) -> str:
    """Return ``plugin.yaml`` of the spam filter 1.0.0."""
    defaults = {
        "schema": 1,
        "id": "acme/spam-filter",
        "version": "1.0.0",
        "hosts": {"mail": ">=0.4,<2"},
        "runtime": {"kind": "python", "entry_point": "spam_filter:Plugin"},
        "permissions": [
            {"type": "mail.headers", "scope": "inbound", "reason": "Scores the sender and the subject"},
            {"type": "network", "scope": "api.example.com:443", "reason": "Looks senders up"},
        ],
        "dependencies": {"acme/dns-cache": ">=1.0,<2"},
        "entry_points": {"hooks": [{"name": "score", "target": "spam_filter:score"}]},
        "config_schema": "config.schema.json",
        "license_files": ["LICENSE"],
    }
    return a_document(defaults, changes)


def an_advisory(**changes: Any) -> str:
    """Return an advisory about the spam filter before 1.1.0."""
    defaults = {
        "schema_version": "1.6.0",
        "id": "PLG-2026-0001",
        "modified": "2026-02-02T00:00:00Z",
        "published": "2026-02-01T00:00:00Z",
        "summary": "Scores can be forged.",
        "affected": [an_affected_plugin()],
        "database_specific": {"action": "warn"},
    }
    return a_document(defaults, changes)


def an_affected_plugin(**changes: Any) -> dict[str, Any]:
    """Return one entry of ``affected``."""
    return {
        "package": {"ecosystem": "Pluginry", "name": "acme/spam-filter"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.1.0"}]}],
        **changes,
    }


def a_review(**changes: Any) -> str:
    """Return a review of the spam filter by the account 303."""
    defaults = {
        "schema": 1,
        "author": {"login": "rita", "id": 303},
        "version": "1.0.0",
        "rating": 4,
        "written_at": "2026-03-01T10:00:00Z",
        "text": "Does what it says.",
    }
    return a_document(defaults, changes)


def a_png(width: int = 64, height: int = 64, *, padding: int = 0) -> bytes:
    """Return a grey PNG picture; `padding` bytes of text are added to make it larger."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    text = chunk(b"tEXt", b"Comment\0" + b"x" * padding) if padding else b""
    pixels = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + text + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def registry_files() -> dict[str, str | bytes]:
    """Return a small registry that no rule has anything to say about, as content by path."""
    tree = f"{SPAM}/source/1.0.0"
    return {
        "registry.yaml": a_config(),
        "reserved.yaml": a_reserved(),
        "hosts/mail.yaml": a_host(),
        "hosts/panel.yaml": a_panel_host(),
        "namespaces/acme.yaml": a_namespace(),
        "namespaces/zenith.yaml": a_namespace(namespace="zenith", title="Zenith", owners=[{"login": "zoe", "id": 202}]),
        "advisories/PLG-2026-0001.yaml": an_advisory(),
        f"{SPAM}/listing.yaml": a_listing(),
        f"{SPAM}/README.md": "# Spam Filter\n\nScores mail.\n",
        f"{SPAM}/icon.png": a_png(),
        f"{SPAM}/screenshots/main.png": a_png(640, 480),
        f"{SPAM}/releases/1.0.0.yaml": a_source_release("1.0.0"),
        f"{SPAM}/releases/1.1.0.yaml": a_release("1.1.0"),
        f"{SPAM}/reviews/303.yaml": a_review(),
        f"{tree}/plugin.yaml": a_manifest(),
        f"{tree}/spam_filter.py": "class Plugin:\n    pass\n",
        f"{tree}/config.schema.json": '{"type": "object", "properties": {"limit": {"type": "number", "maximum": 0.5}}}',
        f"{tree}/LICENSE": "Licence text\n",
        f"{CACHE}/listing.yaml": a_cache_listing(),
        f"{CACHE}/README.md": "# DNS Cache\n",
        f"{CACHE}/releases/1.0.0.yaml": a_release("1.0.0", artifacts=[a_wheel()]),
        f"{PANEL}/listing.yaml": a_panel_listing(),
        f"{PANEL}/README.md": "# Disk Panel\n",
        f"{PANEL}/releases/2.0.0.yaml": a_release("2.0.0", artifacts=[an_artifact("https://zenith.example/p.zip")]),
    }


def a_registry(folder: Path, changes: Mapping[str, Any] | None = None) -> Path:
    """Write a registry below `folder` and return its path: `registry_files` with `changes`."""
    registry = folder / "registry"
    for name, content in {**registry_files(), **(changes or {})}.items():
        if content is LEFT_OUT:
            continue
        path = registry / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return registry
