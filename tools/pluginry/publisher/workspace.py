"""Where a publisher's input lies on this machine, and where objects are kept between runs.

In: paths. Out: the public files of the root of trust. It writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.encoding.content_store import ContentStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Where the input lies (``registry``, ``index``) and where objects are kept between runs (``objects``)."""

    registry: Path
    index: Path
    objects: ContentStore

    @property
    def ledger(self) -> Path:
        """The folder of the ledgers."""
        return self.index / "ledger"

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
        files = sorted((self.index / "trust").glob("*.root.json"), key=lambda path: int(path.name.split(".")[0]))
        return tuple(path.read_bytes() for path in files)

    def _trust_file(self, name: str) -> bytes:
        path = self.index / "trust" / name
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise UsageError(
                "this marketplace has no root of trust yet", where=str(path), hint="make one with `pluginry trust init`"
            ) from error
