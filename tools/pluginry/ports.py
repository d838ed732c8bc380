"""The outside world as Protocols, named by role. Adapters implement them; nothing inside knows more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from pluginry.model.access import Access
    from pluginry.model.attestation import SignerIdentity, VerifiedStatement
    from pluginry.model.digest import BlobRef
    from pluginry.model.forge_release import ForgeRelease
    from pluginry.model.listing import Account
    from pluginry.model.proposal import Checks, Comment, PullRequest, Review, Workplace
    from pluginry.model.published import PublishedObject, SignedState, StoredObject
    from pluginry.model.release import Source
    from pluginry.model.text_page import TextPage
    from pluginry.model.tree_change import TreeDifference, TreeEntry

Progress = Callable[[int], None]
"""Called with the number of bytes that arrived since the last call."""


class Transport(Protocol):
    """Reads what a marketplace published. Keys are relative, as in ``v1/index.json``."""

    @property
    def location(self) -> str:
        """Where from, for people: never holds credentials."""

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole object.

        Raises:
            ObjectMissingError: there is no such object.
            ObjectTooLargeError: it is larger than `max_bytes`.
            TransportError: it did not arrive.

        """

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        """Append the whole object to `into`; the same errors as `fetch`."""


class SizedTransport(Transport, Protocol):
    """A transport that can tell how large an object is without reading it."""

    def size_of(self, key: str) -> int | None:
        """Return the size in bytes, or None where the other side does not say; the errors of `Transport.fetch`."""


class ObjectStore(Protocol):
    """Where a marketplace is published to."""

    @property
    def location(self) -> str:
        """Where to, for people: never holds credentials."""

    @property
    def parallelism(self) -> int:
        """How many requests at once do it good; 1 when it may not be used from several threads."""

    def read(self, key: str) -> bytes:
        """Return the object.

        Raises:
            ObjectMissingError: there is no such object.

        """

    def find(self, key: str) -> StoredObject | None:
        """Return what is stored under `key`, or None."""

    def create(self, published: PublishedObject) -> bool:
        """Store an object unless its key is taken; return whether it was stored. Never overwrites."""

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        """Overwrite an object whose version tag is `expected` (None: it must not exist).

        Raises:
            PublishConflictError: somebody else changed it meanwhile.

        """

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield what is stored under every key that starts with `prefix`, in byte order of the keys."""

    def remove(self, key: str) -> None:
        """Remove an object, if it is there. Publishing never does; only collecting garbage and taking down do."""


class EdgeCache(Protocol):
    """Copies of published objects, near those who read them, that can be told to look again before their time."""

    def expire(self, keys: Collection[str]) -> None:
        """Forget the copies of the objects with these keys, and perhaps of others.

        Raises:
            TransportError: nothing was forgotten; all copies go when their time is over.

        """


class SourceFetcher(Protocol):
    """Brings the upstream bytes of a release here. One implementation for each kind of source."""

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        """Put what `source` names below the empty folder `into` and return its path.

        A file is returned for archives, a folder for source trees. `expected` is checked while reading.

        Raises:
            TransportError: not reachable, or larger than `max_bytes`.
            TamperedError: the bytes are not the expected ones.

        """


class TextIndexer(Protocol):
    """Makes texts searchable for scripts of the catalogue."""

    @property
    def version(self) -> str:
        """What changes whenever the same texts may give other files."""

    def index(self, pages: Iterable[TextPage], *, language: str) -> Mapping[str, bytes]:
        """Return what the scripts read, by name; `language` (ISO 639-1) is that of most texts.

        Raises:
            UsageError: what makes it is not installed.
            TransportError: it failed.

        """


class Signer(Protocol):
    """Signs in-toto statements under one identity."""

    @property
    def identity(self) -> SignerIdentity:
        """Who signs."""

    def attest(self, statement: bytes) -> bytes:
        """Return a sigstore bundle (v0.3 JSON) that holds `statement` in a signed DSSE envelope."""


class Verifier(Protocol):
    """Checks sigstore bundles without touching the network."""

    def verify(self, bundle: bytes, *, trusted_root: bytes, identities: Iterable[SignerIdentity]) -> VerifiedStatement:
        """Return the statement in `bundle`, signed by one of `identities`.

        Raises:
            TamperedError: anything at all is wrong with it.

        """


class MetadataReader(Protocol):
    """Reads back the trust metadata (TUF) of a marketplace; needs no key."""

    def current_target(self, path: str, store: ObjectStore) -> bytes | None:
        """Return the target that is published in `store` now, checked; None before the first publication."""

    def current_targets(self, store: ObjectStore) -> Mapping[str, bytes]:
        """Return all targets that are published in `store` now, checked; none before the first publication."""

    def newest_target(self, path: str, store: ObjectStore) -> bytes | None:
        """Return the target of the newest publication in `store` that anybody may have seen: perhaps one taken back."""


class MetadataRepository(MetadataReader, Protocol):
    """Signs the trust metadata (TUF) of a marketplace."""

    def sign(
        self, targets: Mapping[str, bytes], *, store: ObjectStore, now: datetime, settled: str | None = None
    ) -> SignedState:
        """Return the metadata and target objects that make `targets` the current state of `store`.

        With the name of an input that is `settled` (unchanged.py) the timestamp says so; see `SETTLED_FIELD`.
        """


class TrustedMetadata(Protocol):
    """The client's end of the trust metadata: knows which targets are current."""

    def refresh(self, *, now: datetime) -> None:
        """Bring the metadata up to date.

        Raises:
            TamperedError: a signature, hash or version is wrong.
            RolledBackError: genuine, but older than what was seen before.
            StaleError: genuine but expired.
            TransportError: not reachable.

        """

    def names(self, path: str) -> bool:
        """Return whether there is such a target."""

    def target(self, path: str, *, max_bytes: int, kept: bytes | None = None) -> bytes:
        """Return the current bytes of a target, checked; without a request when they are those of `kept`.

        Raises:
            TamperedError: not the promised bytes, larger than `max_bytes`, or no such target.

        """

    def keep(self) -> None:
        """Make what was refreshed the truth: called once all that hangs on it was accepted."""

    def close(self) -> None:
        """Forget what was refreshed and not kept."""


class Connector(Protocol):
    """Makes the client's connections: the one thing a host hands over to let the client reach the world."""

    def transport(self, location: str, access: Access = ...) -> Transport:
        """Return the transport for an address or folder, reached as `access` says.

        Raises:
            UsageError: no such kind of location.

        """

    def time_limit(self, seconds: float) -> AbstractContextManager[None]:
        """While it is entered, all reads of this thread together end after `seconds`, with a `TransportError`."""

    def metadata(self, folder: Path, *, root: bytes, transport: Transport) -> TrustedMetadata:
        """Return the trusted metadata that is kept in `folder` and began with `root`."""

    def verifier(self) -> Verifier:
        """Return what checks sigstore bundles.

        Raises:
            PolicyError: the ``verify`` extra is not installed.

        """


class GitHistory(Protocol):
    """What the build asks of git: what is checked out, and what folders held before.

    Folders are relative to the registry. The *main line* are the commits that were checked out one after the other: of
    a merge, only the first parent.
    """

    def head_commit(self) -> str | None:
        """Return the commit that is checked out, or None when the files are not a clean checkout."""

    def content_names(self) -> Mapping[str, str]:
        """Return a name for the content of everything at the top, each namespace's file and each plugin's folder.

        By path, and the same name as long as the content is the same; an empty one for what differs from the commit
        that is checked out. There are no others where nothing is, or git does not answer.
        """

    def is_complete(self) -> bool:
        """Return whether the whole history is here: not in a shallow clone, and not where there is none."""

    def commits_of(self, folder: str, *, limit: int) -> tuple[str, ...]:
        """Return the commits of the main line that changed `folder`, newest first, at most `limit` of them.

        Raises:
            TransportError: git does not answer.

        """

    def position_of(self, commit: str) -> int:
        """Return how many commits of the main line lead to `commit`: the fewer, the older. Errors as `commits_of`."""

    def write_folder(self, commit: str, folder: str, into: Path, *, max_bytes: int) -> bool:
        """Write what `folder` held as of `commit` below the empty folder `into`, and return whether it could be.

        It cannot when it was not there, is larger than `max_bytes`, or holds anything but plain files with plain names.
        Errors as `commits_of`.
        """


class RegistryCommits(Protocol):
    """What judging a change asks of git: commits compared and read as data, nothing checked out or run.

    Paths are relative to the repository. The errors of all: TransportError, when git does not answer.
    """

    def commit_of(self, name: str) -> str:
        """Return the full id of the commit `name`.

        Raises:
            UsageError: there is none here.

        """

    def merge_bases(self, base: str, head: str) -> tuple[str, ...]:
        """Return the newest commits that both share: one as a rule, several when branches merged each other."""

    def differences(self, before: str, after: str, *, limit: int) -> tuple[TreeDifference, ...]:
        """Return what `after` has that `before` has not, and the reverse, by path; at most `limit` of them."""

    def entries(self, commit: str, paths: Iterable[str]) -> Mapping[str, TreeEntry]:
        """Return those of `paths` that are files, links or submodules in `commit`."""

    def below(self, commit: str, folder: str) -> tuple[TreeEntry, ...]:
        """Return every file, link and submodule below `folder`."""

    def names_in(self, commit: str, folder: str, *, depth: int = 1) -> tuple[str, ...]:
        """Return the paths of folders `depth` steps below `folder`, relative to it, sorted."""

    def mentions(self, commit: str, texts: Iterable[str], pattern: str) -> tuple[tuple[str, str], ...]:
        """Return path and text of the lines that hold one of `texts`, letter case aside; `pattern` globs paths."""

    def sizes(self, blobs: Iterable[str]) -> Mapping[str, int]:
        """Return the sizes of blobs in bytes; what is no blob is not in it."""

    def contents(self, blobs: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of blobs."""


class SourceHistory(Protocol):
    """What judging a change asks of the repository of a developer."""

    def publishes(self, repository: str, commit: str) -> bool:
        """Return whether a branch or tag of `repository` leads to `commit`: forges also answer for commits of forks.

        Raises:
            TransportError: not reachable, or too large to tell.

        """


class RepositoryTags(Protocol):
    """What looking for new releases asks of the repository of a developer."""

    def tags(self, repository: str) -> Mapping[str, str]:
        """Return the commit of every tag of `repository`, by the tag's name.

        Raises:
            NotFoundError: no such repository, or it is not public.
            TransportError: not reachable, not https, or more tags than anybody reads.

        """


class ForgeReleases(Protocol):
    """What bringing a developer's release here asks of a forge."""

    def release(self, name: str, tag: str) -> ForgeRelease:
        """Return what is released in repository `name` (``OWNER/NAME``) as `tag`.

        Raises:
            UsageError: these name no release.
            NotFoundError: no such repository or tag, or it is not public.
            TransportError: no answer, or one that nobody expects.

        """


class ProposalBranches(Protocol):
    """What proposing a change asks of git, in a clone of the registry whose files and branches stay as they are.

    The errors of all: AuthError and TransportError, when the other side refuses or does not answer.
    """

    def fetch(self, address: str, branch: str) -> str:
        """Bring `branch` of the repository at `address` here, and return its commit."""

    def changed(self, commit: str, folder: str) -> Mapping[str, bytes]:
        """Return what this clone changes below `folder` since it went its own way from `commit`, by path.

        Raises:
            UsageError: a file was removed, is no plain file, or changed in `commit` as well.

        """

    def commit(self, base: str, files: Mapping[str, bytes], *, message: str, author: Account | None) -> str:
        """Return a commit on top of `base` with `files`, by `author` or else by whom git is configured for."""

    def push(self, commit: str, *, address: str, branch: str) -> bool:
        """Let `branch` of the repository at `address` end in `commit`; False when it makes the same change already."""

    def patch(self, commit: str) -> bytes:
        """Return `commit` as a patch that can be mailed."""


class Forge(Protocol):
    """The place with the pull requests of one registry. Accounts are told apart by number.

    The errors of all: AuthError, when nobody says who asks or they may not; NotFoundError; PolicyError, when the forge
    understands but refuses; TransportError, when it does not answer or asks to wait.
    """

    @property
    def location(self) -> str:
        """Which registry at which forge, for people."""

    def whoami(self) -> Account:
        """Return the account that asks."""

    def workplace(self) -> Workplace:
        """Return where that account may push: the repository itself or a fork of it, which is made if need be."""

    def find(self, branch: str, *, owner: str) -> PullRequest | None:
        """Return the newest pull request from `branch` of the copy of `owner`, open ones first, or None."""

    def open(self, branch: str, *, owner: str, title: str, body: str) -> PullRequest:
        """Open a pull request from `branch` of the copy of `owner`; `body` is Markdown."""

    def update(self, number: int, *, title: str, body: str) -> None:
        """Change the words of a pull request."""

    def comment(self, number: int, text: str, *, marker: str) -> None:
        """Put `text` in the place of the own comment that begins with `marker`, as it does too, or below the others."""

    def set_labels(self, number: int, labels: Iterable[str], *, kinds: Iterable[str]) -> None:
        """Let `labels` be those of a pull request that begin with one of `kinds`; other ones stay."""

    def checks_of(self, commit: str) -> Checks:
        """Return what continuous integration says of `commit`."""

    def merge(self, number: int, *, head: str) -> None:
        """Merge a pull request if it still ends in the commit `head`.

        Raises:
            PublishConflictError: it ends in another one by now.

        """


class ReviewForge(Forge, Protocol):
    """The same place, for a robot that goes over what is open. Errors as `Forge`."""

    def tip(self) -> str:
        """Return the newest commit of the branch that changes are merged into."""

    def clone_address(self) -> str:
        """Return where git finds the repository; pull request N ends in its ``refs/pull/N/head``."""

    def open_requests(self) -> tuple[PullRequest, ...]:
        """Return the open pull requests into that branch, oldest first."""

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Return what was written below a pull request, oldest first."""

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Return what was said with the forge's own buttons, oldest first."""

    def ask_for_review(self, number: int, accounts: Iterable[Account]) -> None:
        """Ask accounts for a review. Not everybody can be asked: PolicyError, when the forge refuses."""

    def start(self, workflow: str) -> None:
        """Start a workflow of that branch, as in ``publish.yml``."""
