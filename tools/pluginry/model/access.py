"""How a marketplace is reached: through which proxy, with whose certificates, and where the credential is.

In: what stands in ``sources.toml``. Out: checked values. It never holds a secret, only the name of the place that does,
and refuses what looks like one without repeating it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pluginry.errors import DocumentError

VARIABLE, FILE, PROGRAM, NETRC = "env:", "file:", "command:", "netrc"
DIRECT = "direct"
_VARIABLE = r"env:[A-Za-z_][A-Za-z0-9_]*"
_CREDENTIAL = re.compile(rf"(?:{_VARIABLE}|file:\S.*|command:\S.*|netrc)\Z")
_CREDENTIALS = "env:NAME, file:PATH, command:PROGRAM or netrc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """``[sources.access]``; all of it may be left out.

    ``credential`` names where the bearer token, or ``name:password``, is kept. ``client_certificate`` and
    ``client_key`` are PEM files, the key in the same file unless named. ``ca_file`` vouches for the server instead of
    the authorities of this machine. ``proxy`` is an address, ``env:NAME`` for one with a password, or ``direct``.
    """

    credential: str = ""
    client_certificate: str = ""
    client_key: str = ""
    ca_file: str = ""
    proxy: str = ""

    def __post_init__(self) -> None:
        if self.credential and not _CREDENTIAL.match(self.credential):
            raise DocumentError("a credential is not written down here", hint=f"say where it is kept: {_CREDENTIALS}")
        if self.client_key and not self.client_certificate:
            raise DocumentError("a key without its client certificate")
        if self.proxy not in ("", DIRECT) and not re.fullmatch(_VARIABLE, self.proxy):
            _check_proxy(self.proxy)

    def without_secrets(self) -> Access:
        """Return how to reach another host of the same marketplace, which must not learn who we are.

        A netrc file names the hosts that its passwords are for, so it stays.
        """
        by_host = self.credential if self.credential == NETRC else ""
        return Access(credential=by_host, ca_file=self.ca_file, proxy=self.proxy)


NO_ACCESS = Access()
"""What a place needs that everybody may read."""


def _check_proxy(address: str) -> None:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        secret = "@" in parts.netloc
    except ValueError:
        usable, secret = False, False
    if secret:
        raise DocumentError("a password is not written down here", hint="say which variable has the address: env:NAME")
    if not usable:
        raise DocumentError("this is not the address of a proxy", hint="as in http://proxy.example:3128")
