"""What signing libraries, key services and tokens raise, as our errors.

In: a block of code and where its key lies. Out: an error that says what the owner of the key can do about it, and
never holds a key or a PIN.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pluginry.errors import AuthError, PluginryError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEANINGS = {
    "NoSuchToken": "no such token is plugged in",
    "PinIncorrect": "the PIN is wrong; it is not tried again, because tokens lock themselves after a few wrong ones",
    "PinLenRange": "the PIN is too short or too long",
    "PinLocked": "too many wrong PINs were given, and the token locked itself",
}


@contextmanager
def key_errors(where: str) -> Iterator[None]:
    """Raise what goes wrong in the block as our error.

    Raises:
        AuthError: the key is not there, or cannot be used.

    """
    try:
        yield
    except Exception as error:
        cause = _first_cause(error)
        if isinstance(cause, PluginryError):
            raise cause from None
        raise AuthError(
            "a key could not be used for signing",
            where=where,
            why=_MEANINGS.get(type(cause).__name__) or f"{type(cause).__name__}: {cause}",
            hint="check the credentials and rights of this machine for the key",
        ) from error


def _first_cause(error: BaseException) -> BaseException:
    """Return what a library's exception stands for: python-tuf and securesystemslib wrap what they are told."""
    if isinstance(error.__cause__, Exception):
        return _first_cause(error.__cause__)
    if isinstance(error.__context__, Exception) and type(error.__context__).__name__ in _MEANINGS:
        return error.__context__
    return error
