"""What follows a publication: edges are told, it is read back as everybody will read it, and taken back if it is bad.

In: the store, what the operator asked for, the outcome of the publication. Out: an `Aftermath`: what to tell, and the
exit status. A publication is taken back only when the place shows it and it must not be used; when the place merely
lags or cannot be reached, nothing is known against it, and it stays.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.cli.aftermath import Aftermath
from pluginry.errors import PluginryError, PublishConflictError
from pluginry.model.digest import Digest
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.model.names import PluginId
from pluginry.model.versions import Version
from pluginry.publisher.inventory import InventoryFile, is_mark_of
from pluginry.publisher.publish import publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pluginry.adapters.tuf_repository import TufRepository
    from pluginry.hosts.read_back import ReadBack, Verdict
    from pluginry.ports import EdgeCache, ObjectStore, Transport
    from pluginry.publisher.outcome import Outcome, PublishReport
    from pluginry.publisher.workspace import Workspace


@contextmanager
def aftercare(
    store: ObjectStore,
    workspace: Workspace,
    repository: TufRepository,
    *,
    read_back: str | None,
    no_read_back: bool,
    cloudfront: str | None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Callable[[Outcome], Aftermath]]:
    """Look at the state before; yield what is to be called with the outcome of the publication.

    Raises:
        UsageError: an address or distribution is none, or shows nothing of what is published.
        TamperedError: the address shows another marketplace.

    """
    edges = _edges(cloudfront)
    with tempfile.TemporaryDirectory(prefix="pluginry-read-back-") as folder:
        reader = None
        if not no_read_back:
            from pluginry.hosts.read_back import ReadBack

            reader = ReadBack(
                place=_place(read_back, store),
                fingerprint=Digest.of(repository.roots[0]),
                folder=Path(folder),
                now=now,
                sleep=sleep,
            )
            reader.remember(is_published=store.find(TIMESTAMP_KEY) is not None)
        yield lambda outcome: _after(outcome, store, workspace, repository, edges=edges, reader=reader, now=now)


def _after(
    outcome: Outcome,
    store: ObjectStore,
    workspace: Workspace,
    repository: TufRepository,
    *,
    edges: EdgeCache | None,
    reader: ReadBack | None,
    now: Callable[[], datetime],
) -> Aftermath:
    told = _tell_edges(edges, outcome.report.replaced)
    if reader is None:
        return told
    from pluginry.hosts.read_back import Published

    root = store.read(TIMESTAMP_KEY)
    verdict = reader.look(Published(root=root, releases=tuple(_releases(outcome.built))))
    place, trouble = reader.place.location, verdict.trouble
    data = {"place": place, "looks": verdict.looks, "installed": verdict.installed, "knew_before": reader.knows_before}
    if trouble is None:
        said = f"installed {verdict.installed}" if verdict.installed else "there is nothing to install yet"
        return _and(told, Aftermath(data={"read_back": data}, lines=(f"read back from {place}: {said}",)))
    InventoryFile.within(workspace.inventories, store).forget()  # what is stored may not be what was written
    fate, is_gone = _taken_back(verdict, outcome.report, root, store, repository, now())
    if is_gone:
        told = _and(told, _tell_edges(edges, [TIMESTAMP_KEY]))
    data |= {"trouble": str(trouble), "hint": trouble.hint, "taken_back": is_gone}
    lines = (f"read back from {place}: {trouble}", *([f"  hint: {trouble.hint}"] if trouble.hint else ()), fate)
    return _and(Aftermath(data={"read_back": data}, lines=lines, exit_status=trouble.exit_status), told)


def _taken_back(
    verdict: Verdict,
    report: PublishReport,
    root: bytes,
    store: ObjectStore,
    repository: TufRepository,
    now: datetime,
) -> tuple[str, bool]:
    """Go back to the root before if the publication is bad and ours; return what became of it, and if it is gone."""
    if not verdict.is_bad:
        return "nothing is known to be bad, so the publication stays; run it again when the place can be read", False
    mark = report.marks.get(TIMESTAMP_KEY)
    if report.root_before is None or mark is None or not is_mark_of(mark, root):
        return "this run did not make it current, or there is no state before: it stays", False
    try:
        found = store.find(TIMESTAMP_KEY)
        if found is None or store.read(TIMESTAMP_KEY) != root:
            raise PublishConflictError("somebody else published meanwhile", where=store.location)
        timestamp = repository.put_back(report.root_before, store, now=now)
        publish([timestamp], store, timestamp_tag=found.tag)
    except PluginryError as error:
        return f"it could not be taken back: {error}", False
    return "it was taken back: the state before is current again, and pages may still show the newer one", True


def _tell_edges(edges: EdgeCache | None, keys: list[str]) -> Aftermath:
    if edges is None or not keys:
        return Aftermath()
    try:
        edges.expire(keys)
    except PluginryError as error:
        lines = (f"{error}", f"  hint: {error.hint}")
        return Aftermath(data={"edges": str(error)}, lines=lines, exit_status=error.exit_status)
    return Aftermath(data={"edges": "told"}, lines=("the edges were told what was replaced",))


def _and(one: Aftermath, other: Aftermath) -> Aftermath:
    """Return both; the exit status is that of the first that has one."""
    return Aftermath(
        data={**other.data, **one.data},
        lines=(*one.lines, *other.lines),
        exit_status=one.exit_status or other.exit_status,
    )


def _edges(reference: str | None) -> EdgeCache | None:
    if reference is None:
        return None
    from pluginry.adapters.cloudfront import open_cloudfront

    return open_cloudfront(reference)


def _place(address: str | None, store: ObjectStore) -> Transport:
    if address is not None:
        from pluginry.hosts.connections import Connections

        return Connections().transport(address)
    from pluginry.adapters.store_transport import StoreTransport

    return StoreTransport(store)


def _releases(built: Iterable[str]) -> Iterator[tuple[PluginId, Version]]:
    for name in built:
        plugin, _, version = name.partition(" ")
        yield PluginId.parse(plugin), Version(version)
