"""Who publishes a plugin: a workflow at a forge, as signatures tell it."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Whose build may sign releases."""

    issuer: str
    repository: str
    workflow: str
    refs: tuple[str, ...]
    repository_id: str = ""
    owner_id: str = ""

    def is_same_as(self, before: Publisher) -> bool:
        """Return whether this is `before`, with nothing but ids added that were not known yet."""
        known = {name: getattr(before, name) or getattr(self, name) for name in ("repository_id", "owner_id")}
        return self == replace(before, **known)
