"""A signer that asks again, and knows when to stop asking.

In: a `Signer` that needs services far away, a way to wait, chance. Out: a `Signer`. When a service does not answer, the
same statement is tried again after pauses that grow and differ from thread to thread, so that many who wait do not come
back at the same moment. After several statements in a row for which all of that was in vain, nobody is asked any more:
whoever has much to sign learns at once that it must wait. A refusal is no failure of a service, and is never repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

from pluginry.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.model.attestation import SignerIdentity
    from pluginry.ports import Signer

TRIES: Final = 5
ENOUGH_FAILURES: Final = 3
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0


@dataclass(slots=True, kw_only=True)
class PatientSigner:
    """`signer` with patience; safe to use from several threads when `signer` is.

    `pause` waits for so many seconds; `chance` gives numbers from 0 to 1.
    """

    signer: Signer
    pause: Callable[[float], None]
    chance: Callable[[], float]
    _failures: int = field(default=0, init=False)
    _last: str = field(default="", init=False)
    _guard: Lock = field(default_factory=Lock, init=False)

    @property
    def identity(self) -> SignerIdentity:
        """Who signs."""
        return self.signer.identity

    @property
    def has_given_up(self) -> bool:
        """Whether so many statements failed in a row that nobody is asked any more."""
        return self._failures >= ENOUGH_FAILURES

    def attest(self, statement: bytes) -> bytes:
        """Return a bundle over `statement`; see `Signer`.

        Raises:
            TransportError: the services did not answer, however often they were asked, or are not asked any more.

        """
        for attempt in range(TRIES):
            if attempt:
                self.pause(self.chance() * min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (attempt - 1)))
            if self.has_given_up:  # perhaps by other threads, during the pause
                break
            try:
                bundle = self.signer.attest(statement)
            except TransportError as error:
                self._last = str(error)
                if attempt == TRIES - 1:
                    with self._guard:
                        self._failures += 1
                    raise
            else:
                with self._guard:
                    self._failures = 0
                return bundle
        raise TransportError(
            "the signing service is not asked any more",
            why=f"{ENOUGH_FAILURES} statements in a row could not be signed: {self._last}",
            hint="run the command again later: it goes on from here",
        )
