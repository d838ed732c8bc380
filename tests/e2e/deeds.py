"""What operators and users do in a workspace of marketplace_on_disk.py, besides the commands that they type."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from e2e.marketplace_on_disk import CACHE

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.marketplace_on_disk import Workspace

ID = "PLG-2026-0009"
"""The id of the advisory."""
_AUTHOR = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")


def files_of(workspace: Workspace) -> dict[str, bytes]:
    """Return what is published, by key."""
    return {
        path.relative_to(workspace.dist).as_posix(): path.read_bytes()
        for path in sorted(workspace.dist.rglob("*"))
        if path.is_file()
    }


def add_source(workspace: Workspace) -> None:
    """Add it as a source, for a mail server."""
    workspace.pluginry(
        "source",
        "add",
        "demo",
        "dist",
        "--fingerprint",
        workspace.fingerprint(),
        "--host",
        "mairust",
        "--host-version",
        "0.5.0",
    )


def write_advisory(
    workspace: Workspace, plugin: str = CACHE, *, action: str = "disable", more: str = "", digest: str = ""
) -> None:
    """Write an advisory about a plugin, or about packages with a `digest`."""
    digests = f", digests: [{digest}]" if digest else ""
    (workspace.root / "registry" / "advisories" / f"{ID}.yaml").write_text(
        f'schema_version: "1.7.0"\nid: {ID}\npublished: 2026-03-01T00:00:00Z\nmodified: 2026-03-01T00:00:00Z\n{more}'
        "summary: It reads more than it says\n"
        f"affected:\n  - package: {{ecosystem: Pluginry, name: {plugin}}}\n"
        '    ranges: [{type: SEMVER, events: [{introduced: "0"}]}]\n'
        f"database_specific: {{action: {action}, reason: malware{digests}}}\n",
        "utf-8",
    )


def git(market: Workspace, *arguments: str) -> str:
    """Return what git says in the workspace."""
    done = subprocess.run(["git", *_AUTHOR, *arguments], cwd=market.root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(market: Workspace) -> str:
    """Commit everything and return the commit."""
    git(market, "add", "-A", ".")
    git(market, "commit", "-qm", "next", "--allow-empty")
    return git(market, "rev-parse", "HEAD")


def plugin(market: Workspace, name: str) -> Path:
    """Return the folder of a plugin in the registry."""
    return market.root / "registry" / "plugins" / name


def rewrite(path: Path, old: str, new: str) -> None:
    """Put `new` in the place of the first `old`, which must be there."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def new_release(market: Workspace, name: str, version: str, *, sha256: str) -> None:
    """Add a release that is packed from a copy of the newest sources, and says it is `sha256`."""
    folder = plugin(market, name)
    newest = max(folder.glob("source/*"))
    shutil.copytree(newest, folder / "source" / version)
    rewrite(folder / "source" / version / "plugin.yaml", f"version: {newest.name}", f"version: {version}")
    (folder / "releases" / f"{version}.yaml").write_text(
        f"schema: 1\nversion: {version}\nchannel: stable\nartifacts:\n"
        f"  - platform: any\n    source: {{path: source/{version}}}\n    sha256: {sha256}\n",
        "utf-8",
    )
