"""Where a publisher's input lies on this machine, and where objects are kept between runs.

In: paths. Out: the public files of the root of trust. It writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.encoding.ledger_files import LedgerFolder
from pluginry.encoding.trust_files import TrustFiles
from pluginry.errors import UsageError
from pluginry.model.layout import REVOCATIONS_FILE
from pluginry.publisher.scan_setup import ScanSetup

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pluginry.encoding.content_store import ContentStore
    from pluginry.encoding.ledger_files import Ledgers
    from pluginry.model.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Where the input lies (``registry``, ``index``) and where objects are kept between runs (``objects``).

    What is known of the stores that were published to lies in the folder ``inventories``, pictures as they were drawn
    in ``pictures``; None keeps nothing. Scanners look with the OSV documents in ``osv`` (a folder or a zip) and the
    YARA rules in ``rules``, where there are any.
    """

    registry: Path
    index: Path
    objects: ContentStore
    inventories: Path | None = None
    pictures: Path | None = None
    osv: Path | None = None
    rules: Path | None = None
    _ledgers: LedgerFolder = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ledgers", LedgerFolder(self.ledger))

    def scan_setup(self, registry: Registry) -> ScanSetup:
        """Return what scanners of packages of `registry` are given."""
        return ScanSetup(switches=registry.config.scanning, hosts=registry.hosts, osv=self.osv, rules=self.rules)

    def ledgers(self, seen: Mapping[str, str] = MappingProxyType({})) -> Ledgers:
        """Return the ledgers as they are now; files that did not change since they were `seen` are not read again.

        Raises:
            DocumentError: one of them is not called as ledgers are; also when one is asked for that is damaged.

        """
        return self._ledgers.load(seen)

    @property
    def ledger(self) -> Path:
        """The folder of the ledgers."""
        return self.index / "ledger"

    @property
    def trust(self) -> TrustFiles:
        """The public files of the root of trust."""
        return TrustFiles(self.index / "trust")

    @property
    def revocations(self) -> Path:
        """The list of revocations, the same bytes as its published copy; there is none before the first one."""
        return self.index / REVOCATIONS_FILE

    @property
    def policy_bytes(self) -> bytes:
        """``index/trust/policy.json``.

        Raises:
            UsageError: there is no trust yet.

        """
        return self._trust_file("policy.json")

    @property
    def trusted_root_bytes(self) -> bytes:
        """``index/trust/trusted_root.json``; the errors of `policy_bytes`."""
        return self._trust_file("trusted_root.json")

    @property
    def roots(self) -> tuple[bytes, ...]:
        """The public ``N.root.json`` files, oldest first."""
        return self.trust.roots

    def _trust_file(self, name: str) -> bytes:
        body = self.trust.read(name)
        if body is None:
            raise UsageError(
                "this marketplace has no root of trust yet",
                where=str(self.trust.folder / name),
                hint="make one with `pluginry trust init`",
            )
        return body
