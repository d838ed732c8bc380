"""Keys that sign trust metadata: made, found by a reference, and named after who holds them.

In: a reference, which says where a private key lies and never holds it: ``FILE`` or ``file:FILE`` (PEM), ``env:NAME``
(an environment variable with the PEM in it), ``awskms:KEY`` (a key in AWS KMS, which never leaves it),
``pkcs11:TOKEN/ID`` (a key on a hardware token, see hardware_keys.py). Out: signers and public keys. It writes a private
key nowhere but to a file of its own that only its owner can read, and no error repeats what a key file or a variable
holds.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pluginry.adapters import hardware_keys
from pluginry.adapters.key_errors import key_errors
from pluginry.errors import AuthError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from securesystemslib.signer import CryptoSigner, Key, Signer
    from tuf.api.metadata import Metadata

FILE_SCHEME, VARIABLE_SCHEME, KMS_SCHEME = "file:", "env:", "awskms:"
HOLDER_FIELD = "x-tuf-on-ci-keyowner"
"""Where a key's holder is named: the field that tuf-on-ci gave that name to, so that its tools can read it."""
_PRIVATE_MARK = b"PRIVATE KEY-----"
_MADE_BY_INIT = "make the keys with `pluginry trust init`"


def create_key(path: Path) -> None:
    """Make an Ed25519 key at `path`, readable by its owner only.

    Raises:
        UsageError: there is a file already; a key is never overwritten.

    """
    from securesystemslib.signer import CryptoSigner

    private = CryptoSigner.generate_ed25519().private_bytes
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError("there is a key already, and keys are never overwritten", where=str(path)) from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(private)


def load_key(path: Path) -> CryptoSigner:
    """Return the signer whose private key lies at `path` (PEM).

    Raises:
        AuthError: no key there, or not one that can be used.

    """
    try:
        return _signer_from(path.read_bytes(), where=str(path))
    except OSError as error:
        raise AuthError("a signing key is missing", where=str(path), hint=_MADE_BY_INIT) from error


def nobody_to_ask(token: str) -> str:
    """Say that a PIN is missing where nobody can be asked for it.

    Raises:
        AuthError: always.

    """
    raise AuthError(
        "the PIN of a token is missing, and nobody can be asked for it",
        where=token,
        hint="put it into an environment variable, and write ?pin=env:NAME after the reference",
    )


def open_key(reference: str, *, ask_pin: Callable[[str], str] = nobody_to_ask) -> Signer:
    """Return the signer that `reference` names; `ask_pin` gets the label of a token and returns its PIN.

    Raises:
        AuthError: no key there, not one that can be used, or the key service refuses.
        UsageError: it can be no key on a token, or no module for tokens is named.

    """
    if reference.startswith(hardware_keys.SCHEME):
        return hardware_keys.token_key(reference, ask_pin).signer()
    if reference.startswith(KMS_SCHEME):
        from securesystemslib.signer import AWSSigner

        public = _kms_public_key(reference)
        with key_errors(reference):
            return AWSSigner.from_priv_key_uri(reference, public)
    if reference.startswith(VARIABLE_SCHEME):
        return _signer_from(_variable(reference), where=reference)
    return load_key(Path(reference.removeprefix(FILE_SCHEME)))


def public_key(reference: str, *, holder: str = "", ask_pin: Callable[[str], str] = nobody_to_ask) -> Key:
    """Return the public key that `reference` names: a PEM file of one, or anything that `open_key` takes.

    `holder` is who has the private key, to be shown to people; only some tokens want their PIN for this.

    Raises:
        AuthError: no key there, or not one that can be used.
        UsageError: as `open_key`.

    """
    path = Path(reference.removeprefix(FILE_SCHEME))
    if reference.startswith(hardware_keys.SCHEME):
        key = hardware_keys.token_key(reference, ask_pin).public_key()
    elif reference.startswith(KMS_SCHEME):
        key = _kms_public_key(reference)
    elif not reference.startswith(VARIABLE_SCHEME) and path.is_file() and _PRIVATE_MARK not in path.read_bytes():
        key = _public_key_from(path)
    else:
        key = open_key(reference).public_key
    if holder:
        key.unrecognized_fields[HOLDER_FIELD] = holder
    return key


def write_public_key(key: Key, path: Path) -> None:
    """Write a public key to `path` as PEM, to be handed to others.

    Raises:
        UsageError: there is a file already.

    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    crypto_key: Any = key
    # securesystemslib has no public way to the key as an object of its library.
    pem = crypto_key._crypto_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)  # noqa: SLF001
    try:
        with path.open("xb") as stream:
            stream.write(pem)
    except FileExistsError as error:
        raise UsageError("there is a file already", where=str(path)) from error


def sign_with(signer: Signer, metadata: Metadata[Any]) -> None:
    """Add the signature of `signer` to `metadata`; signatures of others stay.

    Raises:
        AuthError: the key service refuses.

    """
    with key_errors(holder_of(signer.public_key)):
        metadata.sign(signer, append=True)


def holder_of(key: Key) -> str:
    """Return who holds a key, or the beginning of its id where nobody is named."""
    short = f"key {key.keyid[:8]}"
    holder = key.unrecognized_fields.get(HOLDER_FIELD)
    return f"{holder} ({short})" if holder else short


def _variable(reference: str) -> bytes:
    name = reference.removeprefix(VARIABLE_SCHEME)
    if not os.environ.get(name):
        raise AuthError("the environment variable that should hold a signing key is not set", where=name)
    return os.environ[name].encode()


def _signer_from(pem: bytes, *, where: str) -> CryptoSigner:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    try:
        return CryptoSigner(load_pem_private_key(pem, password=None))
    except Exception as error:
        raise AuthError("this is not a signing key", where=where, why=type(error).__name__) from error


def _public_key_from(path: Path) -> Key:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.signer import SSlibKey

    try:
        return SSlibKey.from_crypto(load_pem_public_key(path.read_bytes()))
    except Exception as error:
        raise AuthError("this is not a public key", where=str(path), why=type(error).__name__) from error


def _kms_public_key(reference: str) -> Key:
    from securesystemslib.signer import AWSSigner

    with key_errors(reference):
        _, key = AWSSigner.import_(reference.removeprefix(KMS_SCHEME))
        return key
