"""What scanners are given besides the package: switches, the vocabulary of hosts, and data on this machine.

In: paths and values. Out: the same for every package of a run. It reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.model.registry import ScannerSwitches

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pluginry.model.host import HostProfile
    from pluginry.model.names import Name

_AS_USUAL: Final = ScannerSwitches()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSetup:
    """``osv`` is a zip or a folder of OSV documents; ``rules`` is a folder of the operator's own YARA rules."""

    switches: Mapping[str, ScannerSwitches] = field(default_factory=lambda: MappingProxyType({}))
    hosts: Mapping[Name, HostProfile] = field(default_factory=lambda: MappingProxyType({}))
    osv: Path | None = None
    rules: Path | None = None

    def switches_of(self, scanner: str) -> ScannerSwitches:
        """Return the switches of a scanner: it runs, and nothing that it finds blocks, unless the registry says so."""
        return self.switches.get(scanner, _AS_USUAL)


PLAIN_SETUP: Final = ScanSetup()
"""Every scanner runs as far as it can without data from outside."""
