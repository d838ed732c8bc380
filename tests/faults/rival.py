"""A publisher among others: ``python -m faults.rival CHECKOUT FOLDER|s3://BUCKET/PREFIX``.

Says that it is ready, waits for a line, publishes as ``pluginry publish`` does, and ends with its exit status.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.adapters.folder_store import FolderStore
from pluginry.adapters.s3_store import S3Store
from pluginry.errors import PluginryError
from workshop import Workshop

if TYPE_CHECKING:
    from pluginry.ports import ObjectStore


def store_at(address: str) -> ObjectStore:
    """Return the store that is published to."""
    return S3Store.open(address) if address.startswith("s3://") else FolderStore(Path(address))


def main() -> int:
    """Publish, and return the exit status."""
    workshop, store = Workshop(Path(sys.argv[1])), store_at(sys.argv[2])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    try:
        workshop.publish(store)
    except PluginryError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
