"""Marketplaces in folders, as a web server would serve them: what browsers are pointed at.

with served(folder) as address:
    ...  # address + "all/index.html"
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catalogues import as_files
from e2e.marketplace_on_disk import ROOT, a_workspace
from pluginry.cli.folder_server import FolderServer
from pluginry.encoding import documents
from pluginry.model import layout
from pluginry.publisher.catalogue_rows import catalogue_rows
from pluginry.publisher.site import CatalogueInput, site
from queues import a_queue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
"""What the browser of the tests may be called."""
_WITHOUT = """
AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable
LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect OptimizationHints
NetworkTimeServiceQuerying AimEnabled PreconnectToSearch WebUIOmniboxPopup WebUIOmniboxAimPopup
"""
"""What Playwright leaves out too, for only the last such list counts, and two more: what drops down from the address
line is a page of its own in every new window, and takes more of the processor than the page that is visited.
"""
CHROMIUM_ARGUMENTS = ("--no-sandbox", "--disable-gpu", f"--disable-features={','.join(_WITHOUT.split())}")
"""How it is started: without a window, a graphics card or a place for somebody to type an address."""
FROM_ELSEWHERE = ("npm", "pypi")
"""Namespaces of this repository whose packages come over the network."""


def example_marketplace(root: Path) -> Path:
    """Publish this repository's registry, without what comes over the network, and return the published folder."""
    folders = sorted((ROOT / "registry" / "plugins").glob("*/*"))
    own = tuple(f"{one.parent.name}/{one.name}" for one in folders if one.parent.name not in FROM_ELSEWHERE)
    workspace = a_workspace(root, own)
    (root / "queue.json").write_bytes(documents.encode(a_queue()))
    workspace.pluginry("publish", "dist", "--queue", "queue.json")
    return workspace.dist


def write_catalogue(given: CatalogueInput, folder: Path) -> Path:
    """Write the catalogue of `given` and the index that its scripts read into `folder`, and return that."""
    catalogue = catalogue_rows(given.registry, given.records).joined()
    files = {**as_files(site(given)), layout.CATALOGUE_KEY: catalogue}
    for key, body in files.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve `folder` on loopback and yield the address, which ends with a slash."""
    with FolderServer(folder, host="127.0.0.1", port=0) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield listening.address
        finally:
            listening.shutdown()
            thread.join()
