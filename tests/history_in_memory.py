"""A `GitHistory` without git: every commit is a copy of the folder, one after the other on a single line."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class HistoryInMemory:
    """The history of ``folder``. Links have no bytes, and what holds one cannot be brought back."""

    folder: Path
    is_shallow: bool = False
    states: list[dict[str, bytes | None]] = field(default_factory=list)

    def commit(self) -> str:
        """Keep what is in the folder now, and return the name of the commit."""
        self.states.append(self._now())
        return _name(len(self.states) - 1)

    def _now(self) -> dict[str, bytes | None]:
        paths = [path for path in sorted(self.folder.rglob("*")) if path.is_symlink() or path.is_file()]
        return {
            path.relative_to(self.folder).as_posix(): None if path.is_symlink() else path.read_bytes() for path in paths
        }

    # As a GitHistory

    def head_commit(self) -> str | None:
        return _name(len(self.states) - 1) if self.states else None

    def content_names(self) -> dict[str, str]:
        committed, now = self.states[-1] if self.states else {}, self._now()
        parts = {_part(path) for path in (*committed, *now)} - {"plugins", "namespaces"}
        return {
            part: _digest(part, committed) if _digest(part, committed) == _digest(part, now) else "" for part in parts
        }

    def is_complete(self) -> bool:
        return bool(self.states) and not self.is_shallow

    def commits_of(self, folder: str, *, limit: int) -> tuple[str, ...]:
        held = [_below(folder, state) for state in self.states]
        changed = [at for at, files in enumerate(held) if files != (held[at - 1] if at else {})]
        return tuple(_name(at) for at in reversed(changed))[:limit]

    def position_of(self, commit: str) -> int:
        return int(commit, 16) + 1

    def write_folder(self, commit: str, folder: str, into: Path, *, max_bytes: int) -> bool:
        at = int(commit, 16) if commit else len(self.states)
        files = _below(folder, self.states[at]) if at < len(self.states) else {}
        bodies = {name: body for name, body in files.items() if body is not None}
        if not bodies or len(bodies) < len(files) or sum(map(len, bodies.values())) > max_bytes:
            return False
        for name, body in bodies.items():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            (into / name).write_bytes(body)
        return True


def _part(path: str) -> str:
    """Return the part of a registry that has a name of its own."""
    parts = path.split("/")
    return "/".join(parts[: {"plugins": 3, "namespaces": 2}.get(parts[0], 1)])


def _digest(part: str, state: dict[str, bytes | None]) -> str:
    held = sorted((path, body) for path, body in state.items() if _part(path) == part)
    return hashlib.sha256(repr(held).encode()).hexdigest()


def _name(at: int) -> str:
    return f"{at:040x}"


def _below(folder: str, state: dict[str, bytes | None]) -> dict[str, bytes | None]:
    return {path.removeprefix(f"{folder}/"): body for path, body in state.items() if path.startswith(f"{folder}/")}
