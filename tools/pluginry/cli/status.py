"""``pluginry status``: how a published marketplace is, for people and for monitoring.

In: an address or folder, and who vouches for its root of trust. Out: lines, JSON or metrics, and an exit status.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.access_options import access_of, access_options
from pluginry.cli.command import command
from pluginry.cli.status_report import exit_status_of, metrics, report_data, report_lines
from pluginry.errors import DocumentError, PluginryError, UsageError
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId

if TYPE_CHECKING:
    from pluginry.cli.console import Console
    from pluginry.ports import SizedTransport

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_FIRST_ROOT = Path("index") / "trust" / "1.root.json"


@command("status", short_help="Tell whether a published marketplace is fresh, genuine and whole.")
@click.argument("place", metavar="URL|FOLDER|PLUGIN", default="dist")
@click.option("--fingerprint", metavar="SHA256", help="Fingerprint of the first root of trust.")
@click.option("--root", type=_FILE, help="File of the first root of trust, in place of its fingerprint.")
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder whose index/trust/ has the root of trust.")
@click.option("--sample", type=click.IntRange(min=0), default=20, show_default=True, help="Look at so many plugins.")
@click.option("--deep", is_flag=True, help="Look at every plugin and every release.")
@click.option("--prometheus", is_flag=True, help="Answer with metrics, in the text format of Prometheus.")
@access_options
def status(
    console: Console,
    *,
    place: str,
    fingerprint: str | None,
    root: Path | None,
    workspace: Path,
    sample: int,
    deep: bool,
    prometheus: bool,
    **access: Any,
) -> int:
    """Tell how the marketplace at URL or in FOLDER is.

    How long its metadata is good for, whether clients accept it, whether what it names is there, and what the last
    publication left in quarantine.

    Exit status 0 when all is well; 10 when somebody should look soon; 5 when clients refuse it, or something that it
    names is missing or wrong; 3 when it cannot be reached. Without a root of trust to hold it to (--fingerprint, --root
    or a workspace) it says "unverified": then it may be anybody's.

    PLUGIN, the id of one in the registry of the workspace, is short for `pluginry submission PLUGIN`: where what you
    submitted stands, and whose turn it is.
    """
    if _is_claimed(place, workspace):
        return _tell_of_submission(console, place, workspace)
    from pluginry.hosts.inspection import inspect

    if prometheus and console.as_json:
        raise UsageError("there is one answer, in one form", hint="choose --json or --prometheus")
    vouched = _vouched_for(fingerprint, root, workspace)
    now = datetime.now(UTC)
    try:
        with tempfile.TemporaryDirectory(prefix="pluginry-status-") as folder, console.progress("looking") as advance:
            found = inspect(
                _transport(place, access),
                fingerprint=vouched,
                folder=Path(folder),
                now=now,
                sample=None if deep else sample,
                advance=advance,
            )
    except PluginryError as error:
        if not prometheus:
            raise
        console.result(None, metrics(place, None, now))
        click.echo(f"error: {error}", err=True)
        return error.exit_status
    if prometheus:
        console.result(None, metrics(found.location, found, now))
    else:
        console.result(report_data(found, now), report_lines(found, now))
    return exit_status_of(found, now)


def _is_claimed(place: str, workspace: Path) -> bool:
    """Return whether `place` is no folder, but a plugin of the registry in `workspace`."""
    try:
        plugin = PluginId.parse(place)
    except DocumentError:
        return False
    return not Path(place).exists() and (workspace / "registry" / "plugins" / str(plugin)).is_dir()


def _tell_of_submission(console: Console, plugin: str, workspace: Path) -> int:
    from pluginry.cli.submission import submission

    told = {"as_json": console.as_json, "quiet": console.quiet, "debug": console.debug}
    click.get_current_context().invoke(
        submission, plugin=PluginId.parse(plugin), registry=workspace / "registry", **told
    )
    return 0


def _vouched_for(fingerprint: str | None, root: Path | None, workspace: Path) -> Digest | None:
    """Return the fingerprint that somebody vouches for, if there is one."""
    if fingerprint is not None and root is not None:
        raise UsageError("a root of trust is given once", hint="--fingerprint or --root, not both")
    if fingerprint is not None:
        return Digest(fingerprint)
    file = root or workspace / _FIRST_ROOT
    return Digest.of(file.read_bytes()) if file.is_file() else None


def _transport(place: str, access: dict[str, Any]) -> SizedTransport:
    from pluginry.adapters.folder_transport import FolderTransport
    from pluginry.adapters.http_transport import HttpTransport
    from pluginry.hosts.connections import Connections

    found = Connections().transport(place, access_of(**access))
    if not isinstance(found, FolderTransport | HttpTransport):
        raise UsageError("such a place does not tell how large its objects are", where=place)
    return found
