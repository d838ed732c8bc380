"""What people write as the licence of a package, as an SPDX expression.

In: an expression, trove classifiers, or free text such as ``GPL v2``. Out: an expression, or empty text when it would
be a guess. Never: reads licence files or decides whether a licence is good.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_EXPRESSION = 200
UNKNOWN_LICENSE: Final = "LicenseRef-unstated"
"""Stands in listings whose origin does not say, or says unclearly, what the licence is."""
_CLASSIFIERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Apache Software License": "Apache-2.0",
        "BSD License": "",  # which of them it does not say
        "GNU Affero General Public License v3": "AGPL-3.0-only",
        "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
        "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
        "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
        "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
        "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
        "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
        "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
        "ISC License (ISCL)": "ISC",
        "MIT License": "MIT",
        "MIT No Attribution License (MIT-0)": "MIT-0",
        "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
        "Python Software Foundation License": "PSF-2.0",
        "The Unlicense (Unlicense)": "Unlicense",
        "zlib/libpng License": "Zlib",
    }
)
# Free text without its punctuation, its filling words and the v before a number.
_SPELLINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "agpl 3": "AGPL-3.0-only",
        "apache": "Apache-2.0",
        "apache 2": "Apache-2.0",
        "bsd 2 clause": "BSD-2-Clause",
        "2 clause bsd": "BSD-2-Clause",
        "bsd 3 clause": "BSD-3-Clause",
        "3 clause bsd": "BSD-3-Clause",
        "bsd 3": "BSD-3-Clause",
        "new bsd": "BSD-3-Clause",
        "modified bsd": "BSD-3-Clause",
        "expat": "MIT",
        "gpl 2": "GPL-2.0-only",
        "gpl 2 or later": "GPL-2.0-or-later",
        "gpl 2+": "GPL-2.0-or-later",
        "gpl 3": "GPL-3.0-only",
        "gpl 3 or later": "GPL-3.0-or-later",
        "gpl 3+": "GPL-3.0-or-later",
        "isc": "ISC",
        "lgpl 2.1": "LGPL-2.1-only",
        "lgpl 3": "LGPL-3.0-only",
        "mit": "MIT",
        "mit mit": "MIT",  # The MIT License (MIT)
        "mpl 2": "MPL-2.0",
        "mozilla public 2": "MPL-2.0",
        "public domain": "",
        "unlicense": "Unlicense",
    }
)
_LONG_NAMES: Final = (
    ("gnu affero general public", "agpl"),
    ("gnu lesser general public", "lgpl"),
    ("gnu general public", "gpl"),
    ("gnu ", ""),
)
_FILLING = re.compile(r"\b(?:the|licen[cs]ed?|software|version|under)\b")
_NUMBER = re.compile(r"(?<![0-9])[ v]*([0-9]+(?:\.[0-9]+)*)")


def spdx_expression(*, expression: str = "", classifiers: Iterable[str] = (), text: str = "") -> str:
    """Return the licence as an SPDX expression: from `expression`, else from `classifiers`, else from `text`."""
    if found := _valid(expression):
        return found
    named = {
        spdx
        for classifier in classifiers
        if classifier.startswith("License ::")
        if (spdx := _CLASSIFIERS.get(classifier.rpartition(" :: ")[2]))
    }
    if len(named) == 1:
        return named.pop()
    return _valid(text) or _spelled(text)


def _valid(expression: str) -> str:
    """Return `expression` as SPDX writes it, or empty text when it is none."""
    if not 0 < len(expression) <= MAX_EXPRESSION:
        return ""
    from license_expression import get_spdx_licensing

    try:
        found = get_spdx_licensing().validate(expression)
    except Exception:  # noqa: BLE001 - the library's parser is not written for text from strangers
        return ""
    return "" if found.errors else str(found.normalized_expression)


def _spelled(text: str) -> str:
    if len(text) > MAX_EXPRESSION:
        return ""
    words = re.sub(r"[-_,()]", " ", text.casefold())
    words = " ".join(_FILLING.sub(" ", words).split())
    for long, short in _LONG_NAMES:
        words = words.replace(long, short)
    words = _NUMBER.sub(lambda found: " " + found[1].removesuffix(".0"), words)
    return _SPELLINGS.get(" ".join(words.split()), "")
