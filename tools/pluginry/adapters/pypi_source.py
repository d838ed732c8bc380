"""Reaches Python packages through pip, with the configuration that the user gave pip.

In: a distribution and its version. Out: the wheel, or the versions there are. Only wheels: nothing is built, so no
code of a package runs. Never shows which address pip talks to.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from pluginry.adapters.fetched_file import checked
from pluginry.adapters.tool_process import USER_FOLDERS, Finished, environment, run_tool
from pluginry.errors import NotFoundError, TransportError

if TYPE_CHECKING:
    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.!+_-]{0,59}")
_NO_SUCH_RELEASE = ("No matching distribution found",)
_NOT_REACHED = (
    "Retrying (",
    "connection broken",
    "ConnectionError",
    "HTTPError",
    "SSLError",
    "timed out",
    "ProxyError",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiSource:
    """Fetches ``pypi`` sources with the pip of the Python at ``python``."""

    python: str = sys.executable
    deadline_s: float = 300.0

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        """Download the wheel; see `SourceFetcher`. A source without ``file`` means the wheel for every platform.

        Raises:
            NotFoundError: there is no such version, or no such wheel of it.
            TamperedError: the wheel is not `expected`.
            TransportError: pip is missing or could not reach its registry, or the wheel is larger than `max_bytes`.
        """
        if not _NAME.fullmatch(source.pypi) or not _VERSION.fullmatch(source.version):
            raise NotFoundError("there cannot be such a release", where=str(source))
        wanted = f"{source.pypi}=={source.version}"
        options = ["--no-deps", "--only-binary", ":all:", "--ignore-requires-python", "--dest", str(into)]
        done = self._pip(into, ["download", "--quiet", *options, *_wheel_options(source.file), wanted])
        if done.status != 0:
            raise _failure(done, wanted)
        wheels = [path for path in sorted(into.iterdir()) if path.suffix == ".whl"]
        if len(wheels) != 1 or (source.file and wheels[0].name != source.file):
            raise NotFoundError(f"there is no wheel {source.file or 'for every platform'}", where=str(source))
        return checked(wheels[0], str(source), expected=expected, max_bytes=max_bytes)

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the versions of the distribution `name` that have a file, the newest first.

        Raises:
            NotFoundError: there is no such distribution.
            TransportError: pip is missing, or could not reach its registry.
        """
        if not _NAME.fullmatch(name):
            raise NotFoundError("there cannot be such a distribution", where=name[:100])
        with TemporaryDirectory() as folder:
            done = self._pip(Path(folder), ["index", "versions", "--pre", "--ignore-requires-python", name])
        if done.status != 0:
            raise _failure(done, name)
        listed = next(
            (line for line in done.output.decode().splitlines() if line.startswith("Available versions:")), ""
        )
        return tuple(version.strip() for version in listed.partition(":")[2].split(",") if version.strip())

    def _pip(self, folder: Path, arguments: list[str]) -> Finished:
        return run_tool(
            [self.python, "-m", "pip", "--no-input", "--no-color", "--disable-pip-version-check", *arguments],
            folder=folder,
            variables=environment(*USER_FOLDERS, "REQUESTS_CA_BUNDLE", prefixes=("pip_",)),
            timeout_s=self.deadline_s,
        )


def _wheel_options(file: str) -> list[str]:
    """Return what makes pip choose the wheel `file` on any machine."""
    if not file:
        return ["--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", "3"]
    try:
        tags = sorted(parse_wheel_filename(file)[3], key=str)
    except InvalidWheelFilename as error:
        raise NotFoundError("this is not the name of a wheel", where=file) from error
    tag = tags[-1]  # py3 rather than py2
    digits = tag.interpreter.lstrip("abcdefghijklmnopqrstuvwxyz")
    options = ["--implementation", tag.interpreter.removesuffix(digits), "--python-version", _dotted(digits)]
    for option, values in (("--abi", {one.abi for one in tags}), ("--platform", {one.platform for one in tags})):
        options += [argument for value in sorted(values) for argument in (option, value)]
    return options


def _dotted(digits: str) -> str:
    return f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits or "3"


def _failure(done: Finished, wanted: str) -> NotFoundError | TransportError:
    if "No module named pip" in done.errors:
        return TransportError("this Python has no pip", hint="install pip into the environment that pluginry runs in")
    if any(sign in done.errors for sign in _NOT_REACHED):
        return TransportError(
            "pip could not reach its registry", where=wanted, hint="check the network and pip's settings"
        )
    if any(sign in done.errors for sign in _NO_SUCH_RELEASE):
        return NotFoundError("there is no such wheel", where=wanted, why="pip found no wheel of this version")
    return TransportError("pip could not fetch a package", where=wanted, why=f"it ended with {done.status}")
