"""Signs what waits in a workspace, and is killed in the middle of it.

``python signing_process.py WORKSPACE WORKERS SIGNATURES`` ends with the signature after so many. The bundles are no
real ones; each leaves a file behind as soon as it is made, so a test can count them.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from memory_store import MemoryStore
from pluginry.encoding.content_store import ContentStore
from pluginry.encoding.ledger_files import load_ledgers
from pluginry.model.attestation import SignerIdentity
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.patient_signer import PatientSigner
from pluginry.publisher.signing_run import sign_packages, unsigned_packages
from pluginry.publisher.workspace import Workspace

if TYPE_CHECKING:
    from pluginry.publisher.outcome import SigningRun

SOMEONE = SignerIdentity(issuer="https://issuer.example", san="someone")
LOG = "log-of-signatures"


@dataclass(slots=True)
class MortalSigner:
    """Signs so many statements; the next one is its end."""

    log: Path
    left: int
    identity: SignerIdentity = SOMEONE
    guard: Lock = field(default_factory=Lock)

    def attest(self, statement: bytes) -> bytes:
        with self.guard:
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self.left -= 1
            self.log.mkdir(exist_ok=True)
            number = len(list(self.log.iterdir()))
            (self.log / f"{number}-{hashlib.sha256(statement).hexdigest()}").touch()
        return b"signed " + statement


def workspace_at(folder: Path) -> Workspace:
    """Return the workspace in `folder`."""
    return Workspace(registry=folder / "registry", index=folder / "index", objects=ContentStore(folder / "objects"))


def sign_what_waits(folder: Path, *, workers: int, signatures: int) -> SigningRun:
    """Sign in this process; the process ends with the signature after the last one."""
    workspace = workspace_at(folder)
    access = ObjectAccess(workspace.objects, MemoryStore(location="nowhere"))
    packages = tuple(unsigned_packages(load_ledgers(workspace.ledger).values(), access))
    signer = MortalSigner(folder / LOG, signatures)
    return sign_packages(
        packages,
        workspace=workspace,
        signer=PatientSigner(signer=signer, pause=lambda _seconds: None, chance=lambda: 0.0),
        backfill=False,
        workers=workers,
        at=datetime(2026, 3, 1, tzinfo=UTC),
    )


if __name__ == "__main__":
    sign_what_waits(Path(sys.argv[1]), workers=int(sys.argv[2]), signatures=int(sys.argv[3]))
