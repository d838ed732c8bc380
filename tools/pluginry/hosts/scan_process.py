"""The process that scans the packages of one release: a hostile package takes it down, and nothing else.

In: a JSON request on standard input. Out: the facts as JSON on standard output. Limits are set before the first byte of
a package is read. It is started by `scan_work`, never by people.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pluginry.encoding import documents
from pluginry.model.digest import Digest
from pluginry.model.host import HostProfile
from pluginry.model.names import Platform
from pluginry.model.registry import ScannerSwitches
from pluginry.publisher.scan import facts_of_release
from pluginry.publisher.scan_files import PackageFile, scan_file
from pluginry.publisher.scan_setup import ScanSetup


def setup_from(plain: Mapping[str, Any]) -> ScanSetup:
    """Return the setup that `scan_work.plain_setup` wrote."""
    hosts = documents.construct(tuple[HostProfile, ...], plain["hosts"], what="hosts")
    return ScanSetup(
        switches=documents.construct(Mapping[str, ScannerSwitches], plain["switches"], what="switches"),  # type: ignore[type-abstract] # a mapping of models, which the door makes
        hosts={profile.id: profile for profile in hosts},
        osv=Path(plain["osv"]) if plain["osv"] else None,
        rules=Path(plain["rules"]) if plain["rules"] else None,
    )


def answer(request: Mapping[str, Any]) -> Any:
    """Return the facts about the packages that `request` names; the errors of `scan_file`."""
    setup = setup_from(request["setup"])
    packages = (
        PackageFile(path=Path(one["path"]), platform=Platform(one["platform"]), sha256=Digest(one["sha256"]))
        for one in request["packages"]
    )
    scanned = [scan_file(package, licence=request["licence"], setup=setup) for package in packages]
    return documents.to_plain(facts_of_release(scanned[0][0], [result for _, result in scanned]))


def _limit_memory(max_bytes: int) -> None:
    """Let this process have so much memory, where the system has such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (max_bytes, max_bytes))


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    _limit_memory(request["max_memory_bytes"])
    json.dump(answer(request), sys.stdout)


if __name__ == "__main__":
    main()
