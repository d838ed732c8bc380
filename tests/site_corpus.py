"""Hostile texts, and a catalogue with one of them in every text that strangers write."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from busy_catalogue import busy_input, busy_plugins
from pluginry.model.advisory import RangeEvent
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from pluginry.model.versions import Version, VersionRange

if TYPE_CHECKING:
    from pluginry.publisher.site import CatalogueInput

PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "closing": "</title></textarea></style></script><script src=https://evil.example/x.js></script>",
    "attribute": '" onmouseover="alert(1)" x="',
    "single quote": "' onfocus='alert(1)' autofocus='",
    "picture": "<img src=x onerror=alert(1)>",
    "vector": "<svg/onload=alert(1)><use href='data:image/svg+xml,x'/></svg>",
    "address": "javascript:alert(1)",
    "hidden address": "jav\tascript:alert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "template": "{{ 7*7 }}{% raw %}{{ config }}${7*7}",
    "markdown": "[x](javascript:alert(1)) ![y](https://evil.example/p.png) <a href='javascript:alert(1)'>z</a>",
    "comment": "--><script>alert(1)</script><!--",
    "cdata": "]]><script>alert(1)</script>",
    "entity": "&lt;script&gt;&#106;avascript:alert(1)",
    "traversal": "../../../etc/passwd",
    "credentials": "https://user:secret@evil.example/",
    "protocol": "//evil.example/x",
    "reordering": "safe\u202egpj.exe\u202c \u2066hidden\u2069\u200f\u061c\u00ad\ufeff",
    "controls": "a\x00b\x07c\x1b[31md\x7f\x85e",
}
UNTOUCHED = (PluginId, Digest, Version, VersionRange, RangeEvent)


def poisoned(value: Any, payload: str, *, keep: frozenset[str]) -> Any:
    """Return `value` with `payload` for every text in it but those in fields named in `keep`."""
    if type(value) is str:
        return payload
    if isinstance(value, tuple):
        return tuple(poisoned(item, payload, keep=keep) for item in value)
    if isinstance(value, Mapping):
        return {
            (payload if type(key) is str else key): poisoned(item, payload, keep=keep) for key, item in value.items()
        }
    if dataclasses.is_dataclass(value) and not isinstance(value, (type, *UNTOUCHED)):
        changed = {
            f.name: poisoned(getattr(value, f.name), payload, keep=keep)
            for f in dataclasses.fields(value)
            if f.init and f.name not in keep
        }
        return dataclasses.replace(value, **changed)
    return value


def a_poisoned_input(payload: str, *, keep: frozenset[str]) -> CatalogueInput:
    """Return the busy catalogue with `payload` in every text that is not our own; without pictures, to be quick."""
    bare = [dataclasses.replace(plugin, icon=None, screenshots={}) for plugin in busy_plugins()]
    # It returns what it is given, of whatever type.
    return poisoned(busy_input(bare), payload, keep=keep | {"base_url", "instance", "rules"})  # type: ignore[no-any-return]
