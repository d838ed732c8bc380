"""The client's home on disk: immutable plugin folders, generations, and the pointers that hosts read.

The newest generation is the truth; a receipt lies in every installed folder; everything else (the
``current`` pointers) is derived and put right by `recover`. Changes happen under a lock, and one rename
makes a new generation current, so a kill at any point leaves the old state or the new one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pluginry.encoding import documents
from pluginry.errors import DocumentError, HomeLockedError, NotFoundError
from pluginry.model.home import HomeConfig
from pluginry.model.receipt import ClientPolicy, Generation, Receipt, Sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pluginry.model.digest import Digest
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import InstalledPlugin
    from pluginry.model.versions import Version, VersionRange

_T = TypeVar("_T")
RECEIPT_FILE = "receipt.json"
CURRENT_FILE = "current"
_RECEIPT_MAX_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class PluginHome:
    """A home below ``root``; who finds it locked waits for ``lock_timeout_s``."""

    root: Path
    lock_timeout_s: float = 30

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
    def locked(self) -> Iterator[None]:
        """Exclude every other process that would change this home; first clean up after one that was killed.

        Raises:
            HomeLockedError: another process holds it for too long.

        """
        from filelock import FileLock, Timeout

        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with FileLock(self.root / ".lock", timeout=self.lock_timeout_s):
                self.recover()
                yield
        except Timeout as error:
            raise HomeLockedError(
                "another process is changing this plugin home", where=str(self.root), hint="try again when it is done"
            ) from error

    # Generations

    def generation(self, number: int | None = None) -> Generation | None:
        """Return generation `number`, or the newest one; None when there is none yet.

        Raises:
            NotFoundError: there is no generation of that number.

        """
        numbers = self.generation_numbers()
        if number is None and not numbers:
            return None
        wanted = numbers[-1] if number is None else number
        try:
            data = self._generation_file(wanted).read_bytes()
        except FileNotFoundError as error:
            raise NotFoundError(f"there is no generation {wanted}", hint=f"there are {numbers}") from error
        return documents.decode(Generation, data, what=str(self._generation_file(wanted)))

    def installed(self) -> dict[PluginId, InstalledPlugin]:
        """Return the plugins of the newest generation, by id."""
        generation = self.generation()
        return {plugin.id: plugin for plugin in generation.plugins} if generation else {}

    def generation_numbers(self) -> list[int]:
        """Return the numbers of all generations, oldest first."""
        return sorted(int(path.stem) for path in (self.root / "generations").glob("*.json") if path.stem.isdecimal())

    def commit(self, plugins: tuple[InstalledPlugin, ...], *, cause: str, now: datetime) -> Generation:
        """Make `plugins` the new state of this home, if it is another one; to be called under the lock."""
        ordered = tuple(sorted(plugins, key=lambda installed: installed.id))
        newest = self.generation()
        if newest is not None and newest.plugins == ordered:
            return newest
        generation = Generation(number=newest.number + 1 if newest else 1, at=now, cause=cause, plugins=ordered)
        self._write(self._generation_file(generation.number), documents.encode(generation))
        self.recover()
        return generation

    def recover(self) -> None:
        """Clean up after a process that was killed; to be called under the lock.

        The newest generation is the truth: pointers follow it, and nothing half-unpacked stays.
        """
        shutil.rmtree(self.root / "staging", ignore_errors=True)
        generation = self.generation()
        wanted = {installed.id: installed for installed in generation.plugins} if generation else {}
        for pointer in (self.root / "plugins").glob(f"*/*/{CURRENT_FILE}"):
            if pointer.parent not in {self._plugin_folder(plugin) for plugin in wanted}:
                pointer.unlink()
        for plugin, installed in wanted.items():
            pointer = self._plugin_folder(plugin) / CURRENT_FILE
            name = self.folder_of(plugin, installed.version, installed.sha256).name
            if not pointer.exists() or pointer.read_text("utf-8").strip() != name:
                self._write(pointer, f"{name}\n".encode())

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
        self._write(staged / RECEIPT_FILE, documents.encode(receipt))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            # The same content was installed before: put the fresh copy there, the old one may be damaged.
            target.rename(staged.parent / f"{staged.name}.replaced")
        staged.rename(target)
        shutil.rmtree(staged.parent / f"{staged.name}.replaced", ignore_errors=True)
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
                hint=f"install it again: pluginry install {installed.id}@{installed.version}",
            ) from error
        return documents.decode(Receipt, data, what=str(path), max_bytes=_RECEIPT_MAX_BYTES)

    def with_dependencies(self, wanted: set[PluginId], *, among: Mapping[PluginId, InstalledPlugin]) -> set[PluginId]:
        """Return `wanted` and everything `among` those plugins that they depend on."""
        needed: set[PluginId] = set()
        open_names = list(wanted)
        while open_names:
            name = open_names.pop()
            if name not in needed and name in among:
                needed.add(name)
                open_names += self.dependencies_of(among[name])
        return needed

    def dependencies_of(self, installed: InstalledPlugin) -> Mapping[PluginId, VersionRange]:
        """Return what an installed plugin depends on; nothing when its files are gone, so that it can be put right."""
        try:
            return self.receipt(installed).manifest.dependencies
        except (NotFoundError, DocumentError):
            return {}

    def has(self, plugin: PluginId, version: Version, sha256: Digest) -> bool:
        """Return whether this package is installed, with its receipt."""
        return (self.folder_of(plugin, version, sha256) / RECEIPT_FILE).is_file()

    # Settings of the home

    def config(self) -> HomeConfig:
        """Return which host this home serves."""
        return self._read_toml(HomeConfig, "home.toml") or HomeConfig()

    def policy(self) -> ClientPolicy:
        """Return what is allowed here."""
        return self._read_toml(ClientPolicy, "policy.toml") or ClientPolicy()

    def sources(self) -> Sources:
        """Return where plugins come from."""
        return self._read_toml(Sources, "sources.toml") or Sources()

    def write_settings(self, settings: HomeConfig | ClientPolicy | Sources) -> None:
        """Replace one of the settings files."""
        import tomli_w

        name = {HomeConfig: "home.toml", ClientPolicy: "policy.toml", Sources: "sources.toml"}[type(settings)]
        self._write(self.root / name, tomli_w.dumps(documents.to_plain(settings)).encode())

    def _read_toml(self, kind: type[_T], name: str) -> _T | None:
        path = self.root / name
        try:
            plain: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DocumentError("this is not TOML", where=str(path), why=str(error)) from error
        return documents.construct(kind, plain, what=str(path))

    def _plugin_folder(self, plugin: PluginId) -> Path:
        return self.root / "plugins" / plugin.namespace / plugin.name

    def _generation_file(self, number: int) -> Path:
        return self.root / "generations" / f"{number}.json"

    def _write(self, path: Path, body: bytes) -> None:
        """Write a file so that it is there whole or not at all, even when the machine loses power."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_name(f".{path.name}.new")
        with new.open("wb") as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
