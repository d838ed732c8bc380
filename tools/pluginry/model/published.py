"""The one idea behind publishing: stages yield objects, and only the publish stage writes them, phase by phase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from pathlib import Path
from types import MappingProxyType


class Phase(IntEnum):
    """The order of writing, with a barrier between phases: nothing names an object that is not there yet."""

    ARTIFACT = 1
    NODE = 2
    PAGE = 3
    ROOT = 4


class CachePolicy(StrEnum):
    """How long copies may be kept, as a ``Cache-Control`` value."""

    IMMUTABLE = "public, max-age=31536000, immutable"
    SHORT = "public, max-age=60, must-revalidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedObject:
    """One file of the marketplace. ``key`` is relative and uses ``/``; an immutable key never changes its body.

    ``body`` is the content, or the path of a file that holds it (packages, which need not fit in memory). What never
    changes may lie in a ``file`` of our own, too, which nobody writes to again: a folder may give it the key as a name.
    """

    key: str
    body: bytes | Path
    media_type: str
    cache: CachePolicy
    phase: Phase
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """What a store says of a key: ``tag`` changes with the content; ``size`` in bytes; when it was last written."""

    key: str
    tag: str
    size: int
    modified_at: datetime


SETTLED_FIELD = "x-pluginry-settled"
"""Stands in a timestamp when nothing is left to be done of its input: ``made_of`` names that, and until ``due_at``
nothing has to be signed again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedState:
    """The ``objects`` that make targets current, under a ``timestamp`` that is one of them or there already."""

    objects: tuple[PublishedObject, ...]
    timestamp: bytes


JSON_TYPE = "application/json"
MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".sigstore.json": "application/vnd.dev.sigstore.bundle.v0.3+json",
        ".json": JSON_TYPE,
        ".jsonl": "application/jsonl",
        ".zip": "application/zip",
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        ".atom": "application/atom+xml",
        ".xml": "application/xml",
        ".svg": "image/svg+xml",
        ".webp": "image/webp",
        ".png": "image/png",
    }
)
"""What is published under keys with these ends; the first that fits counts."""
OTHER_TYPE = "application/octet-stream"


def media_type_of(key: str) -> str:
    """Return the media type of what is published under `key`."""
    return next((kind for end, kind in MEDIA_TYPES.items() if key.endswith(end)), OTHER_TYPE)


def json_node(key: str, body: bytes | Path) -> PublishedObject:
    """Return an immutable JSON object that others point to by digest."""
    return PublishedObject(
        key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.IMMUTABLE, phase=Phase.NODE
    )


def json_page(key: str, body: bytes) -> PublishedObject:
    """Return a mutable JSON object for simple clients."""
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)
