"""Fetches the credential of a marketplace from where it is kept: a variable, a file, a program, netrc.

In: what ``sources.toml`` names, and the host that asks. Out: the header ``Authorization``. A secret is in no message,
in no address, and is kept no longer than the connections that it is for.
"""

from __future__ import annotations

import base64
import netrc
import os
import re
import shlex
from pathlib import Path

from pluginry.errors import AuthError, TransportError
from pluginry.model.access import FILE, NETRC, PROGRAM, VARIABLE

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""What a bearer token is made of (RFC 6750): never a colon, so ``name:password`` is always something else."""
_MAX_BYTES = 64 << 10
_TIMEOUT_S = 60.0


def authorization(credential: str, *, host: str) -> str:
    """Return the value of the header ``Authorization`` for `host`; empty when nothing is kept for it.

    Raises:
        AuthError: there is nothing where it should be kept, or it is no credential.

    """
    secret = _secret(credential, host).strip()
    if not secret and credential == NETRC:
        return ""
    if _TOKEN.fullmatch(secret):
        return f"Bearer {secret}"
    name, colon, _ = secret.partition(":")
    if not (name and colon and secret.isprintable()):
        raise AuthError(
            "what is kept there is no credential", where=credential, hint="a token in one line, or name:password"
        )
    return f"Basic {base64.b64encode(secret.encode()).decode()}"


def _secret(credential: str, host: str) -> str:
    if credential == NETRC:
        return _from_netrc(host)
    for scheme, read in ((VARIABLE, _from_variable), (FILE, _from_file), (PROGRAM, _from_program)):
        if credential.startswith(scheme):
            return read(credential.removeprefix(scheme))
    raise AuthError("nobody knows where this credential is kept", where=credential.partition(":")[0])


def _from_variable(name: str) -> str:
    if name not in os.environ:
        raise AuthError("the variable with the credential is not set", where=name)
    return os.environ[name]


def _from_file(name: str) -> str:
    try:
        with Path(name).expanduser().open(encoding="utf-8") as file:
            return file.read(_MAX_BYTES)
    except (OSError, ValueError, RuntimeError) as error:  # unreadable, not text, no home to expand to
        raise AuthError("the file with the credential cannot be read", where=name) from error


def _from_program(line: str) -> str:
    from pluginry.adapters.tool_process import run_tool

    try:
        command = shlex.split(line)
        done = run_tool(
            command, folder=Path.cwd(), variables=os.environ, timeout_s=_TIMEOUT_S, max_output_bytes=_MAX_BYTES
        )
        secret = done.output.decode("utf-8")
    except (TransportError, ValueError, IndexError) as error:
        raise AuthError("the program for the credential does not answer", where=line.partition(" ")[0]) from error
    if done.status:
        raise AuthError("the program for the credential failed", where=command[0], why=f"exit status {done.status}")
    return secret


def _from_netrc(host: str) -> str:
    """Return ``name:password`` of the entry that names `host`; the default entry is for no host in particular."""
    path = Path(os.environ.get("NETRC") or Path.home() / ("_netrc" if os.name == "nt" else ".netrc"))
    try:
        entry = netrc.netrc(str(path)).hosts.get(host)
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError, netrc.NetrcParseError) as error:
        # What the parser says may be a password that it did not expect.
        raise AuthError("the netrc file cannot be read", where=str(path)) from error
    return f"{entry[0]}:{entry[2]}" if entry else ""
