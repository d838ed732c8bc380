"""The people and keys behind a simulated marketplace, and their ceremonies: `pluginry trust` without the command line.

market = Simulator()
people = Trustees(market, tmp_path / "trust", profile="hardened")      # before the first publication
people.change_root(lambda body: replace_key(body, "timestamp", ...), signers=people.root[:3])
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from securesystemslib.signer import CryptoSigner

from notary import lab
from pluginry.adapters.tuf_ceremony import Ceremony
from pluginry.adapters.tuf_repository import TufRepository
from pluginry.adapters.tuf_roles import Quorum, replace_key, root_document, targets_document
from pluginry.encoding import documents
from pluginry.encoding.trust_files import POLICY_FILE, TRUSTED_ROOT_FILE, TrustFiles
from pluginry.model.layout import POLICY_TARGET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pluginry.model.index import TrustPolicy
    from simulator import Simulator


def new_key() -> CryptoSigner:
    """Return a key that nobody has seen before."""
    return CryptoSigner.generate_ed25519()


def new_keys(count: int) -> list[CryptoSigner]:
    """Return `count` new keys."""
    return [new_key() for _ in range(count)]


def quorum(signers: list[CryptoSigner], threshold: int) -> Quorum:
    """Return what `signers` are as a quorum."""
    return Quorum(keys=tuple(signer.public_key for signer in signers), threshold=threshold)


@dataclass(slots=True)
class Trustees:
    """Profile *hardened*: 3 of 5 `root`, 2 of 3 `targets`, `online` (K1), `index` (K2). *simple*: `root`, `online`."""

    market: Simulator
    folder: Path
    profile: str = "hardened"
    root: list[CryptoSigner] = field(init=False)
    targets: list[CryptoSigner] = field(init=False)
    online: CryptoSigner = field(default_factory=new_key)
    index: CryptoSigner = field(default_factory=new_key)

    def __post_init__(self) -> None:
        files = self.ceremony.files
        files.write(POLICY_FILE, documents.encode(self.market.policy))
        files.write(TRUSTED_ROOT_FILE, lab().trusted_root)
        if self.profile == "hardened":
            self.root, self.targets = new_keys(5), new_keys(3)
            roles = {"root": quorum(self.root, 3), "targets": quorum(self.targets, 2)}
            files_named = self.ceremony.target_bodies(pending=False)
            first = targets_document(files_named, index=self.index.public_key, now=self.market.now)
        else:
            self.root, self.targets = new_keys(1), []
            roles = {"root": quorum(self.root, 1), "targets": quorum([self.online], 1)}
            first = None
        body = root_document(online=self.online.public_key, now=self.market.now, **roles)
        self.ceremony.begin(body, first)
        self.sign(*self.root[:3], *self.targets[:2])

    @property
    def ceremony(self) -> Ceremony:
        """What they do in git."""
        return Ceremony(TrustFiles(self.folder))

    def sign(self, *signers: CryptoSigner) -> list[str]:
        """Let people sign what is pending, one after the other; return what came into force, and publish with it."""
        in_force = [name for signer in signers for name in self.ceremony.sign(signer)]
        self.equip()
        return in_force

    def equip(self) -> None:
        """Give the publishing job what lies in git and the online keys."""
        files = self.ceremony.files
        if not files.roots:
            return
        self.market.policy = documents.decode(type(self.market.policy), files.read(POLICY_FILE) or b"", what="policy")
        self.market.repository = self.repository()

    def repository(self, **keys: Any) -> TufRepository:
        """Return the publisher's end with the keys of today, or with other `keys`."""
        files = self.ceremony.files
        offline = files.offline_targets
        given = {"online": self.online, "index_key": self.index if offline is not None else None, **keys}
        return TufRepository(roots=files.roots, offline_targets=offline, **given)

    def change_root(self, change: Callable[[Any], object]) -> None:
        """Propose another root."""
        self.ceremony.change_root(change, now=self.market.now)

    def change_targets(self, change: Callable[[Any], object] = lambda _body: None, **policy: Any) -> None:
        """Propose other offline targets, and a policy with other fields."""
        following: TrustPolicy = replace(self.market.policy, **policy)
        files = {POLICY_TARGET: documents.encode(following)} if policy else {}
        self.ceremony.change_targets(change, now=self.market.now, files=files)

    def replace_online(self, signers: Iterable[CryptoSigner]) -> CryptoSigner:
        """Put a new key in the place of the online key, signed by `signers`; return the old one."""
        old, new = self.online, new_key()
        self.change_root(lambda body: replace_key(body, "timestamp", old.public_key.keyid, new.public_key))
        self.online = new
        self.sign(*signers)
        return old
