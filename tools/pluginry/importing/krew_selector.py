"""Which systems an archive of a krew manifest is for: label selectors over ``os`` and ``arch``.

In: the plain value of ``selector``. Out: a `KrewSelector` that answers for each of our platforms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.encoding.quoting import enumerated, quoted
from pluginry.importing import rules
from pluginry.model.names import Platform

if TYPE_CHECKING:
    from pluginry.model.finding import DocumentPath
    from pluginry.model.rule import Rule

Report = Callable[["Rule", "DocumentPath", str], None]

SYSTEMS: Final[Mapping[str, str]] = MappingProxyType(
    {"linux": "linux", "darwin": "macos", "windows": "windows", "freebsd": "freebsd"}
)
ARCHITECTURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "amd64": "x86_64",
        "arm64": "aarch64",
        "386": "x86",
        "arm": "armv7",
        "ppc64le": "ppc64le",
        "s390x": "s390x",
        "riscv64": "riscv64",
    }
)
_KNOWN: Final = MappingProxyType({"os": SYSTEMS, "arch": ARCHITECTURES})
_ON: Final = MappingProxyType(
    {
        "linux": tuple(ARCHITECTURES),
        "darwin": ("amd64", "arm64"),
        "windows": ("amd64", "arm64", "386"),
        "freebsd": ("amd64", "arm64"),
    }
)
PLATFORMS: Final[Mapping[Platform, Mapping[str, str]]] = MappingProxyType(
    {
        Platform(f"{SYSTEMS[system]}-{ARCHITECTURES[arch]}"): MappingProxyType({"os": system, "arch": arch})
        for system, archs in _ON.items()
        for arch in archs
    }
)
"""Every platform that the host is known to run on, with the labels it has there."""

EVERY_LABELS: Final = tuple({"os": system, "arch": arch} for system in SYSTEMS for arch in ARCHITECTURES)
"""The labels of every platform that can be named, whether the host runs on it or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A label that must be (or must not be) one of ``values``."""

    label: str
    values: frozenset[str]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class KrewSelector:
    """All ``requirements`` hold for the platforms that are selected."""

    requirements: tuple[Requirement, ...] = ()

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Return whether a platform with `labels` is selected."""
        return all((labels[one.label] in one.values) != one.excluded for one in self.requirements)


def read_selector(value: object, report: Report) -> KrewSelector:
    """Return the selector `value`; what is wrong goes to `report` with its path below the selector."""
    if not isinstance(value, dict) or not value:
        report(rules.SHAPE, (), f"{quoted(value)} where a selector with matchLabels or matchExpressions belongs")
        return KrewSelector()
    for key in value:
        if key not in ("matchLabels", "matchExpressions"):
            report(rules.UNKNOWN_KEY, (key,), f"the key {quoted(key)} is not known")
    return KrewSelector(
        (*_labels(value.get("matchLabels"), report), *_expressions(value.get("matchExpressions"), report))
    )


def _labels(value: object, report: Report) -> Iterator[Requirement]:
    if value is None:
        return
    if not isinstance(value, dict):
        report(rules.SHAPE, ("matchLabels",), f"{quoted(value)} where a mapping belongs")
        return
    for label, wanted in value.items():
        path = ("matchLabels", label)
        if _is_known(label, [wanted], path, report):
            yield Requirement(label=label, values=frozenset([str(wanted)]))


def _expressions(value: object, report: Report) -> Iterator[Requirement]:
    for at, expression in enumerate(value if isinstance(value, list) else []):
        path: DocumentPath = ("matchExpressions", at)
        if not isinstance(expression, dict) or not isinstance(expression.get("values"), list):
            report(rules.SHAPE, path, "an expression has key, operator and values")
            continue
        label, operator, values = str(expression.get("key")), expression.get("operator"), expression["values"]
        if operator not in ("In", "NotIn"):
            report(rules.SHAPE, (*path, "operator"), f"{quoted(operator)} where In or NotIn belongs")
        elif _is_known(label, values, (*path, "values"), report):
            yield Requirement(label=label, values=frozenset(map(str, values)), excluded=operator == "NotIn")
    if value is not None and not isinstance(value, list):
        report(rules.SHAPE, ("matchExpressions",), f"{quoted(value)} where a list belongs")


def _is_known(label: str, values: list[object], path: DocumentPath, report: Report) -> bool:
    if label not in _KNOWN:
        report(rules.PLATFORM, path, f"the label {quoted(label)} is not known; there are os and arch")
        return False
    unknown = [value for value in values if str(value) not in _KNOWN[label]]
    for value in unknown:
        report(rules.PLATFORM, path, f"{quoted(value)} is not {enumerated(_KNOWN[label])}")
    return not unknown
