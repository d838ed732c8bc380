"""``queue.json`` as it comes to be published: read as what its schema says, or refused with its place and a way out.

In: the file that ``pluginry queue --output`` wrote. Out: the queue. Titles and names in it were chosen by strangers:
they stay text, and addresses are of the form that may be linked to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.queue import Queue

_MAX_BYTES = 4 << 20
_HINT = "write it anew with `pluginry queue --output FILE`, or publish without --queue"


def published_queue(file: Path) -> Queue | None:
    """Return the queue that `file` holds; None if there is no such file.

    Raises:
        DocumentError: it holds something else.
        UsageError: it cannot be read.

    """
    from pluginry.encoding import documents, strict_json
    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.encoding.schema import check_against_schema
    from pluginry.model.queue import Queue

    try:
        body = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError("the queue cannot be read", where=str(file), why=error.strerror or "") from error
    try:
        value = strict_json.parse(body, what=str(file), max_bytes=_MAX_BYTES)
    except DocumentError as error:
        raise DocumentError("this is not a queue", where=str(file), why=str(error), hint=_HINT) from error
    for finding in check_against_schema(ParsedDocument(file=str(file), value=value), "queue"):
        raise DocumentError("this is not a queue", where=str(finding.where), why=finding.message, hint=_HINT)
    return documents.construct(Queue, value, what=str(file))
