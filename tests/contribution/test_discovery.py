"""A developer tags a release and types nothing more: the registry finds it and opens the pull request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from builders import a_listing, a_manifest, a_release
from command_line import pluginry
from developer_repository import ADDRESS, DeveloperRepository
from github_server import REGISTRY, GithubServer
from pluginry.adapters.git_proposals import GitProposals
from pluginry.adapters.git_tags import GitTags
from pluginry.contribution.discovery import Discovered, discover, versions_of
from pluginry.contribution.next_release import Upstream
from pluginry.contribution.submission import Action, propose_here, release_branch
from pluginry.encoding import documents, strict_yaml
from pluginry.errors import NotFoundError, PolicyError, TransportError
from pluginry.model.release import Release
from pluginry.model.versions import Version
from pluginry.publisher.load import load_registry
from pluginry.publisher.pack import packed_digest
from registry_clone import SPAM_FOLDER, Clone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

GITHUB = "https://github.com/acme/spam-filter"
LISTING = a_listing(source=ADDRESS, sources=[f"git:{ADDRESS}"], releases={"from": "tags"})


def a_git_release(version: str, commit: str) -> str:
    artifact = {"platform": "any", "source": {"git": ADDRESS, "commit": commit}, "sha256": "ab" * 32}
    return a_release(version, artifacts=[artifact])


@pytest.fixture
def developer(tmp_path: Path) -> DeveloperRepository:
    return DeveloperRepository.at(tmp_path)


@pytest.fixture
def clone(tmp_path: Path, developer: DeveloperRepository) -> Iterator[Clone]:
    first = developer.tag("1.1.0")
    files = {
        f"{SPAM_FOLDER}/listing.yaml": LISTING,
        f"{SPAM_FOLDER}/releases/1.1.0.yaml": a_git_release("1.1.0", first),
    }
    with GithubServer(tmp_path / "forge") as server:
        yield Clone.of_registry(server, tmp_path, files)


@dataclass(frozen=True)
class AtGithub:
    """What ``developer`` has, under an address of GitHub."""

    developer: DeveloperRepository

    def tags(self, repository: str) -> Mapping[str, str]:
        return self.developer.tags(ADDRESS if repository == GITHUB else repository)

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        here = replace(source, git=ADDRESS)
        return self.developer.fetch(here, into, expected=expected, max_bytes=max_bytes)


def found(clone: Clone, developer: DeveloperRepository | AtGithub) -> list[Discovered]:
    forge = clone.server.forge("token-market")
    upstream = Upstream(fetchers={"git": developer}, root=clone.registry, max_bytes=1 << 20)
    plugins = load_registry(clone.registry).registry.plugins.values()
    return list(
        discover(
            plugins,
            tags=developer,
            upstream=upstream,
            is_known=lambda plugin, version: forge.find(release_branch(plugin, version), owner="market") is not None,
            numbers_of=forge.numbers_of,
        )
    )


def test_a_tag_becomes_a_pull_request_and_is_not_proposed_twice(clone: Clone, developer: DeveloperRepository) -> None:
    assert found(clone, developer) == []
    commit = developer.tag("1.2.0")
    [new] = found(clone, developer)
    assert new.trouble is None
    assert new.proposal is not None
    git = GitProposals(folder=clone.registry)
    address = str(clone.server.path(REGISTRY))
    done = propose_here(
        new.proposal,
        forge=clone.server.forge("token-market"),
        branches=git,
        address=address,
        owner="market",
        base=git.fetch(address, "main"),
    )
    assert (done.action, clone.server.pulls[0]["title"]) == (Action.OPENED, "acme/spam-filter 1.2.0")
    branch, file = "pluginry/acme/spam-filter/1.2.0", f"registry/{SPAM_FOLDER}/releases/1.2.0.yaml"
    assert clone.server.git(REGISTRY, "diff", "--name-status", f"main..{branch}") == f"A\t{file}"
    text = clone.server.git(REGISTRY, "show", f"{branch}:{file}")
    release = documents.construct(Release, strict_yaml.parse(text.encode(), file=file).value, what=file)
    assert release.artifacts[0].source.commit == commit
    (developer.folder / ".git").rename(developer.folder.parent / "gone.git")
    assert release.artifacts[0].sha256 == packed_digest(developer.folder).sha256
    (developer.folder.parent / "gone.git").rename(developer.folder / ".git")
    assert found(clone, developer) == []
    clone.server.pulls[0]["state"] = "closed"
    assert found(clone, developer) == []  # somebody said no


def test_only_the_newest_of_several_is_proposed(clone: Clone, developer: DeveloperRepository) -> None:
    developer.tag("1.2.0")
    developer.tag("1.3.0-rc.1")
    [new] = found(clone, developer)
    assert new.version == Version("1.3.0-rc.1")


def test_an_older_version_is_not_new(clone: Clone, developer: DeveloperRepository) -> None:
    developer.tag("1.0.5")
    assert found(clone, developer) == []


@pytest.mark.parametrize("changes", [{"version": "1.2.1"}, {"id": "acme/other"}])
def test_a_tag_whose_manifest_says_something_else_is_told_and_not_proposed(
    clone: Clone, developer: DeveloperRepository, changes: dict[str, str]
) -> None:
    developer.tag("1.2.0", manifest=a_manifest(**{"version": "1.2.0", **changes}))
    [new] = found(clone, developer)
    assert new.proposal is None
    assert new.trouble is not None
    assert "another release" in new.trouble.what


def test_plugins_that_do_not_ask_for_it_are_left_alone(clone: Clone, developer: DeveloperRepository) -> None:
    developer.tag("1.2.0")
    for changes in ({"releases": None}, {"status": "deprecated", "reason": "old", "releases": {"from": "tags"}}):
        listing = a_listing(source=ADDRESS, sources=[f"git:{ADDRESS}"], **changes)
        clone.write(f"{SPAM_FOLDER}/listing.yaml", listing.replace("releases: null\n", ""))
        assert found(clone, developer) == []


def test_one_plugins_trouble_is_not_anothers(clone: Clone, developer: DeveloperRepository) -> None:
    developer.tag("1.2.0")
    away = a_listing(source="https://127.0.0.1:1/gone", releases={"from": "tags"}, name="DNS Cache")
    clone.write("plugins/acme/dns-cache/listing.yaml", away)
    outcomes = {str(one.plugin): one for one in found(clone, developer)}
    assert outcomes["acme/dns-cache"].trouble is not None
    assert outcomes["acme/spam-filter"].proposal is not None


@pytest.mark.parametrize(
    ("numbers", "is_proposed"),
    [
        ({"id": 11, "owner": {"login": "acme", "id": 22}}, True),
        ({"id": 12, "owner": {"login": "acme", "id": 22}}, False),
        ({"id": 11, "owner": {"login": "acme", "id": 23}}, False),
    ],
    ids=["the same", "made again under its name", "handed over"],
)
def test_a_repository_that_is_another_by_now_announces_nothing(
    clone: Clone, developer: DeveloperRepository, numbers: Any, is_proposed: bool
) -> None:
    listing = a_listing(source=GITHUB, sources=[f"git:{GITHUB}"], releases={"from": "tags"})
    clone.write(f"{SPAM_FOLDER}/listing.yaml", listing)
    release = (clone.registry / SPAM_FOLDER / "releases/1.1.0.yaml").read_text("utf-8").replace(ADDRESS, GITHUB)
    clone.write(f"{SPAM_FOLDER}/releases/1.1.0.yaml", release)
    clone.server.host("acme/spam-filter", **numbers)
    developer.tag("1.2.0")
    [new] = found(clone, AtGithub(developer))
    assert (new.proposal is not None) is is_proposed
    assert is_proposed or isinstance(new.trouble, PolicyError)


def test_the_pattern_says_which_tags_are_releases() -> None:
    tags = {"v1.0.0": "a", "1.1.0": "b", "x/1.2.0": "c", "v1.3": "d", "v01.0.0": "e", "v1.4.0-dev": "f"}
    assert versions_of(tags, ["v{version}"]) == {Version("1.0.0"): "a"}
    assert versions_of(tags, ["x/{version}"]) == {Version("1.2.0"): "c"}
    assert versions_of(tags, ["v{version}", "{version}"]) == {Version("1.0.0"): "a", Version("1.1.0"): "b"}


def test_tags_are_read_as_the_commits_that_they_name(developer: DeveloperRepository) -> None:
    commit = developer.tag("1.0.0")
    developer.git("tag", "light")
    tags = GitTags(unsafe_allow_file_protocol=True).tags(developer.folder.as_uri())
    assert tags == {"v1.0.0": commit, "light": commit}


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("http://git.example/a", TransportError),
        ("https://user:secret@git.example/a", TransportError),
        ("file:///etc", TransportError),
        ("https://127.0.0.1:1/a", TransportError),
    ],
)
def test_only_public_repositories_over_https_are_asked(address: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        GitTags().tags(address)
    assert "secret" not in str(caught.value)


def test_a_repository_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        GitTags(unsafe_allow_file_protocol=True).tags((tmp_path / "none").as_uri())


def test_the_command_tells_what_is_new_and_what_is_in_the_way(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", clone.server.address)
    monkeypatch.setenv("GH_TOKEN", "token-market")
    words = ("discover", "--registry", str(clone.registry), "--repository", REGISTRY, "--json")
    calm = pluginry(*words, "acme/dns-cache")
    assert (calm.status, calm.data) == (0, {"found": []})
    away = a_listing(source="https://127.0.0.1:1/gone", releases={"from": "tags"})
    clone.write(f"{SPAM_FOLDER}/listing.yaml", away)
    troubled = pluginry(*words)
    assert troubled.status == 1
    assert [one["id"] for one in troubled.data["found"]] == ["acme/spam-filter"]
    assert clone.server.pulls == []


def test_a_bump_writes_what_the_developer_would_have_written(clone: Clone, tmp_path: Path) -> None:
    registry = clone.registry
    tree = f"{SPAM_FOLDER}/source/1.3.0"
    for name in ("spam_filter.py", "config.schema.json", "LICENSE"):
        clone.write(f"{tree}/{name}", (registry / SPAM_FOLDER / "source/1.0.0" / name).read_text("utf-8"))
    clone.write(f"{tree}/plugin.yaml", a_manifest(version="1.3.0"))
    source = {"platform": "any", "source": {"path": "source/1.1.0"}, "sha256": "ab" * 32}
    clone.write(f"{SPAM_FOLDER}/releases/1.1.0.yaml", a_release("1.1.0", artifacts=[source]))
    file = registry / SPAM_FOLDER / "releases/1.3.0.yaml"
    words = ("bump", "--registry", str(registry), "--project", str(registry / tree), "--json")
    dry = pluginry(*words, "--dry-run")
    assert (dry.status, dry.data["version"], file.exists()) == (0, "1.3.0", False)
    assert pluginry(*words).status == 0
    assert file.read_text("utf-8") == dry.data["content"]
    assert f"sha256: {packed_digest(registry / tree).sha256}" in dry.data["content"].replace('"', "")
    again = pluginry(*words)
    assert (again.status, file.read_text("utf-8")) == (2, dry.data["content"])
    assert pluginry("bump", "acme/nothing", "1.0.0", "--registry", str(registry)).status == 7
    assert pluginry("bump", "--registry", str(tmp_path)).status == 2
