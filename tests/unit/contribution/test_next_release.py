"""The next release looks like the last one; its digests are those of what is there, and of nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from builders import LEFT_OUT, a_listing, a_manifest, a_registry, a_release, an_artifact
from pluginry.adapters.path_source import PathSource
from pluginry.contribution.next_release import Upstream, newest, next_release, release_text
from pluginry.encoding import documents, strict_yaml
from pluginry.errors import DocumentError, NotFoundError, TransportError, UsageError
from pluginry.model.channel import Channel
from pluginry.model.manifest import Change
from pluginry.model.names import PluginId
from pluginry.model.release import Release
from pluginry.model.versions import Version
from pluginry.publisher.load import load_plugin
from pluginry.publisher.pack import pack

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.registry import PluginEntry
    from pluginry.model.release import Source

SPAM, CACHE = PluginId.parse("acme/spam-filter"), PluginId.parse("acme/dns-cache")
FOLDER = "plugins/acme/spam-filter"
URL = "https://acme.example/releases/spam-filter-{}.zip"


@dataclass(slots=True)
class Shelf:
    """A `SourceFetcher` for what lies on a shelf, by address."""

    files: dict[str, bytes]
    asked: list[str] = field(default_factory=list)

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        assert expected is None
        self.asked.append(str(source))
        content = self.files.get(str(source))
        if content is None or len(content) > max_bytes:
            raise TransportError("a file could not be fetched", where=str(source))
        path = into / "download"
        path.write_bytes(content)
        return path


def upstream(registry: Path, files: dict[str, bytes] | None = None) -> Upstream:
    shelf = Shelf(files or {})
    fetchers = {"path": PathSource(registry), "url": shelf, "pypi": shelf}
    return Upstream(fetchers=fetchers, root=registry, max_bytes=1 << 20)


def entry_of(registry: Path, plugin: PluginId = SPAM) -> PluginEntry:
    entry = load_plugin(registry, plugin).entry
    assert entry is not None
    return entry


def no_commit(repository: str) -> str:
    raise NotFoundError("there is no tag", where=repository)


def a_package(folder: Path, registry: Path, version: str) -> bytes:
    """Return the finished package of the spam filter in `version`."""
    tree = registry / FOLDER / "source/1.0.0"
    (tree / "plugin.yaml").write_text(a_manifest(version=version), "utf-8")
    out = folder / "made.zip"
    pack(tree, out=out)
    return out.read_bytes()


def test_a_release_from_an_address_gets_the_digest_of_the_new_file(tmp_path: Path) -> None:
    registry = a_registry(tmp_path)
    package = a_package(tmp_path, registry, "1.2.0")
    made = next_release(
        entry_of(registry),
        Version("1.2.0"),
        upstream=upstream(registry, {URL.format("1.2.0"): package}),
        commit_of=no_commit,
    )
    artifact = made.artifacts[0]
    assert (artifact.source.url, artifact.size) == (URL.format("1.2.0"), len(package))
    assert str(artifact.sha256) == hashlib.sha256(package).hexdigest()
    assert (made.channel, made.yanked) == (Channel.STABLE, None)


def test_a_release_from_sources_is_packed(tmp_path: Path) -> None:
    tree = {f"{FOLDER}/source/1.1.0/{name}": text for name, text in SOURCES.items()}
    tree[f"{FOLDER}/source/1.1.0/plugin.yaml"] = a_manifest(version="1.1.0")
    registry = a_registry(tmp_path, {f"{FOLDER}/releases/1.1.0.yaml": LEFT_OUT, **tree})
    made = next_release(entry_of(registry), Version("1.1.0"), upstream=upstream(registry), commit_of=no_commit)
    assert made.artifacts[0].source.path == "source/1.1.0"
    out = tmp_path / "packed.zip"
    assert made.artifacts[0].sha256 == pack(registry / FOLDER / "source/1.1.0", out=out).blob.sha256


SOURCES = {
    "plugin.yaml": "",
    "spam_filter.py": "class Plugin:\n    pass\n",
    "config.schema.json": '{"type": "object"}',
    "LICENSE": "Licence text\n",
}


def test_a_wrapped_release_keeps_its_wrap_and_gets_the_changes(tmp_path: Path) -> None:
    registry = a_registry(tmp_path)
    changes = (Change(kind="fixed", text="A hole"),)
    made = next_release(
        entry_of(registry, CACHE),
        Version("1.0.1"),
        upstream=upstream(registry, {"pypi:dns-cache==1.0.1": b"a wheel"}),
        commit_of=no_commit,
        changes=changes,
    )
    wrap = made.artifacts[0].wrap
    assert wrap is not None
    assert (wrap.format, wrap.changes, made.artifacts[0].size) == ("wheel", changes, 7)


@pytest.mark.parametrize(
    ("version", "channel"),
    [("1.2.0-alpha.1", Channel.EXPERIMENTAL), ("1.2.0-beta.1", Channel.BETA), ("1.2.0-rc.1", Channel.BETA)],
)
def test_what_is_not_finished_goes_to_its_channel(tmp_path: Path, version: str, channel: Channel) -> None:
    registry = a_registry(tmp_path)
    files = {URL.format(version): a_package(tmp_path, registry, version)}
    made = next_release(entry_of(registry), Version(version), upstream=upstream(registry, files), commit_of=no_commit)
    assert made.channel is channel


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    registry = a_registry(tmp_path)
    with pytest.raises(UsageError, match="there already"):
        next_release(entry_of(registry), Version("1.1.0"), upstream=upstream(registry), commit_of=no_commit)


@pytest.mark.parametrize("inside", ["1.3.0", "1.1.0"])
def test_a_package_of_another_version_is_refused(tmp_path: Path, inside: str) -> None:
    registry = a_registry(tmp_path)
    files = {URL.format("1.2.0"): a_package(tmp_path, registry, inside)}
    with pytest.raises(DocumentError, match="another release"):
        next_release(entry_of(registry), Version("1.2.0"), upstream=upstream(registry, files), commit_of=no_commit)


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    registry = a_registry(tmp_path)
    with pytest.raises(DocumentError):
        next_release(
            entry_of(registry),
            Version("1.2.0"),
            upstream=upstream(registry, {URL.format("1.2.0"): b"<html>not found</html>"}),
            commit_of=no_commit,
        )


def test_what_cannot_be_fetched_is_no_release(tmp_path: Path) -> None:
    registry = a_registry(tmp_path)
    with pytest.raises(TransportError):
        next_release(entry_of(registry), Version("1.2.0"), upstream=upstream(registry), commit_of=no_commit)


def test_an_address_without_the_version_cannot_be_continued(tmp_path: Path) -> None:
    last = a_release("1.1.0", artifacts=[an_artifact("https://acme.example/releases/21.1.0/latest.zip")])
    registry = a_registry(tmp_path, {f"{FOLDER}/releases/1.1.0.yaml": last})
    with pytest.raises(UsageError, match="where the next release is"):
        next_release(entry_of(registry), Version("1.2.0"), upstream=upstream(registry), commit_of=no_commit)


def test_a_plugin_without_releases_has_none_to_look_like(tmp_path: Path) -> None:
    registry = a_registry(tmp_path)
    for path in (registry / FOLDER / "releases").iterdir():
        path.unlink()
    with pytest.raises(NotFoundError, match="no release"):
        newest(entry_of(registry))


def read(text: bytes) -> Release:
    return documents.construct(Release, strict_yaml.parse(text, file="r").value, what="r")


def test_the_text_keeps_the_style_of_the_last_one_and_means_the_release(tmp_path: Path) -> None:
    last_text = (
        "# Made by hand\nschema: 1\nversion: 1.1.0\nchannel: stable\nartifacts:\n"
        f"  - {{platform: any, source: {{url: '{URL.format('1.1.0')}'}}, sha256: {'ab' * 32}, size: 10}}\n"
    )
    registry = a_registry(tmp_path, {f"{FOLDER}/releases/1.1.0.yaml": last_text})
    package = a_package(tmp_path, registry, "1.2.0")
    entry = entry_of(registry)
    made = next_release(
        entry, Version("1.2.0"), upstream=upstream(registry, {URL.format("1.2.0"): package}), commit_of=no_commit
    )
    text = release_text(made, like=(last_text, newest(entry)))
    assert read(text) == made
    assert text.startswith(b"# Made by hand\n")
    assert b"platform: any, source: {url:" in text


def test_a_style_that_cannot_say_it_is_given_up(tmp_path: Path) -> None:
    registry = a_registry(tmp_path, {f"{FOLDER}/listing.yaml": a_listing()})
    package = a_package(tmp_path, registry, "1.2.0")
    entry = entry_of(registry)
    made = next_release(
        entry, Version("1.2.0"), upstream=upstream(registry, {URL.format("1.2.0"): package}), commit_of=no_commit
    )
    yanked = (registry / FOLDER / "releases/1.1.0.yaml").read_text("utf-8") + "\nyanked: it was bad\n"
    assert read(release_text(made, like=(yanked, newest(entry)))) == made
