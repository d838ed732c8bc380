"""Whether a publication has anything to do: it has not when nothing differs that the last one from here was made of.

In: the ids that git gives to the input, the programs and templates of this installation, the targets that are published
now. Out: those targets when they are all there is to publish, else None. What is asked costs the same whatever the size
of the marketplace. What is remembered lies beside the inventories; lost, damaged or of another store it costs a whole
run and never more, and what is published is read through its signatures.
"""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluginry.encoding.data_folder import data_folder
from pluginry.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.ports import MetadataReader, ObjectStore

_FIRST_LINE: Final = "pluginry-settled-1"
_PROGRAM: Final = Path(__file__).resolve().parents[1]


def input_digest(trees: Iterable[str]) -> str:
    """Return a name for what a publication is made of: git `trees` of registry and index, and this installation."""
    whole = hashlib.sha256("\n".join((*trees, "", "")).encode())
    for line in _installation():
        whole.update(line)
    return whole.hexdigest()


@cache
def installation_digest() -> str:
    """Return a name for everything of this installation that shapes what is published, as it was when first asked."""
    return input_digest(())


def _installation() -> Iterator[bytes]:
    """Yield every byte of our own that shapes what is published, and the versions of everything else."""
    for folder in (_PROGRAM, data_folder("schemas"), data_folder("site_templates")):
        for path in sorted(folder.rglob("*")):
            if path.suffix != ".pyc" and path.is_file():
                yield f"{path.relative_to(folder).as_posix()}\n".encode()
                yield hashlib.sha256(path.read_bytes()).digest()
    yield sys.version.encode()
    folders = (Path(place) for place in sys.path if Path(place).is_dir())
    yield "\n".join(sorted(path.name for folder in folders for path in folder.glob("*.dist-info"))).encode()


@dataclass(frozen=True, slots=True)
class SettledFile:
    """What the last publication to one store was made of and which targets it gave, kept at ``path``."""

    path: Path | None

    @classmethod
    def within(cls, folder: Path | None, store: ObjectStore) -> SettledFile:
        """Return the file for `store` in `folder`; without a folder nothing is kept."""
        name = hashlib.sha256(store.location.encode()).hexdigest()[:16]
        return cls(folder / f"{name}.settled" if folder else None)

    def keep(self, made_of: str | None, targets: Mapping[str, bytes]) -> None:
        """Remember that a publication made of this left nothing to be done, with `targets` current."""
        if self.path is None or made_of is None:
            return
        lines = (f"{Digest.of(body)} {path}\n" for path, body in sorted(targets.items()))
        with suppress(OSError):  # it saves time, and what was published is published
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.path.with_suffix(".settling")
            fresh.write_text("".join((f"{_FIRST_LINE} {made_of}\n", *lines)), "utf-8", newline="\n")
            fresh.replace(self.path)

    def forget(self) -> None:
        """Let the next publication do all of its work."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def is_about(self, made_of: str | None) -> bool:
        """Return whether the last publication was made of this, whatever is published now."""
        return self._kept(made_of) is not None

    def current(self, made_of: str | None, reader: MetadataReader, store: ObjectStore) -> dict[str, bytes] | None:
        """Return the targets that `store` shows now if they are what a publication made of `made_of` gives, else None.

        Raises:
            TamperedError: the metadata in the store is not signed by keys of this marketplace.

        """
        targets = {}
        for path, digest in (self._kept(made_of) or {}).items():
            body = reader.current_target(path, store)
            if body is None or Digest.of(body).hex != digest:
                return None
            targets[path] = body
        return targets or None

    def _kept(self, made_of: str | None) -> dict[str, str] | None:
        """Return the digests of the targets by path, if they were kept for the same input."""
        if self.path is None or made_of is None:
            return None
        try:
            head, *lines = self.path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError, ValueError):
            return None
        if head != f"{_FIRST_LINE} {made_of}":
            return None
        return {path: digest for digest, _, path in (line.partition(" ") for line in lines)}
