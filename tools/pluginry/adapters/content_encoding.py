"""Bodies that were compressed on the way, unpacked as they arrive.

In: the parts of an HTTP body, and how many bytes it may hold. Out: the parts of the object, small ones, so that nobody
has more of it in memory than he wants. Digests and sizes in a marketplace are those of the unpacked bytes; whatever a
server or an edge made of them for the way is nobody's business but this module's. Only gzip: everybody has it, and a
window of 32 KiB bounds what unpacking takes.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from pluginry.errors import ObjectTooLargeError, TransportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ACCEPTED = "gzip"
"""What to ask for; a server may always answer with the object as it is."""
PLAIN = ("", "identity")
_STEP_BYTES = 1 << 16
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_SPARE_BYTES = 4096


def unpacked(parts: Iterable[bytes], encoding: str, *, max_bytes: int, where: str) -> Iterator[bytes]:
    """Yield the object that arrives in `parts` under `encoding`: one of ``PLAIN`` or ``ACCEPTED``.

    Raises:
        ObjectTooLargeError: it is larger than `max_bytes`, or takes more bytes than an object of that size could.
        TransportError: it is not what its encoding says, ends too early or goes on after its end.

    """
    size = 0
    for part in parts if encoding in PLAIN else _gunzipped(parts, max_packed_bytes=_packed(max_bytes), where=where):
        size += len(part)
        if size > max_bytes:
            raise _too_large(max_bytes, where)
        yield part


def _gunzipped(parts: Iterable[bytes], *, max_packed_bytes: int, where: str) -> Iterator[bytes]:
    decoder = zlib.decompressobj(_GZIP_WINDOW)
    packed = 0
    for part in parts:
        packed += len(part)
        if packed > max_packed_bytes:
            raise _too_large(max_packed_bytes, where)
        if decoder.eof:
            raise _broken(where, "it goes on after its end")
        left = part
        while True:
            try:
                piece = decoder.decompress(left, _STEP_BYTES)
            except zlib.error as error:
                raise _broken(where, str(error)) from error
            yield piece
            left = decoder.unconsumed_tail
            if not left and len(piece) < _STEP_BYTES:
                break
        if decoder.unused_data:
            raise _broken(where, "it goes on after its end")
    if not decoder.eof:
        raise _broken(where, "it ends too early")


def _packed(max_bytes: int) -> int:
    """Return how many bytes an honest server needs at most for `max_bytes`: gzip makes nothing much larger."""
    return max_bytes + max_bytes // 16 + _SPARE_BYTES


def _too_large(max_bytes: int, where: str) -> ObjectTooLargeError:
    return ObjectTooLargeError("an object is larger than it may be", where=where, why=f"more than {max_bytes:,} bytes")


def _broken(where: str, why: str) -> TransportError:
    return TransportError("an object arrived compressed, and cannot be unpacked", where=where, why=why)
