"""What a web server says along with an object of a marketplace: one definition, and every server is held to it.

In: a key. Out: header fields. `pluginry serve` sends them as they are; object stores keep type and cache life with each
object; the configurations in ``site_templates/hosting`` say the same in the words of each product, which tests compare.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.model.layout import EMBEDDED_PREFIX, TEXT_PREFIX, VERSION_PREFIX
from pluginry.model.published import CachePolicy, media_type_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)
"""What a page may load, which stands in the page as well: there are servers that send no headers of ours."""
SAFETY: Mapping[str, str] = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Content-Security-Policy": f"{PAGE_POLICY}; frame-ancestors 'none'",
    }
)
"""With every answer but a card, also that there is no such object."""
EMBEDDED_POLICY = "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
"""What a card for the pages of others may load; it has no scripts, and stands in the card as well."""
EMBEDDED: Mapping[str, str] = MappingProxyType(
    {**SAFETY, "Content-Security-Policy": f"{EMBEDDED_POLICY}; frame-ancestors *"}
)
"""In place of `SAFETY` with every card: pages of others may frame it."""
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
"""What the worker that searches READMEs may do: it is WebAssembly, which pages of ours may not run themselves."""
WORKER: Mapping[str, str] = MappingProxyType(
    {**SAFETY, "Content-Security-Policy": f"{WORKER_POLICY}; frame-ancestors 'none'"}
)
"""In place of `SAFETY` with everything that belongs to the search in READMEs."""
FOR_EVERYBODY: Mapping[str, str] = MappingProxyType({"Access-Control-Allow-Origin": "*"})
"""With every answer below ``v1/``: pages of other sites may read it. There is nothing to send credentials for."""
_IMMUTABLE = re.compile(r"v1/(?:(?:t|a|packages|targets)/.+|metadata/[0-9]+\.[a-z]+\.json)\Z")
_CARD = re.compile(rf"{EMBEDDED_PREFIX}[a-z0-9-]+/[a-z0-9-]+/card\.html\Z")


def cache_of(key: str) -> CachePolicy:
    """Return how long copies of what is published under `key` may be kept."""
    return CachePolicy.IMMUTABLE if _IMMUTABLE.match(key) else CachePolicy.SHORT


def headers_of(key: str) -> dict[str, str]:
    """Return the header fields of an answer that holds the object `key`."""
    return {"Content-Type": media_type_of(key), "Cache-Control": cache_of(key).value, **_always(key)}


def headers_without(key: str) -> dict[str, str]:
    """Return the header fields of an answer that there is no object `key`: soon there may be one.

    Clients ask for the root of trust after the newest, so this answer is kept for a moment too.
    """
    return {"Cache-Control": CachePolicy.SHORT.value, **_always(key)}


def _always(key: str) -> dict[str, str]:
    safety = EMBEDDED if _CARD.match(key) else WORKER if key.startswith(TEXT_PREFIX) else SAFETY
    return {**safety, **(FOR_EVERYBODY if key.startswith(VERSION_PREFIX) else {})}
