"""``pluginry serve``: look at a published marketplace in a browser, or install from it, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from pluginry.cli.console import Console


@command("serve", short_help="Show a published marketplace on this machine.")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("dist"))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes any free one.")
@click.option("--open", "open_browser", is_flag=True, help="Open the catalogue in a browser.")
def serve(console: Console, *, folder: Path, host: str, port: int, open_browser: bool) -> int:
    """Serve the marketplace in FOLDER until Ctrl-C.

    Nothing else is served than the files in FOLDER. This is for looking and trying out: for everybody else, copy the
    folder to any web server, bucket or share.
    """
    from pluginry.cli.folder_server import FolderServer

    if not folder.is_dir():
        raise NotFoundError("there is no marketplace to serve", where=str(folder), hint=f"pluginry publish {folder}")
    try:
        server = FolderServer(folder, host=host, port=port)
    except OSError as error:
        raise UsageError(
            "the address cannot be used", where=f"{host}:{port}", why=error.strerror or str(error), hint="give --port 0"
        ) from error
    with server:
        console.result({"url": server.address, "folder": str(folder)}, f"{folder} is at {server.address}")
        console.say("Ctrl-C ends it.")
        if open_browser:
            click.launch(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            console.say("Ended.")
    return 0
