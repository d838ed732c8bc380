"""Names as validated values: whoever holds one may paste it into a path or an address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache, total_ordering
from typing import ClassVar, Self

from pluginry.errors import DocumentError

_PART = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"
_DEVICE = r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])\Z"
"""What Windows opens as a device, whatever folder it is in and whatever suffix follows."""
_NAME = re.compile(rf"(?!{_DEVICE}){_PART}\Z")
_PLATFORM = re.compile(
    r"(?:any|(?:linux|macos|windows|freebsd|android|ios)-(?:x86_64|aarch64|x86|armv7|riscv64|ppc64le|s390x))\Z"
)
_MAX_SHOWN = 80
_REMEMBERED = 1 << 17
"""So many ids are made once: each is written in many documents, and all of a marketplace in turn."""


class _ValidatedName(str):
    """A string that was checked when it was made."""

    __slots__ = ()
    _pattern: ClassVar[re.Pattern[str]] = _NAME
    _says: ClassVar[str] = ""

    def __new__(cls, text: str) -> Self:
        if not cls._pattern.match(text):
            raise DocumentError(f"{text[:_MAX_SHOWN]!r} is not a valid {cls._says}")
        return super().__new__(cls, text)


class Name(_ValidatedName):
    """A namespace, a plugin's name or a host: 1 to 40 lower-case letters, digits and inner hyphens; no device."""

    __slots__ = ()
    _says = "name (1 to 40 lower-case letters, digits and inner hyphens; not a device of Windows such as con)"


class Platform(_ValidatedName):
    """``any``, or an operating system and an architecture such as ``linux-x86_64``."""

    __slots__ = ()
    _pattern = _PLATFORM
    _says = "platform (any, or os-arch such as linux-x86_64)"


ANY_PLATFORM = Platform("any")


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class PluginId:
    """``namespace/name``: the identity of a plugin, for ever. It has its text, for nearly all is looked up by it."""

    namespace: Name
    name: Name
    _text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_text", f"{self.namespace}/{self.name}")

    @classmethod
    def parse(cls, text: str) -> PluginId:
        """Return the id written as `text`.

        Raises:
            DocumentError: it is not of the form namespace/name.

        """
        return _parsed(text)

    def __str__(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, PluginId) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, PluginId):
            return NotImplemented
        return (self.namespace, self.name) < (other.namespace, other.name)


@lru_cache(_REMEMBERED)
def _parsed(text: str) -> PluginId:
    namespace, slash, name = text.partition("/")
    if not slash:
        raise DocumentError(f"{text[:_MAX_SHOWN]!r} is not a plugin id", why="an id is written namespace/name")
    return PluginId(Name(namespace), Name(name))
