"""Licences as SPDX expressions, with the id that was likely meant for what is none."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from pluginry.encoding.quoting import quoted
from pluginry.encoding.suggestions import closest
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.finding import Finding
    from pluginry.model.registry import Registry
    from pluginry.publisher.loaded_registry import Locate

EXPRESSION = Rule(
    id="licences.expression",
    title="The licence is not an SPDX expression",
    why="Policies and filters allow or refuse plugins by licence: they need a spelling that means one thing.",
    fix="write ids of the SPDX list, such as MIT or Apache-2.0 OR MIT; LicenseRef-<name> for a licence of your own",
)
SPELLING = Rule(
    id="licences.spelling",
    title="The licence is not written as in the SPDX list",
    why="One licence with two spellings is two licences to a filter.",
    fix="write it as in the SPDX list",
)
RULES = (EXPRESSION, SPELLING)

# A licence of one's own is allowed by SPDX under a name that no list knows; it takes the place of any plain id.
_OWN_LICENCE = re.compile(r"\bLicenseRef-[A-Za-z0-9.-]+")
_WORD = re.compile(r"[^\s()]+")
_ALTERNATIVES = re.compile(r"\s*(?:/|,|\bor\b)\s*", re.IGNORECASE)
_OPERATOR = re.compile(r"\b(?:and|with)\b", re.IGNORECASE)
_NOISE = re.compile(r"\b(?:the|licen[cs]e|version|gnu|new|v(?=\W*\d))\b|[^a-z0-9]+")
_LETTER_BEFORE_NUMBER = re.compile(r"(?<=[a-z])v(?=\d)")
# What people write who mean a family of licences: the member that is meant most often today.
_FAMILIES = {
    "gpl": "GPL-3.0-or-later",
    "gpl2": "GPL-2.0-or-later",
    "gpl3": "GPL-3.0-or-later",
    "lgpl": "LGPL-3.0-or-later",
    "lgpl2": "LGPL-2.1-or-later",
    "lgpl21": "LGPL-2.1-or-later",
    "lgpl3": "LGPL-3.0-or-later",
    "agpl": "AGPL-3.0-or-later",
    "agpl3": "AGPL-3.0-or-later",
    "apache": "Apache-2.0",
    "apache2": "Apache-2.0",
    "apachesoftware": "Apache-2.0",
    "apachesoftware2": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd2": "BSD-2-Clause",
    "bsd3": "BSD-3-Clause",
    "generalpublic2": "GPL-2.0-or-later",
    "generalpublic3": "GPL-3.0-or-later",
    "mpl": "MPL-2.0",
    "mozillapublic": "MPL-2.0",
    "mozillapublic2": "MPL-2.0",
    "mpl2": "MPL-2.0",
    "publicdomain": "Unlicense",
    "proprietary": "LicenseRef-Proprietary",
    "commercial": "LicenseRef-Proprietary",
}


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about the licences of listings."""
    for entry in registry.plugins.values():
        for rule, message, hint in _judged(entry.listing.license):
            where = locate(registry_layout.listing_file(entry), ("license",))
            yield rule.finding(where, message, hint=hint)


@cache
def _judged(licence: str) -> tuple[tuple[Rule, str, str], ...]:
    """Return which rule an expression breaks, how, and what to do; nothing when it is as it should be."""
    from license_expression import ExpressionError

    try:
        parsed = _spdx().parse(_OWN_LICENCE.sub("MIT", licence), validate=True, strict=True)
    except (ExpressionError, IndexError, AssertionError):  # the last two are how the library fails on "()" and "(and"
        parsed = None
    if parsed is None:
        meant = _meant_by(licence)
        message = f"{quoted(licence)} is not an SPDX licence expression"
        return ((EXPRESSION, message, f"did you mean {meant}?" if meant else ""),)
    proper = parsed.render("{symbol.key}")
    if _OWN_LICENCE.search(licence) or _WORD.findall(licence) == _WORD.findall(proper):
        return ()
    return ((SPELLING, f"{quoted(licence)} is not how the SPDX list writes it", f"write {proper}"),)


def _meant_by(licence: str) -> str:
    """Return the expression that `licence` looks like, or empty text."""
    shape, ids = _shape(licence), {**_ids_by_shape(), **_FAMILIES}
    if shape in ids:
        return ids[shape]
    if len(parts := _ALTERNATIVES.split(licence)) > 1:
        meant = [_meant_by(part) for part in parts]
        return " OR ".join(meant) if all(meant) else ""
    near = closest(shape, ids) if shape and not _OPERATOR.search(licence) else ()
    return ids[near[0]] if near else ""


def _shape(licence: str) -> str:
    """Return what is left of a name without filler words, punctuation and a last .0."""
    words = _NOISE.sub("", re.sub(r"\.0\b", "", licence.casefold()))
    return _LETTER_BEFORE_NUMBER.sub("", words)


@cache
def _spdx() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


@cache
def _ids_by_shape() -> Mapping[str, str]:
    ids = (
        key
        for key, symbol in sorted(_spdx().known_symbols.items())
        if not (symbol.is_deprecated or symbol.is_exception or key.startswith("LicenseRef-"))
    )
    return {_shape(key): key for key in ids}
