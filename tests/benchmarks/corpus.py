"""A marketplace of N plugins to measure builds with: the same bytes for the same N, on any machine.

In: a folder and how many plugins. Out: a git repository there with ``registry/``, the ledger in ``index/`` and the
objects that it names, as a publisher's own machine has them after many runs. Ledgers and objects are written directly:
nothing is fetched, scanned or signed, so what is measured later is the build alone. Who publishes makes the keys.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding.archive_writer import NewMember, write_archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RELEASES: Final = ("1.0.0", "1.1.0")
NEXT_RELEASE: Final = "1.2.0"
_NAMESPACES: Final = 100
_COMMIT: Final = "c0" * 20
_AT: Final = "2026-03-01T12:00:00Z"
_WORDS: Final = tuple(
    """
    amber anchor arrow atlas basil beacon birch breeze brook canyon cedar cobalt comet coral crystal delta drift
    ember falcon fern flint forest garnet glacier grove harbor hazel heron indigo ivory jasper juniper kestrel
    lagoon lantern linden lotus maple marble meadow mica nectar nimbus oak onyx opal orchid osprey pebble pine
    plover prairie quartz raven reef ridge river robin sable saffron sage slate sparrow summit sycamore thistle
    timber topaz tundra velvet violet walnut willow winter wren zephyr
    """.split()  # noqa: SIM905 - as a list it would take eighty lines
)
_CONFIG: Final = """schema: 1
name: Large marketplace
summary: As many plugins as a measurement needs
default_channel: stable
categories:
  - {id: tools, title: Tools, summary: Tools of all kinds}
  - {id: looks, title: Looks, summary: Themes and colours}
  - {id: data, title: Data, summary: "Reading, converting and publishing data"}
"""
_HOST: Final = """schema: 1
id: mail
title: Example Mail
summary: A mail server
versions: ["0.4.0", "0.5.0", "1.0.0"]
runtimes:
  - {kind: python, summary: A Python class}
permissions:
  - type: network
    severity: medium
    says: "Connects to {scope}"
    scope_pattern: '[a-z0-9.-]+:[0-9]{1,5}'
entry_points:
  - {group: hooks, summary: Called for each message}
"""
_NAMESPACE: Final = """schema: 1
namespace: %s
title: Plugins of %s
owners:
  - {login: %s-team, id: %d}
proof: {kind: repository, value: this registry, checked_at: 2026-01-02T09:00:00Z}
status: active
"""
_LISTING: Final = """schema: 1
name: %(title)s
summary: %(summary)s
hosts: [mail]
categories: [%(category)s]
tags: [%(tags)s]
license: MIT
owners:
  - {login: %(namespace)s-team, id: %(owner)d}
sources: ["https://files.example.org/%(id)s/"]
status: active
homepage: "https://example.org/%(id)s"
source: "https://git.example.org/%(id)s"
pricing: {model: free}
"""
_RELEASE: Final = """schema: 1
version: %(version)s
channel: stable
artifacts:
  - platform: any
    source: {url: "https://files.example.org/%(id)s/%(version)s.zip"}
    sha256: %(sha256)s
    size: %(size)d
"""
_README: Final = """# %(title)s

%(summary)s.

## Settings

| name | meaning |
|---|---|
| `limit` | how much at most, 10 unless said |
| `mode` | `quick` or `careful` |

Ask in the issues of [its repository](https://git.example.org/%(id)s).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A repository in ``root``; its plugins are numbered below ``count``, and each package has a payload."""

    root: Path
    count: int
    payload_bytes: int = 0

    def commit(self, message: str) -> None:
        """Commit what lies in ``registry/`` and ``index/``."""
        _git(self.root, "add", "registry", "index")
        _git(self.root, "commit", "--quiet", "--message", message)

    def release(self, number: int, version: str = NEXT_RELEASE) -> None:
        """Write one more release of a plugin to registry, ledger and objects, as a publication would, and commit it."""
        plugin = _plugin(number)
        files, events = _release(self, plugin, version)
        _write(self.root, f"registry/plugins/{plugin['id']}/{files[0]}", files[1])
        with (self.root / f"index/ledger/{plugin['id']}.jsonl").open("ab") as ledger:
            ledger.write(events)
        self.commit(f"{plugin['id']} {version}")


def make_corpus(root: Path, count: int, payload_bytes: int = 0) -> Corpus:
    """Return the marketplace of `count` plugins in `root`; one that was finished there before is taken as it is.

    Each package has a file of so many `payload_bytes`, which cannot be compressed.
    """
    corpus = Corpus(root=root, count=count, payload_bytes=payload_bytes)
    done = root / ".pluginry" / f"corpus-{count}-{payload_bytes}"
    if done.exists():
        return corpus
    root.mkdir(parents=True, exist_ok=True)
    for file, text in _shared():
        _write(root, file, text.encode())
    for number in range(count):
        _write_plugin(corpus, _plugin(number))
    _git(root, "init", "--quiet", "--initial-branch", "main")
    (root / ".gitignore").write_text(".pluginry/\ndist/\n")
    corpus.commit("corpus")
    done.touch()
    return corpus


def incompressible(seed: str, size: int) -> bytes:
    """Return `size` bytes, always the same ones for a `seed`."""
    return random.Random(seed).randbytes(size)  # noqa: S311 - not for secrets


def _shared() -> Iterator[tuple[str, str]]:
    yield "registry/registry.yaml", _CONFIG
    yield "registry/hosts/mail.yaml", _HOST
    for number in range(_NAMESPACES):
        name = _namespace(number)
        yield f"registry/namespaces/{name}.yaml", _NAMESPACE % (name, name, name, 1000 + number)


def _namespace(number: int) -> str:
    return f"{_WORDS[number % len(_WORDS)]}-{'works' if number < len(_WORDS) else 'labs'}"


def _plugin(number: int) -> dict[str, Any]:
    chance = random.Random(number)  # noqa: S311 - the same corpus everywhere, nothing secret
    words = [chance.choice(_WORDS) for _ in range(8)]
    # A digest keeps names apart in more than one letter, so that none is taken for another one's look-alike.
    mark = hashlib.sha256(str(number).encode()).hexdigest()[:8]
    namespace = number % _NAMESPACES
    title = f"{words[0].title()} {words[1].title()} {mark}"
    return {
        "number": number,
        "id": f"{_namespace(namespace)}/{words[0]}-{words[1]}-{mark}",
        "namespace": _namespace(namespace),
        "owner": 1000 + namespace,
        "title": title,
        "summary": f"Brings {words[2]} and {words[3]} to the {words[4]} of every message",
        "category": ("tools", "looks", "data")[number % 3],
        "tags": ", ".join(sorted({*words[5:8]})),
    }


def _write_plugin(corpus: Corpus, plugin: dict[str, Any]) -> None:
    root = corpus.root
    folder = f"registry/plugins/{plugin['id']}"
    _write(root, f"{folder}/listing.yaml", (_LISTING % plugin).encode())
    _write(root, f"{folder}/README.md", (_README % plugin).encode())
    ledger = _json({"event": "listed", "at": _AT, "status": "active"}) + b"\n"
    for version in RELEASES:
        (file, claim), events = _release(corpus, plugin, version)
        _write(root, f"{folder}/{file}", claim)
        ledger += events
    _write(root, f"index/ledger/{plugin['id']}.jsonl", ledger)


def _release(corpus: Corpus, plugin: dict[str, Any], version: str) -> tuple[tuple[str, bytes], bytes]:
    """Return the file of a release in its plugin's folder with its text, and its events; keep what they name."""
    manifest = {
        "id": plugin["id"],
        "version": version,
        "hosts": {"mail": ">=0.4,<2"},
        "runtime": {"kind": "python", "entry_point": "plugin:Plugin"},
        "permissions": [{"type": "network", "scope": "api.example.org:443", "reason": "Asks for the newest list"}],
        "entry_points": {"hooks": [{"name": "score", "target": "plugin:Plugin.score", "title": plugin["summary"]}]},
        "changes": [{"kind": "added", "text": f"What {version} brings to {plugin['title']}"}],
    }
    body = _json(manifest)
    source = f"class Plugin:\n    def score(self, message):\n        return {plugin['number']}\n" * 20
    files = {"plugin.json": body, "plugin.py": source.encode()}
    if corpus.payload_bytes:
        files["resources/payload"] = incompressible(f"{plugin['id']} {version}", corpus.payload_bytes)
    archive = io.BytesIO()
    write_archive(archive, (NewMember(name=name, body=content) for name, content in files.items()))
    root = corpus.root
    package = _keep(root, archive.getvalue())
    unpacked = sum(map(len, files.values()))
    seen = {"files": len(files), "platform": "any", "sha256": package["sha256"], "unpacked_size": unpacked}
    facts = {"artifacts": [seen], "id": plugin["id"], "scanners": {"secrets": "1"}, "version": version}
    event = {
        "event": "released",
        "at": _AT,
        "version": version,
        "channel": "stable",
        "registry_commit": _COMMIT,
        "manifest": _keep(root, body),
        "facts": _keep(root, _json(facts)),
        "artifacts": [{"platform": "any", **package}],
    }
    claim = _RELEASE % {"id": plugin["id"], "version": version, **package}
    return (f"releases/{version}.yaml", claim.encode()), _json(event) + b"\n"


def _keep(root: Path, body: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(body).hexdigest()
    _write(root, f".pluginry/objects/{digest[:2]}/{digest}", body)
    return {"sha256": digest, "size": len(body)}


def _json(value: Any) -> bytes:
    """Return ASCII values as canonical JSON, without the checks of the real writer: there are very many of them."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _write(root: Path, file: str, body: bytes) -> None:
    path = root / file
    try:
        path.write_bytes(body)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


def _git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0", "-c", "core.fsync=none")
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, stdin=subprocess.DEVNULL)
