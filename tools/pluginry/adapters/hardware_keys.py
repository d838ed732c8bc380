"""Keys on hardware tokens (PKCS#11: YubiKeys, smartcards, HSMs): made there, used there, and never read.

In: a reference ``pkcs11:TOKEN/ID``, where TOKEN is the token's label (odd characters percent-encoded) and ID the key's
id in hexadecimal, as pkcs11-tool shows it; with ``?pin=env:NAME`` the PIN comes from an environment variable, else
somebody is asked for it. The module that speaks to the token is named by ``PLUGINRY_PKCS11_MODULE`` or ``PYKCS11LIB``.
Out: public keys, and signers. No PIN ever stands in a reference, and a wrong one is never tried again: tokens lock.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pluginry.adapters.key_errors import key_errors
from pluginry.errors import AuthError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from securesystemslib.signer import Key, Signer, SSlibKey

SCHEME = "pkcs11:"
MODULE_VARIABLES = ("PLUGINRY_PKCS11_MODULE", "PYKCS11LIB")
_REFERENCE = re.compile(r"pkcs11:(?P<token>[^/?]+)/(?P<id>[0-9A-Fa-f]+)(\?pin=env:(?P<variable>\w+))?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """The key ``number`` on the token labelled ``token``, whose PIN is in the environment variable ``pin_variable``.

    Without a variable `ask_pin` is called with the token's label, at most once for each signer that is opened.
    """

    token: str
    number: int
    pin_variable: str
    ask_pin: Callable[[str], str]

    def public_key(self) -> Key:
        """Return the public half.

        Raises:
            AuthError: the token is not there, or has no such key.
            UsageError: no module for tokens is named.

        """
        return self._read(cache(self._pin))

    def signer(self) -> Signer:
        """Return what signs on the token.

        Raises:
            AuthError, UsageError: as `public_key`.

        """
        from securesystemslib.signer import HSMSigner

        pin = cache(self._pin)
        return HSMSigner(self.number, self._read(pin), pin, self.token)

    def _read(self, pin: Callable[[str], str]) -> SSlibKey:
        from securesystemslib.signer import HSMSigner

        _check_ready()
        with key_errors(f"{SCHEME}{self.token}"):
            return HSMSigner.import_(self.number, self.token, pin)[1]

    def _pin(self, _what: str) -> str:
        if not self.pin_variable:
            return self.ask_pin(self.token)
        if not os.environ.get(self.pin_variable):
            raise AuthError("the environment variable that should hold a PIN is not set", where=self.pin_variable)
        return os.environ[self.pin_variable]


def token_key(reference: str, ask_pin: Callable[[str], str]) -> TokenKey:
    """Return the key that `reference` names.

    Raises:
        UsageError: it is no such reference; what stands where a PIN could stand is not repeated.

    """
    found = _REFERENCE.match(reference)
    number = bytes.fromhex(found["id"].rjust(len(found["id"]) + len(found["id"]) % 2, "0")) if found else b""
    if found is None or number[:1] in (b"", b"\0"):
        raise UsageError(
            "this is not a key on a token",
            where=reference.partition("?")[0],
            hint="write pkcs11:TOKEN/ID, as in pkcs11:YubiKey%20PIV/02, or pkcs11:TOKEN/ID?pin=env:NAME",
        )
    return TokenKey(
        token=unquote(found["token"]),
        number=int.from_bytes(number),
        pin_variable=found["variable"] or "",
        ask_pin=ask_pin,
    )


def _check_ready() -> None:
    """Name the module to the library, which knows one variable only.

    Raises:
        UsageError: none is named.
        ModuleNotFoundError: the extra ``hsm`` is not installed.

    """
    import pkcs11  # noqa: F401 - the library would say only that something is missing, and not what brings it

    module = next((os.environ[name] for name in MODULE_VARIABLES if os.environ.get(name)), "")
    if not module:
        raise UsageError(
            "no module for tokens is named",
            hint=f"set {MODULE_VARIABLES[0]} to the PKCS#11 library of the token, as in libykcs11.so",
        )
    os.environ[MODULE_VARIABLES[1]] = module
