"""``pluginry init`` and ``pluginry pack``: from an idea to a package, without a registry and without the network."""

from __future__ import annotations

import getpass
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from pluginry.cli.command import command
from pluginry.cli.questions import Questions, slug, title_of
from pluginry.encoding.quoting import enumerated, quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import DocumentError, NotFoundError, UsageError
from pluginry.model.layout import package_file, schema_key
from pluginry.model.names import ANY_PLATFORM, Name, Platform, PluginId
from pluginry.publisher import registry_layout
from pluginry.publisher.scaffold.project import (
    LICENSE_TEXTS,
    Answers,
    license_expression,
    one_line,
    project_files,
    write_project,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.cli.console import Console
    from pluginry.model.digest import BlobRef
    from pluginry.model.host import HostProfile
    from pluginry.publisher.pack import PackagePlan

_SCHEMA_FILE = "manifest.schema.json"
_REFUSED_EXIT_STATUS = 1
_FOLDER = click.Path(path_type=Path, file_okay=False)
_QUESTIONS = {
    "id": "Id, as namespace/name",
    "host": "Application it is for",
    "summary": "What it does, in a sentence",
    "license": "Licence, as in SPDX",
    "author": "Who holds the copyright",
}


def _platform(_context: click.Context, _option: click.Parameter, value: str) -> Platform:
    try:
        return Platform(value)
    except DocumentError as error:
        raise click.BadParameter(error.what) from error


@command("pack", short_help="Make a package from a plugin project.")
@click.argument("tree", metavar="[PATH]", default=Path(), type=_FOLDER)
@click.option("--out", type=click.Path(path_type=Path), help="File, or folder for a file of the usual name.")
@click.option("--platform", default=str(ANY_PLATFORM), callback=_platform, help="any, or os-arch such as linux-x86_64.")
@click.option("--tag", help="Refuse unless this tag is one of the manifest's version.")
@click.option("--list", "only_list", is_flag=True, help="List what would be packed, with sizes; write nothing.")
@click.option("--dry-run", is_flag=True, help="Do everything but write the package.")
def pack(
    console: Console,
    *,
    tree: Path,
    out: Path | None,
    platform: Platform,
    tag: str | None,
    only_list: bool,
    dry_run: bool,
) -> int:
    """Make a package from the plugin project in PATH, or in the current folder.

    The same files give the same package, byte for byte, on every machine. Exit status: 0 packed, 1 refused.
    """
    from pluginry.publisher.pack import check_place, digest_of_plan, plan_package, write_plan

    plan = plan_package(tree, platform=platform)
    if plan.is_refused or plan.manifest is None:
        _report(console, plan)
        return _REFUSED_EXIT_STATUS
    if tag is not None and not re.search(rf"(?:^|[^0-9.]){re.escape(str(plan.manifest.version))}$", tag):
        hint = "write the version into plugin.yaml before you tag it"
        raise UsageError(f"the manifest says {plan.manifest.version}", where=f"tag {quoted(tag)}", hint=hint)
    target = _target(out, package_file(plan.manifest.id, plan.manifest.version, platform))
    blob = None
    if dry_run and not only_list:
        check_place(plan, target)
        blob = digest_of_plan(plan)
    elif not only_list:
        blob = write_plan(plan, target).blob
    if plan.findings and not (console.as_json or console.quiet):
        _report(console, plan, err=True)
    data: dict[str, Any] = {"path": target.as_posix(), "platform": str(plan.platform)}
    data |= {"id": str(plan.manifest.id), "version": str(plan.manifest.version)}
    data["written"] = written = not (dry_run or only_list)
    if blob is None:
        data["files"] = [{"path": one.name, "size": one.ref.size, "executable": one.executable} for one in plan.members]
        console.result(data, _listing(plan))
    else:
        data |= {"sha256": str(blob.sha256), "size": blob.size}
        console.result(data, _summary(plan, target, blob, written=written))
    return 0


def _target(out: Path | None, name: str) -> Path:
    if out is None:
        return Path(name)
    return out / name if out.is_dir() else out


def _report(console: Console, plan: PackagePlan, *, err: bool = False) -> None:
    from pluginry.cli.check import tell

    tell(console, plan.findings, err=err)


def _listing(plan: PackagePlan) -> Iterator[str]:
    for member in plan.members:
        yield f"{member.ref.size:>12,}  {member.name}"
    yield f"{sum(member.ref.size for member in plan.members):>12,}  bytes in {len(plan.members):,} files"


def _summary(plan: PackagePlan, target: Path, blob: BlobRef, *, written: bool) -> Iterator[str]:
    yield f"{target.as_posix()}{'' if written else ' (not written)'}"
    yield f"  sha256  {blob.sha256}"
    yield f"  size    {blob.size:,} bytes, {len(plan.members):,} files"


@command("init", short_help="Start a plugin project.")
@click.argument("folder", metavar="[PATH]", default=Path(), type=_FOLDER)
@click.option("--id", "plugin", help="namespace/name.")
@click.option("--host", help="The application it is for.")
@click.option("--summary", help="What it does, in a sentence.")
@click.option(
    "--license", "license_name", help=f"SPDX expression; the text comes along for {', '.join(LICENSE_TEXTS)}."
)
@click.option("--author", help="Who holds the copyright.")
@click.option("--registry", type=_FOLDER, help="A marketplace's registry, which knows hosts and their permissions.")
@click.option("--defaults", is_flag=True, help="Ask nothing: everything that is not given gets its default.")
@click.option("--dry-run", is_flag=True, help="Only say which files would be written.")
def init(
    console: Console,
    *,
    folder: Path,
    plugin: str | None,
    host: str | None,
    summary: str | None,
    license_name: str | None,
    author: str | None,
    registry: Path | None,
    defaults: bool,
    dry_run: bool,
) -> None:
    """Start a plugin project in PATH, or in the current folder.

    What is written can be checked, tested and packed at once. On a terminal, what is not given is asked for.
    Nothing is ever overwritten.
    """
    known = _KnownHosts(registry) if registry else None
    ask = Questions(_QUESTIONS, asks=not (defaults or console.as_json) and sys.stdin.isatty(), takes_defaults=defaults)
    user = slug(_user(), "me")
    given_id = ask.answer("id", plugin, f"{user}/{slug(folder.resolve().name, 'plugin')}", PluginId.parse)
    given_host = ask.answer("host", host, known.only_one if known else "", Name)
    profile = known.profile(given_host) if known else None
    title = title_of(given_id.name)
    answers = Answers(
        id=given_id,
        host=given_host,
        summary=ask.answer("summary", summary, f"{title} for {profile.title if profile else given_host}.", one_line),
        license=ask.answer("license", license_name, LICENSE_TEXTS[0], license_expression),
        author=ask.answer("author", author, f"the authors of {given_id.name}", one_line),
    )
    files = project_files(answers, profile=profile, schema_url=known.schema_url if known else "")
    if not dry_run:
        write_project(files, folder)
    data = {"folder": folder.as_posix(), "id": str(given_id), "host": given_host, "files": sorted(files)}
    console.result({**data, "written": not dry_run}, [(folder / name).as_posix() for name in sorted(files)])
    if not dry_run:
        console.say("Next: let the file in src/ do something useful, then `pluginry check` and `pluginry pack`.")


class _KnownHosts:
    """What a registry on this machine knows about hosts."""

    def __init__(self, registry: Path) -> None:
        from pluginry.publisher.registry_files import RegistryFiles

        self._files = RegistryFiles(registry)
        self._hosts = [file.removesuffix(registry_layout.YAML_SUFFIX) for file in self._files.children("hosts").files]
        if not self._hosts:
            raise UsageError("this is no registry: it has no hosts", where=str(registry))

    @property
    def only_one(self) -> str:
        """The id of the host, when there is just one."""
        return self._hosts[0] if len(self._hosts) == 1 else ""

    @property
    def schema_url(self) -> str:
        """Where the marketplace publishes the schema of manifests; empty when it does not say where it is."""
        config = self._files.read_document(registry_layout.CONFIG_FILE, registry_layout.CONFIG)
        return f"{config.base_url.rstrip('/')}/{schema_key(_SCHEMA_FILE)}" if config and config.base_url else ""

    def profile(self, host: Name) -> HostProfile:
        """Return the profile of `host`.

        Raises:
            NotFoundError: there is none.
            DocumentError: it cannot be read.
        """
        if host not in self._hosts:
            hint = did_you_mean(host, self._hosts) or f"there are {enumerated(self._hosts, joint='and')}"
            raise NotFoundError(f"this registry knows no host {host!r}", hint=hint)
        profile = self._files.read_document(
            f"hosts/{host}{registry_layout.YAML_SUFFIX}", registry_layout.HOST, name=host
        )
        if profile is None:
            first = self._files.findings[0]
            raise DocumentError("the profile of the host cannot be read", where=str(first.where), why=first.message)
        return cast("HostProfile", profile)


def _user() -> str:
    """Return the name of who is at work; empty when this system has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # which one depends on the version of Python
        return ""
