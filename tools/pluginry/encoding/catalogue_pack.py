"""Catalogues and their logs for the way: column by column, packed with bzip2.

In: a catalogue or a log. Out: few bytes, and back again within bounds that the reader gives. bzip2 because every Python
has it, it gains most on columns of short texts, unpacking takes 4 MB of memory whatever comes, and its encoder writes
the same bytes everywhere. Whoever unpacks compares the digest of what comes out.
"""

from __future__ import annotations

import bz2
import json
from typing import TYPE_CHECKING, Any

from pluginry.encoding import documents, strict_json
from pluginry.encoding.catalogue_delta import CatalogueRows
from pluginry.errors import DocumentError
from pluginry.model.catalogue_log import CatalogueLog

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD, _COLUMNS = "head", "columns"


def pack_log(log: CatalogueLog) -> bytes:
    """Return `log` for the way."""
    return bz2.compress(documents.encode(log))


def unpack_log(packed: bytes, *, max_bytes: int) -> CatalogueLog:
    """Return the log in `packed`, which may take `max_bytes`.

    Raises:
        DocumentError: it is none, or takes more.

    """
    return documents.decode(CatalogueLog, _unpacked(packed, max_bytes), what="log of a catalogue", max_bytes=max_bytes)


def pack_catalogue(catalogue: bytes) -> bytes:
    """Return `catalogue`, which is canonical JSON, column by column: equal things stand together.

    Raises:
        DocumentError: it is no catalogue in canonical JSON.

    """
    parts = CatalogueRows.of(catalogue)
    rows = [json.loads(b'{"' + row + b"}") for row in parts.rows.values()]
    columns = {key: [row.get(key) for row in rows] for key in sorted(set().union(*rows))}
    return bz2.compress(_text({_HEAD: parts.head.decode(), _COLUMNS: columns}).encode())


def unpack_catalogue(packed: bytes, *, max_bytes: int) -> bytes:
    """Return the catalogue in `packed`, of at most `max_bytes`, as canonical JSON if it was that.

    Raises:
        DocumentError: it is none, or takes more.

    """
    given = strict_json.parse(_unpacked(packed, max_bytes), what="packed catalogue", max_bytes=max_bytes)
    try:
        keys = sorted(given[_COLUMNS])
        values: Iterator[tuple[Any, ...]] = zip(*(given[_COLUMNS][key] for key in keys), strict=True)
        head: str = given[_HEAD]
        rows, size = [], len(head)
        for row in values:
            rows.append(_text({key: value for key, value in zip(keys, row, strict=True) if value is not None}))
            size += len(rows[-1])
            if size > max_bytes:  # a row of the same long text over and over packs well
                raise DocumentError("a packed catalogue is larger than it may be")
        return (head + ",".join(rows) + "]}").encode()
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise DocumentError("a packed catalogue is not well formed", why=repr(error)) from error


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _unpacked(packed: bytes, max_bytes: int) -> bytes:
    decoder = bz2.BZ2Decompressor()
    try:
        body = decoder.decompress(packed, max_bytes + 1)
    except (OSError, ValueError, EOFError) as error:
        raise DocumentError("something packed cannot be unpacked", why=str(error)) from error
    if len(body) > max_bytes or not decoder.eof or decoder.unused_data:
        raise DocumentError("something packed is larger than it may be, or not whole")
    return body
