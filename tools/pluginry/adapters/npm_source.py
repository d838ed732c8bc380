"""Reaches npm packages through npm, with the configuration that the user gave npm.

In: a package and its version. Out: the tarball, byte for byte as it was published, or the versions there are. Scripts
of packages never run. Never shows which address npm talks to.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pluginry.adapters.fetched_file import checked
from pluginry.adapters.tool_process import USER_FOLDERS, Finished, environment, run_tool
from pluginry.errors import NotFoundError, TransportError

if TYPE_CHECKING:
    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

_NAME = re.compile(r"(?:@[a-z0-9][a-z0-9._-]{0,100}/)?[a-z0-9][a-z0-9._-]{0,100}")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?")  # exact: no tag, range or address
_NO_SUCH_RELEASE = ("E404", "ETARGET", "ENOVERSIONS")
# npm waits for minutes when there is no network; a release that did not come is asked for again in the next run.
_BRIEF_RETRIES = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=3000")


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmSource:
    """Fetches ``npm`` sources."""

    npm: str = "npm"
    deadline_s: float = 300.0

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        """Download the tarball; see `SourceFetcher`.

        Raises:
            NotFoundError: there is no such version.
            TamperedError: the tarball is not `expected`.
            TransportError: npm is missing or could not reach its registry, or the file is larger than `max_bytes`.
        """
        if not _NAME.fullmatch(source.npm) or not _VERSION.fullmatch(source.version):
            raise NotFoundError("there cannot be such a release", where=str(source))
        wanted = f"{source.npm}@{source.version}"
        done = self._npm(into, ["pack", "--ignore-scripts", "--json", "--pack-destination", str(into), wanted])
        if done.status != 0:
            raise _failure(done, wanted)
        tarballs = [path for path in sorted(into.iterdir()) if path.suffix == ".tgz"]
        if len(tarballs) != 1:
            raise TransportError("npm brought no tarball", where=wanted)
        return checked(tarballs[0], str(source), expected=expected, max_bytes=max_bytes)

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the published versions of the package `name`, the oldest first.

        Raises:
            NotFoundError: there is no such package.
            TransportError: npm is missing, or could not reach its registry.
        """
        if not _NAME.fullmatch(name):
            raise NotFoundError("there cannot be such a package", where=name[:100])
        with TemporaryDirectory() as folder:
            done = self._npm(Path(folder), ["view", name, "versions", "--json"])
        if done.status != 0:
            raise _failure(done, name)
        listed = _json(done)
        listed = [listed] if isinstance(listed, str) else listed
        if not isinstance(listed, list):
            raise TransportError("npm gives no answer that can be used", where=name)
        return tuple(version for version in listed if isinstance(version, str))

    def _npm(self, folder: Path, arguments: list[str]) -> Finished:
        quiet = ["--no-update-notifier", "--no-fund", "--no-audit", "--loglevel=silent"]
        return run_tool(
            [self.npm, *arguments, *quiet, *_BRIEF_RETRIES],
            folder=folder,
            variables=environment(*USER_FOLDERS, "NODE_EXTRA_CA_CERTS", prefixes=("npm_config_",)),
            timeout_s=self.deadline_s,
        )


def _failure(done: Finished, wanted: str) -> NotFoundError | TransportError:
    answer = _json(done)
    error = answer.get("error") if isinstance(answer, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if code in _NO_SUCH_RELEASE:
        return NotFoundError("there is no such package or version", where=wanted)
    return TransportError("npm could not reach its registry", where=wanted, hint="check the network and npm's settings")


def _json(done: Finished) -> Any:
    try:
        return json.loads(done.output)
    except ValueError:
        return None
