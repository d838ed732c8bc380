"""The address of a marketplace as its owner hands it out: with the fingerprint of its root of trust behind a ``#``.

In: what a user pasted, as in ``https://plugins.example/#sha256:<64 digits>``. Out: the location and the fingerprint.
The fragment is taken off here: it is never sent to anybody.
"""

from __future__ import annotations

from pluginry.errors import DocumentError, UsageError
from pluginry.model.digest import Digest

_ALGORITHM = "sha256:"


def split_address(text: str, *, fingerprint: str | None = None) -> tuple[str, Digest | None]:
    """Return location and fingerprint; the latter stands in the address or is given as `fingerprint`, or is None.

    Raises:
        UsageError: the fingerprint is not the digest of anything; or there are two, and they differ.

    """
    location, mark, fragment = text.partition("#") if "://" in text else (text, "", "")
    found = {_parsed(one) for one in (fragment if mark else None, fingerprint) if one is not None}
    if len(found) > 1:
        raise UsageError("the address and --fingerprint name different marketplaces", where=location)
    return location, next(iter(found), None)


def _parsed(fingerprint: str) -> Digest:
    try:
        return Digest(fingerprint.strip().removeprefix(_ALGORITHM))
    except DocumentError as error:
        raise UsageError(error.what, hint="a fingerprint is what the owner of the marketplace publishes") from error
