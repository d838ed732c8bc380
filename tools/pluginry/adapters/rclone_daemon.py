"""rclone as one process for many requests: its remote control, on loopback, with a password that nobody else knows.

In: operations of rclone with their parameters. Out: their answers. The password goes to the process by its environment;
what is written and read goes by files. Credentials of remotes stay with rclone and its configuration.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pluginry.errors import AuthError, ObjectMissingError, TransportError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import urllib3

_USER = "pluginry"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
_STARTS_IN_S = 30.0
_LOOK_EVERY_S = 0.02
_LONGEST_S = 3600.0
_OK, _MISSING = 200, 404
_FOLDER = "is a directory not a file"
_MAX_SHOWN = 200
_QUERY = re.compile(r"\?\S*")
_DENIED = re.compile(r"(?i)access.?denied|forbidden|unauthorized|invalidaccesskeyid|signaturedoesnotmatch|token")
_NOT_FOR_IT = ("RCLONE_RC", "RCLONE_LOG", "RCLONE_QUIET", "RCLONE_VERBOSE")
"""How variables begin that would change where it listens, or hide that from us."""


@dataclass(frozen=True, slots=True)
class RcloneDaemon:
    """A running rclone; may be used from several threads."""

    address: str
    connections: urllib3.PoolManager

    @classmethod
    @contextmanager
    def running(cls, *, at_once: int) -> Iterator[RcloneDaemon]:
        """Start rclone for `at_once` requests at the same time, and stop it in the end.

        Raises:
            UsageError: it is not installed.
            TransportError: it does not start.

        """
        import urllib3

        program = shutil.which("rclone")
        if program is None:
            raise UsageError("rclone is not installed", hint="install it, and `rclone config` a remote")
        password = secrets.token_hex(32)
        own = {"RCLONE_RC_USER": _USER, "RCLONE_RC_PASS": password, "RCLONE_LOG_LEVEL": "NOTICE"}
        others = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_FOR_IT)}
        command = (program, "rcd", "--rc-addr", "127.0.0.1:0", "--ask-password=false")
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                command, env={**others, **own}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said
            )
            try:
                address = _wait_for_address(process, said.fileno())
                headers = urllib3.make_headers(basic_auth=f"{_USER}:{password}")
                timeout = urllib3.Timeout(connect=_STARTS_IN_S, read=_LONGEST_S)
                with urllib3.PoolManager(maxsize=at_once, headers=headers, retries=False, timeout=timeout) as pool:
                    yield cls(address, pool)
            finally:
                process.terminate()
                process.wait()

    def call(self, operation: str, *, where: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer to ``operations/<operation>``; `where` is for errors.

        Raises:
            ObjectMissingError: what it is about is not there.
            AuthError: the remote refuses the credentials that rclone has for it.
            TransportError: it failed.

        """
        import urllib3

        try:
            answer = self.connections.request("POST", f"{self.address}operations/{operation}", json=parameters)
            data: dict[str, Any] = json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise TransportError("rclone does not answer", where=where, why=type(error).__name__) from error
        if answer.status == _OK:
            return data
        why = _shown(str(data.get("error", "")))
        if answer.status == _MISSING or _FOLDER in why:
            raise ObjectMissingError("there is no such object", where=where, why=why)
        if _DENIED.search(why):
            raise AuthError("the remote refuses the credentials", where=where, why=why, hint="see `rclone config`")
        raise TransportError("rclone cannot do this", where=where, why=why, hint="try it with `rclone lsf`")


def _wait_for_address(process: subprocess.Popen[bytes], said: int) -> str:
    """Return the address that rclone says it listens on: only our own process can have said it."""
    ends_at = time.monotonic() + _STARTS_IN_S
    while process.poll() is None and time.monotonic() < ends_at:
        if found := _ADDRESS.search(os.pread(said, 4096, 0).decode(errors="replace")):
            return found[0]
        time.sleep(_LOOK_EVERY_S)
    raise TransportError("rclone does not start", why=_shown(os.pread(said, 4096, 0).decode(errors="replace")))


def _shown(text: str) -> str:
    """Return what rclone said, without what could be a signature, and not too much of it."""
    return " ".join(_QUERY.sub("?...", text).split())[:_MAX_SHOWN]
