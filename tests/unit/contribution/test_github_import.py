"""Drafts from releases at GitHub: what the packages say counts, and what the forge says has to agree."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from builders import a_manifest, a_registry
from command_line import pluginry
from developer_repository import ADDRESS, DeveloperRepository
from github_server import GithubServer
from pluginry.adapters.github_releases import GithubReleases
from pluginry.contribution.github_import import Draft, draft_of
from pluginry.contribution.next_release import Upstream
from pluginry.errors import DocumentError, NotFoundError, PluginryError, TamperedError, TransportError, UsageError
from pluginry.importing.listing_files import problems_of
from pluginry.model.digest import Digest
from pluginry.model.forge_release import ForgeRelease, ReleaseFile
from pluginry.model.listing import Account
from pluginry.publisher.pack import pack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

NAME, TAG = "acme/new-thing", "v2.0.0"
DOWNLOADS = f"https://github.com/{NAME}/releases/download/{TAG}"
RECORDED = Path(__file__).parents[2] / "recorded" / "github"


class Shelf:
    """A `SourceFetcher` for what lies on a shelf, by address."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        assert expected is None
        path = into / "download"
        path.write_bytes(self.files[source.url][:max_bytes])
        return path


def a_package(folder: Path, **manifest: str) -> bytes:
    registry = a_registry(folder / "of-the-package")
    tree = registry / "plugins/acme/spam-filter/source/1.0.0"
    said = {"id": "acme/new-thing", "version": "2.0.0", **manifest}
    (tree / "plugin.yaml").write_text(a_manifest(**said), "utf-8")
    out = folder / "package.zip"
    pack(tree, out=out)
    return out.read_bytes()


def a_release(*files: ReleaseFile, **changes: Any) -> ForgeRelease:
    found = ForgeRelease(
        name=NAME,
        tag=TAG,
        commit="ab" * 20,
        address=f"https://github.com/{NAME}",
        repository_id=5,
        owner=Account(login="acme", id=22),
        files=files,
        summary="Does a new thing",
        homepage="https://new.example/",
        license="MIT",
        topics=("Mail Filter", "spam"),
    )
    return replace(found, **changes)


def drafted(tmp_path: Path, found: ForgeRelease, files: dict[str, bytes]) -> Draft:
    shelf = {f"{DOWNLOADS}/{name}": content for name, content in files.items()}
    upstream = Upstream(fetchers={"url": Shelf(shelf)}, root=tmp_path, max_bytes=1 << 20)
    return draft_of(found, upstream, category="security")


def file_of(name: str, content: bytes | None = None) -> ReleaseFile:
    sha256 = None if content is None else Digest(hashlib.sha256(content).hexdigest())
    return ReleaseFile(name=name, address=f"{DOWNLOADS}/{name}", sha256=sha256)


def test_a_released_package_becomes_listing_and_release(tmp_path: Path) -> None:
    package = a_package(tmp_path)
    files = {"new-thing-2.0.0.zip": package, "others.zip": b"PK no package", "notes.txt": b"x"}
    found = a_release(*(file_of(name, content) for name, content in files.items()))
    draft = drafted(tmp_path, found, files)
    assert (str(draft.plugin), str(draft.release.version), draft.left_out) == (NAME, "2.0.0", ("others.zip",))
    [artifact] = draft.release.artifacts
    assert str(artifact.sha256) == hashlib.sha256(package).hexdigest()
    listing = draft.listing
    assert (listing.owners[0].id, listing.license, listing.hosts) == (22, "MIT", ("mail",))
    assert listing.sources == (f"https://github.com/{NAME}/releases/",)
    assert listing.releases is not None
    assert listing.releases.pattern == "v{version}"
    assert problems_of("listing", listing, file="l") + problems_of("release", draft.release, file="r") == ()


def test_packages_for_platforms_are_told_by_their_names(tmp_path: Path) -> None:
    package = a_package(tmp_path)
    names = ("new-thing-2.0.0-linux-x86_64.zip", "new-thing-2.0.0-macos-aarch64.zip", "new-thing-2.0.0-no-such.zip")
    draft = drafted(tmp_path, a_release(*map(file_of, names)), dict.fromkeys(names, package))
    assert [str(one.platform) for one in draft.release.artifacts] == ["linux-x86_64", "macos-aarch64", "any"]


def test_without_packages_the_sources_of_the_tag_are_packed(tmp_path: Path) -> None:
    developer = DeveloperRepository.at(tmp_path)
    commit = developer.tag("2.0.0", manifest=a_manifest(id=NAME, version="2.0.0"))
    upstream = Upstream(fetchers={"git": developer}, root=tmp_path, max_bytes=1 << 20)
    draft = draft_of(a_release(commit=commit, address=ADDRESS), upstream, category="security")
    assert (draft.release.artifacts[0].source.git, draft.release.artifacts[0].source.commit) == (ADDRESS, commit)
    assert draft.listing.sources == (f"git:{ADDRESS}",)


def test_a_file_that_is_not_the_forges_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TamperedError):
        drafted(tmp_path, a_release(file_of("a.zip", b"other")), {"a.zip": a_package(tmp_path)})


def test_packages_of_different_plugins_are_refused(tmp_path: Path) -> None:
    files = {"a.zip": a_package(tmp_path), "b.zip": a_package(tmp_path, id="acme/other")}
    with pytest.raises(DocumentError, match="different plugins"):
        drafted(tmp_path, a_release(*map(file_of, files)), files)


def test_what_the_forge_does_not_know_is_said_to_be_unknown(tmp_path: Path) -> None:
    files = {"a.zip": a_package(tmp_path)}
    found = a_release(file_of("a.zip"), license="NOASSERTION", summary="", homepage="javascript:alert(1)")
    listing = drafted(tmp_path, found, files).listing
    assert (listing.license, listing.summary, listing.homepage) == ("LicenseRef-unstated", "New thing.", "")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GithubServer]:
    with GithubServer(tmp_path / "forge") as server:
        server.host(NAME, private=False, license={"spdx_id": "MIT"}, description="A\nthing", topics=["x"])
        server.commits[f"{NAME}@{TAG}"] = "cd" * 20
        server.releases[f"{NAME}@{TAG}"] = an_answer()
        yield server


def an_answer(**asset: Any) -> dict[str, Any]:
    one = {"name": "a.zip", "browser_download_url": f"{DOWNLOADS}/a.zip", "digest": f"sha256:{'ab' * 32}", **asset}
    return {"tag_name": TAG, "draft": False, "assets": [one]}


def test_a_release_is_read_as_recorded(server: GithubServer) -> None:
    found = GithubReleases(api=server.api("")).release(NAME, TAG)
    assert (found.commit, found.files[0].sha256, found.summary) == ("cd" * 20, Digest("ab" * 32), "A thing")
    recorded = json.loads((RECORDED / "release.json").read_text("utf-8"))
    server.releases[f"{NAME}@{TAG}"] = {**recorded, "assets": []}
    assert GithubReleases(api=server.api("")).release(NAME, TAG).files == ()
    asset = recorded["assets"][0]
    assert {key: type(asset[key]) for key in an_answer()["assets"][0]} == dict.fromkeys(an_answer()["assets"][0], str)


def test_a_tag_alone_has_no_files_and_a_draft_none_either(server: GithubServer) -> None:
    server.releases[f"{NAME}@{TAG}"]["draft"] = True
    assert GithubReleases(api=server.api("")).release(NAME, TAG).files == ()
    server.releases.clear()
    assert GithubReleases(api=server.api("")).release(NAME, TAG).files == ()


@pytest.mark.parametrize(
    "asset",
    [
        {"browser_download_url": "https://evil.example/a.zip"},
        {"browser_download_url": f"https://github.com/acme/other/releases/download/{TAG}/a.zip"},
        {"name": "../../a.zip"},
        {"name": "b.zip"},
        {"digest": "sha256:short"},
        {"name": 7},
    ],
)
def test_hostile_answers_are_refused(server: GithubServer, asset: dict[str, Any]) -> None:
    server.releases[f"{NAME}@{TAG}"] = an_answer(**asset)
    with pytest.raises(TransportError):
        GithubReleases(api=server.api("")).release(NAME, TAG)


@pytest.mark.parametrize(
    ("name", "tag", "error"),
    [
        ("acme/../user", TAG, UsageError),
        ("acme/new-thing/releases", TAG, UsageError),
        (NAME, "v1 0", UsageError),
        (NAME, "../../../user", UsageError),
        (NAME, "v9.9.9", NotFoundError),
        ("acme/nothing", TAG, NotFoundError),
    ],
)
def test_what_names_no_release_is_refused(
    server: GithubServer, name: str, tag: str, error: type[PluginryError]
) -> None:
    with pytest.raises(error):
        GithubReleases(api=server.api("")).release(name, tag)


def test_a_renamed_or_private_repository_is_not_taken(server: GithubServer) -> None:
    for change in ({"full_name": "eve/new-thing"}, {"full_name": NAME, "private": True}):
        server.repositories[NAME].update(change)
        with pytest.raises(NotFoundError):
            GithubReleases(api=server.api("")).release(NAME, TAG)


def test_the_command_says_what_is_missing(
    server: GithubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", server.address)
    monkeypatch.setenv("GH_TOKEN", "token-anna")
    registry = str(a_registry(tmp_path))
    assert pluginry("import", "github", NAME, "--registry", registry).status == 2
    assert pluginry("import", "github", f"{NAME}@v9", "--registry", registry).status == 7
    assert pluginry("import", "github", f"{NAME}@{TAG}", "--registry", registry, "--category", "none").status == 2
