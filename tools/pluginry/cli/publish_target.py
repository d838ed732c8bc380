"""Where a publisher's command publishes to, or looks at: a folder, an S3 bucket, or a remote of rclone.

In: the argument TARGET, and the options that go with it. Out: an `ObjectStore`, open for as long as the command needs
it, and found fit for what is to be done before anything else is. It never takes a credential: each kind of store has
its own places for them.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.publisher_wiring import STATE_FOLDER
from pluginry.errors import PluginryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.ports import ObjectStore

S3, RCLONE = "s3://", "rclone:"
_INPUT = ("registry", "index", STATE_FOLDER)
KINDS = "a folder, s3://BUCKET/PREFIX or rclone:REMOTE:PATH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The ``address`` as it was typed. ``endpoint_url`` is where an S3 store answers, if nothing else says so."""

    address: str
    endpoint_url: str | None = None
    is_only_publisher: bool = False

    def __str__(self) -> str:
        return self.address

    def check_apart_from(self, workspace: Path) -> None:
        """Refuse a folder that holds or lies in what `workspace` is published from: each would be taken for the other.

        Raises:
            UsageError: it is such a folder.

        """
        if self.address.startswith(RCLONE) or "://" in self.address:
            return
        folder = Path(self.address).resolve()
        for name in _INPUT:
            part = (workspace / name).resolve()
            if part.is_relative_to(folder) or folder.is_relative_to(part):
                hint = "name a folder of its own, such as dist"
                raise UsageError(
                    f"{name}/ of the workspace and what is published lie apart", where=str(folder), hint=hint
                )

    @contextmanager
    def open(self, *, writes: bool) -> Iterator[ObjectStore]:
        """Yield the store; who `writes` learns at once if that is not safe there.

        Raises:
            UsageError: there is no such kind of target, or two publishers could do harm there.
            AuthError: the credentials are missing, or not good for it.
            TransportError: it does not answer.

        """
        if self.endpoint_url is not None and not self.address.startswith(S3):
            raise UsageError("--endpoint-url is for targets that begin with s3://", where=self.address)
        if self.address.startswith(S3):
            from pluginry.adapters.s3_store import S3Store

            bucket = S3Store.open(
                self.address, endpoint_url=self.endpoint_url, is_only_publisher=self.is_only_publisher
            )
            if writes:
                bucket.check()
            try:
                yield bucket
            finally:
                with suppress(PluginryError):  # what is left behind expires, and is not the news
                    bucket.close()
        elif self.address.startswith(RCLONE):
            from pluginry.adapters.rclone_store import RcloneStore

            with RcloneStore.open(self.address, is_only_publisher=self.is_only_publisher) as remote:
                if writes:
                    remote.check()
                yield remote
        elif "://" in self.address:
            raise UsageError("nothing can be published there", hint=f"TARGET is {KINDS}")
        else:
            from pluginry.adapters.folder_store import FolderStore

            if Path(self.address).is_file():
                raise UsageError("this is a file", where=self.address, hint=f"TARGET is {KINDS}")
            yield FolderStore(Path(self.address))


def endpoint_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option ``endpoint_url``."""
    text = "Where the S3 store answers. [default: AWS_ENDPOINT_URL, or AWS]"
    return click.option("--endpoint-url", metavar="URL", help=text)(command)


def reads_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the argument ``target``, a `Target` that it looks at."""

    @endpoint_option
    @click.argument("target", default="dist")
    @functools.wraps(command)
    def with_target(*arguments: Any, target: str, endpoint_url: str | None, **options: Any) -> Any:
        return command(*arguments, target=Target(address=target, endpoint_url=endpoint_url), **options)

    return with_target


def writes_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the argument ``target``, a `Target` that it changes."""

    @click.option(
        "--single-publisher", is_flag=True, help="Nobody else ever publishes there: for stores that need that."
    )
    @endpoint_option
    @click.argument("target", default="dist")
    @functools.wraps(command)
    def with_target(
        *arguments: Any, target: str, endpoint_url: str | None, single_publisher: bool, **options: Any
    ) -> Any:
        named = Target(address=target, endpoint_url=endpoint_url, is_only_publisher=single_publisher)
        return command(*arguments, target=named, **options)

    return with_target
