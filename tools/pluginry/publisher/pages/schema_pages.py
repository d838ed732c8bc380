"""The pages about schemas: one for each, and an overview by who writes and who reads the documents.

In: the shipped schemas. Out: pages among the documentation. They say what the published schemas say, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.schema_reference import read_schemas, reference_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.published import PublishedObject
    from pluginry.publisher.pages.renderer import Renderer
    from pluginry.publisher.pages.schema_reference import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Documents that the same people or programs write, and read."""

    title: str
    written_by: str
    read_by: str
    names: tuple[str, ...]

    @property
    def says(self) -> str:
        """The same as a sentence."""
        return f"Written by {self.written_by}; read by {self.read_by}."


GROUPS = (
    Group(
        title="The registry",
        written_by="people, in pull requests",
        read_by="checks and the build",
        names=("registry", "host", "namespace", "reserved", "listing", "release", "review", "advisory"),
    ),
    Group(
        title="The package",
        written_by="authors and pluginry pack",
        read_by="the build, clients and hosts",
        names=("manifest", "files"),
    ),
    Group(
        title="For programs that read",
        written_by="the build",
        read_by="any program, over HTTPS",
        names=("index", "plugin", "advisories", "stats", "status"),
    ),
    Group(
        title="For clients that verify",
        written_by="the build, and bound by the trust metadata",
        read_by="clients",
        names=(
            *("tree-root", "tree-node", "tree-shard", "plugin-record", "facts", "catalogue-log"),
            *("revocation-line", "trust-policy"),
        ),
    ),
    Group(
        title="What the registry signs",
        written_by="the build, inside in-toto statements",
        read_by="clients and auditors",
        names=("publish-predicate", "backfill-predicate", "index-predicate"),
    ),
    Group(
        title="The memory of the build",
        written_by="the build",
        read_by="the next build",
        names=("ledger-line", "turn"),
    ),
    Group(
        title="The client's home",
        written_by="users and the client",
        read_by="the client and hosts",
        names=(
            *("plugins-toml", "plugins-lock", "sources-toml", "policy-toml"),
            *("generation", "receipt", "source-state"),
        ),
    ),
    Group(
        title="What commands say",
        written_by="the command pluginry",
        read_by="programs that drive it, and continuous integration",
        names=("report", "decision", "queue", "publish-plan", "command-event"),
    ),
    Group(title="Shared", written_by="nobody by itself", read_by="all the others", names=("common",)),
)


def schema_pages(renderer: Renderer, **around: Any) -> Iterator[PublishedObject]:
    """Yield the overview and a page for each schema; `around` is what every page of the documentation is given.

    Raises:
        DocumentError: a schema of this installation is damaged, or says what no page would show.

    """
    references = _references()
    yield renderer.page(addresses.SCHEMAS, "schemas.html", groups=GROUPS, references=references, **around)
    for group in GROUPS:
        for name in group.names:
            shown = {"group": group, "reference": references[name], **around}
            yield renderer.page(addresses.schema_page(name), "schema.html", **shown)


@cache
def _references() -> dict[str, Reference]:
    """Return what is said of each schema, which is the same as long as this program runs."""
    schemas = read_schemas()
    return {name: reference_of(name, schemas) for name in schemas}
