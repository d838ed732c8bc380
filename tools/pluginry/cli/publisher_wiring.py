"""Joins the publisher's stages to their adapters: where things lie, how releases are fetched and who signs."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import OrNothing
from pluginry.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pluginry.adapters.tuf_repository import TufRepository
    from pluginry.model.attestation import SignerIdentity
    from pluginry.model.index import TrustPolicy
    from pluginry.ports import MetadataReader, ObjectStore, Signer, SourceFetcher, Verifier
    from pluginry.publisher.equipment import Equipment
    from pluginry.publisher.patient_signer import PatientSigner
    from pluginry.publisher.workspace import Workspace

LAB, PUBLIC_GOOD, PRIVATE, NONE = INSTANCES = ("lab", "public-good", "private", "none")
STATE_FOLDER = ".pluginry"
ROOT_KEY_FILE, ONLINE_KEY_FILE, INDEX_KEY_FILE = "root.pem", "online.pem", "index.pem"
_REFERENCES = "FILE, env:NAME, awskms:KEY or pkcs11:TOKEN/ID"
_FOLDER = click.Path(path_type=Path, file_okay=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherPlaces:
    """Folders of a publisher: ``root`` holds ``registry/`` and ``index/``; ``keys`` must not be in git.

    ``online_key`` and ``index_key`` are references to keys (adapters/signing_keys.py), not keys.
    """

    root: Path
    keys: Path
    online_key: str
    index_key: str

    @classmethod
    def at(
        cls, root: Path, keys: Path | None, *, online_key: str | None = None, index_key: str | None = None
    ) -> PublisherPlaces:
        """Return the places below `root`, keys in its state folder unless given; see ``online_key_options``."""
        folder = keys or root / STATE_FOLDER / "keys"
        return cls(
            root=root,
            keys=folder,
            online_key=online_key or str(folder / ONLINE_KEY_FILE),
            index_key=index_key or str(folder / INDEX_KEY_FILE),
        )

    @property
    def workspace(self) -> Workspace:
        """Input and objects."""
        from pluginry.encoding.content_store import ContentStore
        from pluginry.publisher.workspace import Workspace

        return Workspace(
            registry=self.root / "registry",
            index=self.root / "index",
            objects=ContentStore(self.root / STATE_FOLDER / "objects"),
            inventories=self.inventories,
            pictures=self.root / STATE_FOLDER / "pictures",
            osv=_first_of(self.root / STATE_FOLDER / "osv.zip", self.root / STATE_FOLDER / "osv"),
            rules=_first_of(self.root / STATE_FOLDER / "rules"),
        )

    def make_state_folder(self) -> None:
        """Make the folder for keys and memories of this machine; git is told to take nothing of it, now or later."""
        folder = self.root / STATE_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="utf-8") as file:
            file.write("# Private keys, and what is made again when it is gone.\n*\n")

    @property
    def inventories(self) -> Path:
        """The folder of what is known of the stores that were published to."""
        return self.root / STATE_FOLDER / "inventories"

    @property
    def lab(self) -> Path:
        """The folder of the development sigstore instance."""
        return self.root / STATE_FOLDER / "lab"

    @property
    def policy(self) -> TrustPolicy:
        """The marketplace's trust policy."""
        from pluginry.encoding import documents
        from pluginry.model.index import TrustPolicy

        return documents.decode(TrustPolicy, self.workspace.policy_bytes, what="index/trust/policy.json")


def _first_of(*places: Path) -> Path | None:
    """Return the first of `places` that is there."""
    return next((place for place in places if place.exists()), None)


def online_key_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the online key is: ``keys`` and ``online_key``."""
    for option in (
        click.option(
            "--online-key",
            metavar="REF",
            type=OrNothing(),
            help=f"Online key: {_REFERENCES}. [default: KEYS/online.pem]",
        ),
        click.option("--keys", type=_FOLDER, help="Folder with the online keys. [default: .pluginry/keys]"),
    ):
        command = option(command)
    return command


def index_key_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option ``index_key``, for what changes the index."""
    text = "Key of the index, in profile hardened. [default: KEYS/index.pem]"
    return click.option("--index-key", metavar="REF", type=OrNothing(), help=text)(command)


def ledger_branch_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option ``ledger_branch``, for what reads or writes ``index/``; see `ledger_of`."""
    text = "Keep ledger and revocations in this branch of origin: taken from it first, pushed before publishing."
    return click.option("--ledger-branch", metavar="BRANCH", help=text)(command)


def ledger_of(places: PublisherPlaces, branch: str | None) -> Callable[[], None]:
    """Bring ``index/`` up to `branch`, and return what makes it the end of the branch; without one, neither."""
    if branch is None:
        return lambda: None
    from pluginry.adapters.ledger_branch import LedgerBranch

    kept = LedgerBranch(folder=places.workspace.index, branch=branch)
    kept.take()
    return kept.push


def made_of(places: PublisherPlaces, branch: str | None, *, is_clean: bool) -> str | None:
    """Return a name for the input of a publication, or None where git does not hold all of it; see `ledger_of`.

    With a ledger `branch` the end of it is what was fetched last, and of ``index/`` only the trust is in HEAD.
    """
    from pluginry.adapters.git_history import GitCheckout
    from pluginry.publisher.unchanged import input_digest

    checkout = GitCheckout(places.root)
    trees = checkout.trees_of("registry", "index/trust" if branch else "index", is_clean=is_clean)
    tip = checkout.fetched_commit() if branch else ""
    return None if trees is None or tip is None else input_digest((*trees, tip))


def metadata_reader_of(places: PublisherPlaces) -> MetadataReader:
    """Return what reads the published trust metadata back; it takes no key."""
    from pluginry.adapters.tuf_publication import PublishedTargets

    return PublishedTargets(places.workspace.trust.roots)


def repository_of(places: PublisherPlaces, *, signs_index: bool = True) -> TufRepository:
    """Return what signs the trust metadata, with the online keys; who only refreshes needs none for the index."""
    from pluginry.adapters.late_import import imported_late
    from pluginry.adapters.signing_keys import open_key
    from pluginry.cli.pin_prompt import ask_pin

    with imported_late("boto3"):  # the signers of tuf load it, and few keys are at Amazon
        from pluginry.adapters.tuf_repository import TufRepository

    trust = places.workspace.trust
    if not trust.roots:
        raise UsageError(
            "this marketplace has no root of trust yet",
            where=str(trust.folder),
            hint="make one with `pluginry trust init`, and let enough people sign it",
        )
    offline = trust.offline_targets
    return TufRepository(
        online=open_key(places.online_key, ask_pin=ask_pin),
        roots=trust.roots,
        index_key=open_key(places.index_key, ask_pin=ask_pin) if offline is not None and signs_index else None,
        offline_targets=offline,
    )


def fetchers_of(places: PublisherPlaces) -> Mapping[str, SourceFetcher]:
    """Return a fetcher for each kind of source."""
    from pluginry.adapters.git_source import GitSource
    from pluginry.adapters.npm_source import NpmSource
    from pluginry.adapters.path_source import PathSource
    from pluginry.adapters.pypi_source import PypiSource
    from pluginry.adapters.url_source import UrlSource

    return {
        "git": GitSource(),
        "npm": NpmSource(),
        "path": PathSource(places.workspace.registry),
        "pypi": PypiSource(),
        "url": UrlSource(),
    }


def equipment_of(
    places: PublisherPlaces, store: ObjectStore, *, signer: PatientSigner | None = None, is_clean: bool = False
) -> Equipment:
    """Return what publishes `places` to `store`; where the checkout `is_clean`, its files are not compared with git."""
    from pluginry.adapters.git_history import GitCheckout
    from pluginry.publisher.equipment import Equipment

    return Equipment(
        workspace=places.workspace,
        history=GitCheckout(places.workspace.registry, is_clean=is_clean),
        store=store,
        fetchers=fetchers_of(places),
        signer=signer,
        verifier=verifier_of(places),
    )


@contextmanager
def signer_of(places: PublisherPlaces, trust_config: Path | None) -> Iterator[PatientSigner | None]:
    """Yield who signs releases, as the policy says. Nothing is opened before there is something to sign."""
    if places.policy.instance == NONE:
        yield None
        return
    from secrets import SystemRandom

    from pluginry.publisher.patient_signer import PatientSigner

    with ExitStack() as stack:
        deferred = _DeferredSigner(lambda: _open_signer(places, trust_config, stack))
        yield PatientSigner(signer=deferred, pause=time.sleep, chance=SystemRandom().random)


@dataclass(slots=True)
class _DeferredSigner:
    """A signer that is opened by its first signature."""

    open: Callable[[], Signer]
    _opened: Signer | None = field(default=None, init=False)
    _guard: Lock = field(default_factory=Lock, init=False)

    @property
    def identity(self) -> SignerIdentity:
        """Who signs."""
        return self._signer().identity

    def attest(self, statement: bytes) -> bytes:
        """Return a bundle over `statement`; see `Signer`."""
        return self._signer().attest(statement)

    def _signer(self) -> Signer:
        with self._guard:
            if self._opened is None:
                self._opened = self.open()
            return self._opened


def _open_signer(places: PublisherPlaces, trust_config: Path | None, stack: ExitStack) -> Signer:
    from pluginry.adapters.sigstore_identity import SigstoreSigner

    if places.policy.instance == LAB:
        from pluginry.adapters.sigstore_lab import Lab

        running = stack.enter_context(Lab.open(places.lab).serve())
        return SigstoreSigner.from_trust_config(running.trust_config_json, token=running.identity_token)
    if places.policy.instance == PUBLIC_GOOD:
        return SigstoreSigner.public_good()
    if trust_config is None:
        raise UsageError("a private sigstore instance needs its configuration", hint="pass it with --trust-config FILE")
    return SigstoreSigner.from_trust_config(trust_config.read_text("utf-8"))


def verifier_of(places: PublisherPlaces) -> Verifier | None:
    """Return what checks the publisher's own bundles; None when nothing is signed."""
    if places.policy.instance == NONE:
        return None
    from pluginry.adapters.sigstore_verifier import SigstoreVerifier

    return SigstoreVerifier()
