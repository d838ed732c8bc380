"""The client's home on disk: immutable plugin folders, generations, and the pointers that hosts read.

The newest generation is the truth; a receipt lies in every installed folder; everything else (the
``current`` pointers) is derived and put right by `recover`. Changes happen under a lock, and one rename
makes a new generation current, so a kill at any point leaves the old state or the new one.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.client import limits
from pluginry.client.data_snapshots import DataSnapshots
from pluginry.client.disk_trouble import told_of_disk_trouble
from pluginry.client.generations import Generations
from pluginry.client.lifecycle import Hooks, transitions
from pluginry.client.settings import read_policy, read_settings, write_settings
from pluginry.encoding import documents
from pluginry.encoding.archive_profile import RECEIPT_NAME
from pluginry.encoding.suggestions import did_you_mean
from pluginry.encoding.whole_file import write_whole
from pluginry.errors import DocumentError, HomeLockedError, NotFoundError
from pluginry.model.home import HomeConfig
from pluginry.model.receipt import ClientPolicy, Receipt, Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from pluginry.model.digest import Digest
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Generation, InstalledPlugin
    from pluginry.model.versions import Version

RECEIPT_FILE = RECEIPT_NAME
CURRENT_FILE = "current"
_REPLACED = ".replaced"


@dataclass(frozen=True, slots=True)
class PluginHome:
    """A home below ``root``; who finds it locked waits for ``lock_timeout_s``; ``hooks`` are the host's callbacks.

    The file that ``machine_policy`` names goes before the home's own ``policy.toml``, setting by setting.
    """

    root: Path
    lock_timeout_s: float = 30
    hooks: Hooks = field(default_factory=Hooks, compare=False)
    machine_policy: Callable[[], Path | None] = field(default=lambda: None, compare=False)

    def folder_of(self, plugin: PluginId, version: Version, sha256: Digest) -> Path:
        """Return the folder that a package is or would be installed in."""
        return self._plugin_folder(plugin) / f"{version}-{sha256.short}"

    def data_folder_of(self, plugin: PluginId) -> Path:
        """Return the folder for what a plugin writes: it survives updates and removal."""
        return self.root / "data" / plugin.namespace / plugin.name

    def config_file_of(self, plugin: PluginId) -> Path:
        """Return the file with a plugin's settings: it survives updates and removal."""
        return self.root / "config" / plugin.namespace / f"{plugin.name}.json"

    def source_folder(self, name: str) -> Path:
        """Return the client's memory of a source."""
        return self.root / "sources" / name

    @contextmanager
    def locked(self, *, recovering: bool = True) -> Iterator[None]:
        """Exclude every other process that would change this home; first clean up after one that was killed.

        Not `recovering` is for who repairs a home in which nothing can be read any more.

        Raises:
            HomeLockedError: another process holds it for too long.
            HomeUnusableError: its disk is full, read-only or broken.

        """
        from filelock import FileLock, Timeout

        try:
            with told_of_disk_trouble(self.root):
                self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
                with FileLock(self.root / ".lock", timeout=self.lock_timeout_s):
                    if recovering:
                        self.recover()
                    yield
        except Timeout as error:
            raise HomeLockedError(
                "another process is changing this plugin home", where=str(self.root), hint="try again when it is done"
            ) from error

    # Generations

    @property
    def generations(self) -> Generations:
        """Every set of plugins that was ever installed here."""
        return Generations(self.root / "generations")

    @property
    def snapshots(self) -> DataSnapshots:
        """What plugins wrote before versions that write it in another form."""
        return DataSnapshots(
            self.root / "snapshots", lambda plugin: (self.data_folder_of(plugin), self.config_file_of(plugin))
        )

    def installed(self) -> dict[PluginId, InstalledPlugin]:
        """Return the plugins of the newest generation, by id."""
        generation = self.generations.newest()
        return {plugin.id: plugin for plugin in generation.plugins} if generation else {}

    def commit(self, plugins: tuple[InstalledPlugin, ...], *, cause: str, now: datetime) -> Generation:
        """Make `plugins` the new state of this home, if it is another one; to be called under the lock.

        Raises:
            VetoError: the host forbids it; nothing was changed.

        """
        before = self.generations.newest()
        changes = transitions(self.installed(), {installed.id: installed for installed in plugins})
        self.hooks.ask(changes)
        number = before.number + 1 if before else 1
        self.snapshots.prepare(changes, generation=number, data_version=self._data_version)
        generation = self.generations.add(plugins, cause=cause, now=now)
        self.recover()
        self.hooks.tell(changes)
        return generation

    def recover(self) -> None:
        """Clean up after a process that was killed; to be called under the lock.

        The newest generation is the truth: pointers follow it, and nothing half-unpacked stays.
        """
        self._put_back_replaced()
        shutil.rmtree(self.root / "staging", ignore_errors=True)
        numbers = self.generations.numbers()
        self.snapshots.settle(numbers[-1] if numbers else 0)
        wanted = self.installed()
        for pointer in (self.root / "plugins").glob(f"*/*/{CURRENT_FILE}"):
            if pointer.parent not in {self._plugin_folder(plugin) for plugin in wanted}:
                pointer.unlink()
        for plugin, installed in wanted.items():
            pointer = self._plugin_folder(plugin) / CURRENT_FILE
            name = self.folder_of(plugin, installed.version, installed.sha256).name
            if not pointer.exists() or pointer.read_text("utf-8").strip() != name:
                write_whole(pointer, f"{name}\n".encode())

    # Installed plugins

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Yield an empty folder on the same file system, removed afterwards unless it was moved away."""
        parent = self.root / "staging"
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def adopt(self, staged: Path, receipt: Receipt) -> Path:
        """Move a staged plugin to its place, its receipt inside, and return where it is now."""
        target = self.folder_of(receipt.id, receipt.version, receipt.artifact.sha256)
        write_whole(staged / RECEIPT_FILE, documents.encode(receipt))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            # The same content was installed before: put the fresh copy there, the old one may be damaged.
            target.rename(staged.parent / f"{staged.name}{_REPLACED}")
        staged.rename(target)
        shutil.rmtree(staged.parent / f"{staged.name}{_REPLACED}", ignore_errors=True)
        return target

    def receipt(self, installed: InstalledPlugin) -> Receipt:
        """Return the receipt of an installed plugin.

        Raises:
            NotFoundError: its folder is not there any more.

        """
        path = self.folder_of(installed.id, installed.version, installed.sha256) / RECEIPT_FILE
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise NotFoundError(
                f"the files of {installed.id} {installed.version} are gone",
                where=str(path.parent),
                hint=f"install it again: pluginry install {installed.wanted_again}",
            ) from error
        return documents.decode(Receipt, data, what=str(path), max_bytes=limits.DOCUMENTS[Receipt])

    def has(self, plugin: PluginId, version: Version, sha256: Digest) -> bool:
        """Return whether this package is installed, with its receipt."""
        return (self.folder_of(plugin, version, sha256) / RECEIPT_FILE).is_file()

    # Settings of the home

    def config(self) -> HomeConfig:
        """Return which host this home serves."""
        return read_settings(HomeConfig, self.root)

    def policy(self) -> ClientPolicy:
        """Return what is allowed here: what the machine's policy says, and where it is silent, the home's own."""
        return read_policy(self.root, self.machine_policy())

    def sources(self) -> Sources:
        """Return where plugins come from."""
        return read_settings(Sources, self.root)

    def write_settings(self, settings: HomeConfig | ClientPolicy | Sources) -> None:
        """Replace one of the settings files."""
        write_settings(settings, self.root)

    def _data_version(self, installed: InstalledPlugin) -> int:
        try:
            return self.receipt(installed).manifest.data_version
        except (NotFoundError, DocumentError):
            return 0

    def _put_back_replaced(self) -> None:
        """Put back what `adopt` had moved away when it was killed before the fresh copy took its place."""
        for replaced in (self.root / "staging").glob(f"*{_REPLACED}"):
            try:
                receipt = documents.decode(
                    Receipt,
                    (replaced / RECEIPT_FILE).read_bytes(),
                    what=str(replaced),
                    max_bytes=limits.DOCUMENTS[Receipt],
                )
            except (OSError, DocumentError):
                continue  # it was damaged, which is why it was being replaced
            target = self.folder_of(receipt.id, receipt.version, receipt.artifact.sha256)
            if not target.exists():
                replaced.rename(target)

    def _plugin_folder(self, plugin: PluginId) -> Path:
        return self.root / "plugins" / plugin.namespace / plugin.name


def not_installed(plugin: PluginId, installed: Iterable[PluginId]) -> NotFoundError:
    """Return the error that says which installed plugin was perhaps meant."""
    hint = did_you_mean(str(plugin), map(str, installed)) or "see what is: pluginry list"
    return NotFoundError(f"{plugin} is not installed", hint=hint)
