"""Reads what a Python wheel says of itself: METADATA and entry_points.txt of its ``.dist-info`` folder.

In: the folder a wheel was unpacked to. Out: `WheelMetadata`, plain texts as the author wrote them.
Never: imports or runs anything of the wheel, judges or converts what it reads.
"""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.errors import DocumentError
from pluginry.model.manifest import EntryPoint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.metadata import RawMetadata
    from packaging.requirements import Requirement

MAX_METADATA_BYTES: Final = 2 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelMetadata:
    """One wheel. ``requires`` are the requirements that hold without any extra; ``urls`` goes from label to address."""

    dist_info: str
    name: str
    version: str
    summary: str
    description: str
    description_type: str
    keywords: tuple[str, ...]
    license_expression: str
    license: str
    classifiers: tuple[str, ...]
    urls: Mapping[str, str]
    requires: tuple[Requirement, ...]
    requires_python: str
    entry_points: Mapping[str, tuple[EntryPoint, ...]]


def read_wheel_metadata(folder: Path) -> WheelMetadata:
    """Return what the wheel unpacked at `folder` says of itself.

    Raises:
        DocumentError: it has no metadata, two of them, or some that cannot be read.
    """
    from packaging.metadata import parse_email

    found = sorted(path.parent.name for path in folder.glob("*.dist-info/METADATA"))
    if len(found) != 1:
        raise DocumentError("this is not a wheel", why=f"it has {len(found)} files *.dist-info/METADATA, not one")
    dist_info = found[0]
    raw, _ = parse_email(_read(folder / dist_info / "METADATA"))
    if "name" not in raw or "version" not in raw:
        raise DocumentError("METADATA gives no name or no version", where=dist_info)
    urls = dict(raw.get("project_urls", {}))
    if "home_page" in raw:
        urls.setdefault("Homepage", raw["home_page"])
    return WheelMetadata(
        dist_info=dist_info,
        name=raw["name"],
        version=raw["version"],
        summary=raw.get("summary", ""),
        description=raw.get("description", ""),
        description_type=raw.get("description_content_type", ""),
        keywords=tuple(raw.get("keywords", ())),
        license_expression=raw.get("license_expression", ""),
        license=raw.get("license", ""),
        classifiers=tuple(raw.get("classifiers", ())),
        urls=MappingProxyType(urls),
        requires=_requirements(raw),
        requires_python=raw.get("requires_python", ""),
        entry_points=_entry_points(folder / dist_info / "entry_points.txt"),
    )


def _requirements(raw: RawMetadata) -> tuple[Requirement, ...]:
    from packaging.requirements import InvalidRequirement, Requirement

    requirements = []
    for text in raw.get("requires_dist", ()):
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise DocumentError(f"{text[:80]!r} is not a requirement", where="Requires-Dist", why=str(error)) from error
        # A requirement of an extra is not met by any environment that asks for no extra.
        if requirement.marker is None or "extra" not in str(requirement.marker):
            requirements.append(requirement)
    return tuple(requirements)


def _entry_points(path: Path) -> Mapping[str, tuple[EntryPoint, ...]]:
    if not path.is_file():
        return MappingProxyType({})
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case: how configparser wants it
    try:
        parser.read_string(_read(path).decode())
    except (configparser.Error, UnicodeDecodeError) as error:
        raise DocumentError(
            "entry_points.txt cannot be read", where=path.parent.name, why=type(error).__name__
        ) from error
    groups = {
        group: tuple(
            EntryPoint(name=name, target=target.partition("[")[0].strip()) for name, target in parser[group].items()
        )
        for group in sorted(parser.sections())
    }
    return MappingProxyType({group: points for group, points in groups.items() if points})


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_METADATA_BYTES:
        raise DocumentError("the metadata is too large", where=path.name, why=f"at most {MAX_METADATA_BYTES} bytes")
    return path.read_bytes()
