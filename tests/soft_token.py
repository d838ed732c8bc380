"""Hardware tokens in software (SoftHSM2), for the real PKCS#11 library: made once for each test process.

The library is a system package; whoever has not got it installed is told by a skip, here and nowhere else.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

NOT_INSTALLED = "softhsm2 is not installed"
PIN = "739201"
_SO_PIN = "12345678"
_PLACES = ("usr/lib*/softhsm", "usr/lib/*/softhsm", "usr/lib*/pkcs11", "usr/local/lib/softhsm", "opt/*/lib/softhsm")


@dataclass(slots=True)
class SoftTokens:
    """Tokens below `folder`, all with the same PIN; `module` is the library that speaks to them."""

    folder: Path
    module: Path
    _labels: set[str] = field(default_factory=set)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find them."""
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf"), "PLUGINRY_PKCS11_MODULE": str(self.module)}

    def make(self, label: str) -> None:
        """Make a token: before the library is first used in this process, because it looks once."""
        arguments = ("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", _SO_PIN)
        environment = {**os.environ, **self.environment}
        subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True, env=environment)
        self._labels.add(label)

    def make_key(self, label: str, number: int, *, curve: str = "secp256r1", is_private: bool = False) -> str:
        """Make a key pair on a token, as its owner does with the maker's tools, and return a reference to it."""
        import pkcs11
        from pkcs11.util.ec import encode_named_curve_parameters

        token = pkcs11.lib(str(self.module)).get_token(token_label=label)
        with token.open(user_pin=PIN, rw=True) as session:
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}, local=True
            )
            parameters.generate_keypair(
                store=True, id=bytes([number]), public_template={pkcs11.Attribute.PRIVATE: is_private}
            )
        return f"pkcs11:{label}/{number:02x}"


@cache
def soft_tokens(*labels: str) -> SoftTokens:
    """Return the tokens of this process, made when they are first asked for; skip the test where they cannot be.

    The library reads its configuration once, so the environment stays as it is set here until the process ends.
    """
    module = next((path for place in _PLACES for path in Path("/").glob(f"{place}/libsofthsm2.so")), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip(NOT_INSTALLED)
    folder = Path(tempfile.mkdtemp(prefix="soft-tokens-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", "utf-8")
    tokens = SoftTokens(folder=folder, module=module)
    os.environ["SOFTHSM2_CONF"] = tokens.environment["SOFTHSM2_CONF"]
    for label in labels:
        tokens.make(label)
    return tokens
