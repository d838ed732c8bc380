"""What bundles prove: those of plugins that are settled are only checked again when somebody asks.

In: what was proved just now, records that were kept, how to check a plugin. Out: statements by the digests of bundles.
Settled plugins were accepted under the same policy and the same trusted root, with the same ledger, and checking asks
for nothing else: their records stand without it. Pages about them that are made anew are made of what is checked anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pluginry.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.names import PluginId
    from pluginry.publisher.kept_records import KeptRecords

_DIGEST: Final = re.compile(r'"sha256":"([0-9a-f]{64})"')


class Proofs(Mapping[Digest, "VerifiedStatement"]):
    """What was `proved`, and what `check` finds proved of plugins that were `kept`, each once."""

    def __init__(
        self,
        proved: Mapping[Digest, VerifiedStatement],
        kept: KeptRecords,
        check: Callable[[PluginId], Mapping[Digest, VerifiedStatement]],
    ) -> None:
        self._proved = dict(proved)
        self._kept = kept
        self._check = check
        self._checked: set[PluginId] = set()

    @cached_property
    def _plugins(self) -> Mapping[str, PluginId]:
        """The plugins that were kept, by every digest in their records; those of bundles are among them."""
        bodies = self._kept.published.bodies
        return {digest: plugin for plugin in self._kept for digest in _DIGEST.findall(bodies[str(plugin)])}

    def __getitem__(self, bundle: Digest) -> VerifiedStatement:
        if bundle not in self._proved:
            self._look_at(self._plugins[bundle.hex])
        return self._proved[bundle]

    def __iter__(self) -> Iterator[Digest]:
        for plugin in self._kept:
            self._look_at(plugin)
        return iter(self._proved)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _look_at(self, plugin: PluginId) -> None:
        if plugin not in self._checked:
            self._checked.add(plugin)
            self._proved |= self._check(plugin)
