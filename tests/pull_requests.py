"""Pull requests to a registry in git, written without a checkout, so that trees can hold what no disk would.

    forge = Forge.with_registry(tmp_path)                 # the registry of builders.py, with anna (101) and zoe (202)
    head = forge.branch({f"{SPAM}/releases/1.2.0.yaml": forge.release("1.2.0")})
    forge.judged(head, author=ANNA)                       # a Decision

Paths are those of the registry; ``/path`` is one of the repository. `Link` and `Submodule` are contents like others.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builders import LEFT_OUT, SPAM, a_config, a_release, registry_files
from packages import package
from pluginry.adapters.git_commits import GitCommits
from pluginry.adapters.git_source import GitSource
from pluginry.adapters.path_source import PathSource
from pluginry.contribution.judge import Judgement, judge
from pluginry.contribution.packages import PackageDesk
from pluginry.contribution.people import People
from pluginry.contribution.tiers import decide
from pluginry.encoding.content_store import ContentStore
from pluginry.errors import ObjectMissingError, ObjectTooLargeError, TransportError
from pluginry.model.digest import Digest
from pluginry.model.listing import Account
from pluginry.model.manifest import Manifest, Permission, Runtime
from pluginry.model.names import Name, PluginId
from pluginry.model.versions import Version, VersionRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.decision import Decision
    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

ANNA = Account(login="anna", id=101)
"""Owns the namespace acme and all that is in it."""
ZOE = Account(login="zoe", id=202)
"""Owns the namespace zenith and all that is in it."""
MALLORY = Account(login="mallory", id=666)
"""Owns nothing."""
ROSA, RUTH = Account(login="rosa", id=901), Account(login="ruth", id=902)
"""Reviewers of the registry."""
NOW = datetime(2026, 5, 1, tzinfo=UTC)
REVIEW = {"reviewers": [{"login": "rosa", "id": 901}, {"login": "ruth", "id": 902}]}
AUTO_MERGE = {"enabled": True, "tiers": [0]}


@dataclass(frozen=True)
class Link:
    """A symbolic link to ``target``."""

    target: str


@dataclass(frozen=True)
class Submodule:
    """Another repository at ``commit``."""

    commit: str = "ab" * 20


@dataclass(slots=True)
class Internet:
    """A `SourceFetcher` of what developers published, by address; and what their repositories hold."""

    files: dict[str, bytes] = field(default_factory=dict)
    commits: set[tuple[str, str]] = field(default_factory=set)
    is_down: bool = False

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        assert expected is None or expected.size <= max_bytes
        if self.is_down:
            raise TransportError("nobody answers", where=source.url)
        body = self.files.get(source.url)
        if body is None:
            raise ObjectMissingError("there is no such file", where=source.url)
        if len(body) > max_bytes:
            raise ObjectTooLargeError("the file is too large", where=source.url)
        path = into / "fetched"
        path.write_bytes(body)
        return path

    def publishes(self, repository: str, commit: str) -> bool:
        return (repository, commit) in self.commits

    def artifact(self, url: str, files: Mapping[str, bytes] | None = None, **changes: Any) -> dict[str, Any]:
        """Publish a package of the spam filter at `url`, and return the artifact that names it.

        `changes` are fields of its manifest.
        """
        version = changes.pop("version", url.rpartition("-")[2].removesuffix(".zip"))
        manifest = Manifest(
            **{
                "id": PluginId.parse("acme/spam-filter"),
                "version": Version(version),
                "hosts": {Name("mail"): VersionRange(">=0.4,<2")},
                "runtime": Runtime(kind="python", entry_point="spam_filter:Plugin"),
                "permissions": (Permission(type="mail.headers", scope="inbound", reason="Scores the sender"),),
                **changes,
            }
        )
        self.files[url] = package(manifest, {"spam_filter.py": b"class Plugin:\n    pass\n", **(files or {})})
        return {
            "platform": "any",
            "source": {"url": url},
            "sha256": str(Digest.of(self.files[url])),
            "size": len(self.files[url]),
        }


@dataclass(slots=True)
class Forge:
    """A repository at ``folder``; ``main`` is the newest commit of its main branch; ``internet`` is what is around."""

    folder: Path
    main: str = ""
    internet: Internet = field(default_factory=Internet)
    proofs: dict[str, Any] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    @classmethod
    def with_registry(cls, folder: Path, changes: Mapping[str, Any] | None = None) -> Forge:
        """Return a repository below `folder` with the registry of builders.py and `changes`, reviewed by two."""
        repository = folder / "forge.git"
        subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True, capture_output=True)
        forge = cls(repository)
        files = {
            **registry_files(),
            f"{SPAM}/releases/1.1.0.yaml": forge.release("1.1.0"),
            "registry.yaml": a_config(review=REVIEW, auto_merge=AUTO_MERGE),
            "/README.md": "# A registry\n",
            "/.github/workflows/check.yml": "on: pull_request\n",
            "/index/ledger/acme.jsonl": "{}\n",
            **(changes or {}),
        }
        forge.main = forge.commit(files, parent=None)
        return forge

    def commit(
        self,
        changes: Mapping[str, Any],
        *,
        parent: str | None,
        merging: str = "",
        author: str = "Somebody <somebody@example.org>",
    ) -> str:
        """Write a commit with `changes` and return its id; ``LEFT_OUT`` deletes; `merging` is a second parent."""
        self.made.append(f"refs/heads/made-{len(self.made)}")
        message = b"A change"
        lines = [
            f"commit {self.made[-1]}\ncommitter {author} 1767225600 +0000\ndata {len(message)}\n".encode(),
            message,
        ]
        lines.append(f"\nfrom {parent}\n".encode() if parent else b"\n")
        if merging:
            lines.append(f"merge {merging}\n".encode())
        for path, content in changes.items():
            lines.append(_instruction(path[1:] if path.startswith("/") else f"registry/{path}", content))
        self.git("fast-import", "--quiet", "--force", feed=b"".join(lines) + b"done\n")
        return self.git("rev-parse", self.made[-1]).decode().strip()

    def release(self, version: str, files: Mapping[str, bytes] | None = None, **changes: Any) -> str:
        """Return a release of the spam filter whose package is published; `changes` are fields of its manifest."""
        url = f"https://acme.example/releases/spam-filter-{version}.zip"
        return a_release(version, artifacts=[self.internet.artifact(url, files, **changes)])

    def branch(self, changes: Mapping[str, Any], **options: Any) -> str:
        """Return a commit with `changes` on top of the main branch."""
        return self.commit(changes, parent=self.main, **options)

    def merge(self, head: str) -> None:
        """Let the main branch become `head`."""
        self.main = head

    def judgement(
        self,
        head: str,
        *,
        author: Account | None = ANNA,
        approved_by: Iterable[Account] = (),
        **options: Any,
    ) -> Judgement:
        """Return the judgement on merging `head` into the main branch."""
        people = People(author=author, approvals=frozenset(account.id for account in approved_by))
        with tempfile.TemporaryDirectory() as scratch:
            places = Path(scratch, "commits")
            places.mkdir()
            desk = PackageDesk(
                fetchers=lambda folder: {"url": self.internet, "path": PathSource(folder), "git": GitSource()},
                objects=ContentStore(Path(scratch, "objects")),
                now=NOW,
                **self.proofs,
            )
            world = {"desk": desk, "history": self.internet, **options}
            return judge(GitCommits(self.folder), self.main, head, people=people, scratch=places, **world)

    def judged(self, head: str, **options: Any) -> Decision:
        """Return the decision on merging `head` into the main branch."""
        judgement = self.judgement(head, **options)
        return decide(judgement.findings, judgement.situation, command="pluginry ci check")

    def opened(self, changes: Mapping[str, Any], **options: Any) -> Decision:
        """Return the decision on a pull request with `changes`."""
        return self.judged(self.branch(changes), **options)

    def git(self, *arguments: str, feed: bytes = b"") -> bytes:
        """Run git in the repository and return what it prints."""
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments], input=feed, capture_output=True, check=True, timeout=60
        )
        return done.stdout


def rules_of(decision: Decision) -> set[str]:
    """Return the rules behind a decision."""
    return {reason.rule for reason in decision.reasons}


def _instruction(path: str, content: Any) -> bytes:
    name = b'"' + b"".join(b"\\%03o" % byte for byte in path.encode(errors="surrogateescape")) + b'"'
    if content is LEFT_OUT:
        return b"D " + name + b"\n"
    if isinstance(content, Submodule):
        return f"M 160000 {content.commit} ".encode() + name + b"\n"
    mode, body = ("120000", content.target) if isinstance(content, Link) else ("100644", content)
    data = body.encode() if isinstance(body, str) else body
    return f"M {mode} inline ".encode() + name + f"\ndata {len(data)}\n".encode() + data + b"\n"
