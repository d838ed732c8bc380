"""The lab as a whole: a folder that remembers who it is, and a server for as long as it is needed.

In: a folder. Out: the trusted root of the lab in it, and while it serves, identity tokens and the configuration
that a signer takes. It never writes outside its folder, and never listens on anything but loopback.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from pluginry.adapters.sigstore_lab.authority import LIFETIME
from pluginry.adapters.sigstore_lab.keys import create_keys, decode_keys, encode_keys
from pluginry.adapters.sigstore_lab.log import TransparencyLog
from pluginry.adapters.sigstore_lab.server import LabServer, Services
from pluginry.adapters.sigstore_lab.tokens import issue_token
from pluginry.adapters.sigstore_lab.trust_documents import client_trust_config, trusted_root
from pluginry.errors import BusyError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pluginry.adapters.sigstore_lab.keys import LabKeys

_KEYS_FILE: Final = "lab.keys.json"
_LOG_FILE: Final = "lab.log"
_LOCK_FILE: Final = "lab.lock"
_CREATION_TIMEOUT_S: Final = 10
_POLL_S: Final = 0.02


def _system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningLab:
    """A lab that answers: what a signer needs to use it."""

    url: str
    trust_config_json: str
    _keys: LabKeys = field(repr=False)
    _clock: Callable[[], datetime]

    def identity_token(self, claims: Mapping[str, object] | None = None) -> str:
        """Return a token for five minutes; without `claims` it is for `LAB_IDENTITY`.

        `claims` win over the defaults: ``sub`` (a URI) or ``email`` name the signer, ``iss`` the issuer, and
        the claims of a GitHub workflow make a certificate like the public instance's.
        """
        return issue_token(claims or {}, key=self._keys.tokens, now=self._clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """The lab in ``folder``."""

    folder: Path
    _keys: LabKeys = field(repr=False)
    _clock: Callable[[], datetime]
    _certificate_life: timedelta

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        clock: Callable[[], datetime] = _system_clock,
        certificate_life: timedelta = LIFETIME,
    ) -> Lab:
        """Return the lab in `folder`, which is created first if there is none.

        Raises:
            UsageError: `folder` holds something else.
            DocumentError: its key file is damaged.
            BusyError: another process has been creating it for ten seconds.

        """
        path = folder / _KEYS_FILE
        if not path.exists():
            _claim(folder)
            with _locked(folder, timeout_s=_CREATION_TIMEOUT_S):
                if not path.exists():
                    _write_private(path, encode_keys(create_keys(clock())))
        keys = decode_keys(path.read_bytes())
        return cls(folder=folder, _keys=keys, _clock=clock, _certificate_life=certificate_life)

    @property
    def trusted_root(self) -> bytes:
        """What verifies this lab's signatures: the same bytes for the life of the folder."""
        return trusted_root(self._keys)

    @contextmanager
    def serve(self) -> Iterator[RunningLab]:
        """Serve the lab on loopback, in a thread, until the block ends.

        Raises:
            BusyError: the lab is being served already.
            DocumentError: its log is damaged.

        """
        with _locked(self.folder, timeout_s=0):
            log = TransparencyLog(self.folder / _LOG_FILE, key=self._keys.entry_log)
            services = Services(keys=self._keys, log=log, clock=self._clock, certificate_life=self._certificate_life)
            with LabServer(services) as server:
                thread = threading.Thread(target=server.serve_forever, args=(_POLL_S,), name="sigstore-lab")
                thread.start()
                try:
                    yield RunningLab(
                        url=server.url,
                        trust_config_json=client_trust_config(self._keys, url=server.url),
                        _keys=self._keys,
                        _clock=self._clock,
                    )
                finally:
                    server.shutdown()
                    thread.join()


def _claim(folder: Path) -> None:
    """Make `folder` private, unless somebody else's files are in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stranger = next((one.name for one in folder.iterdir() if not one.name.startswith("lab.")), None)
    if stranger is not None:
        raise UsageError("a lab needs a folder of its own", where=str(folder), why=f"it holds {stranger!r} already")
    folder.chmod(0o700)


def _write_private(path: Path, data: bytes) -> None:
    """Write `data` so that the file is never seen half written, nor readable by others."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_bytes(data)
    draft.replace(path)


@contextmanager
def _locked(folder: Path, *, timeout_s: float) -> Iterator[None]:
    lock = FileLock(folder / _LOCK_FILE, timeout=timeout_s, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError("the lab is in use", where=str(folder), hint="stop the other process") from error
    try:
        yield
    finally:
        lock.release()
