"""Patience: how often the same statement is tried, how long the pauses are, and when nobody is asked any more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.errors import AuthError, PluginryError, TransportError
from pluginry.model.attestation import SignerIdentity
from pluginry.publisher.patient_signer import ENOUGH_FAILURES, LONGEST_PAUSE_S, TRIES, PatientSigner

SOMEONE = SignerIdentity(issuer="https://issuer.example", san="someone")
AWAY = TransportError("the log does not answer")


@dataclass
class Service:
    """A signer that fails as planned: one failure, or None for an answer, for each time that it is asked."""

    plan: list[PluginryError | None] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)
    identity: SignerIdentity = SOMEONE

    def attest(self, statement: bytes) -> bytes:
        self.asked.append(statement)
        failure = self.plan.pop(0) if self.plan else None
        if failure is not None:
            raise failure
        return b"signed " + statement


def patient(service: Service, pauses: list[float] | None = None, chance: float = 1.0) -> PatientSigner:
    """Return a signer that writes its pauses down instead of waiting."""
    return PatientSigner(signer=service, pause=[].append if pauses is None else pauses.append, chance=lambda: chance)


def fail(signer: PatientSigner, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(TransportError):
            signer.attest(b"x")


def test_who_answers_is_asked_once() -> None:
    service, pauses = Service(), []
    assert patient(service, pauses).attest(b"x") == b"signed x"
    assert (service.asked, pauses) == ([b"x"], [])
    assert patient(service).identity == SOMEONE


def test_the_same_statement_is_tried_again_after_pauses_that_double() -> None:
    service, pauses = Service([AWAY] * (TRIES - 1)), []
    assert patient(service, pauses).attest(b"x") == b"signed x"
    assert service.asked == [b"x"] * TRIES
    assert pauses == [1.0, 2.0, 4.0, 8.0]


@given(st.floats(0, 1))
def test_a_pause_is_anything_from_nothing_to_its_bound(chance: float) -> None:
    pauses: list[float] = []
    fail(patient(Service([AWAY] * TRIES), pauses, chance))
    assert pauses == [chance * bound for bound in (1.0, 2.0, 4.0, 8.0)]
    assert all(0 <= pause <= LONGEST_PAUSE_S for pause in pauses)


def test_when_all_of_that_is_in_vain_the_last_reason_is_told() -> None:
    with pytest.raises(TransportError, match="does not answer"):
        patient(Service([AWAY] * TRIES)).attest(b"x")


def test_a_refusal_is_not_repeated() -> None:
    service, pauses = Service([AuthError("no such identity")]), []
    with pytest.raises(AuthError):
        patient(service, pauses).attest(b"x")
    assert (len(service.asked), pauses) == (1, [])


def test_after_enough_failures_in_a_row_nobody_is_asked_any_more() -> None:
    service = Service([AWAY] * TRIES * ENOUGH_FAILURES)
    signer = patient(service)
    fail(signer, ENOUGH_FAILURES)
    assert signer.has_given_up
    asked = len(service.asked)
    with pytest.raises(TransportError, match="not asked any more") as caught:
        signer.attest(b"x")
    assert len(service.asked) == asked
    assert "run the command again later" in caught.value.hint


def test_an_answer_in_between_begins_the_count_anew() -> None:
    service = Service([*[AWAY] * TRIES * (ENOUGH_FAILURES - 1), None, *[AWAY] * TRIES * (ENOUGH_FAILURES - 1)])
    signer = patient(service)
    fail(signer, ENOUGH_FAILURES - 1)
    signer.attest(b"x")
    fail(signer, ENOUGH_FAILURES - 1)
    assert not signer.has_given_up


def test_who_is_in_a_pause_when_others_give_up_does_not_ask_again() -> None:
    service = Service([AWAY] * 1000)
    signer = patient(service)

    def give_up_meanwhile(_seconds: float) -> None:
        signer._failures = ENOUGH_FAILURES

    signer.pause = give_up_meanwhile
    with pytest.raises(TransportError, match="not asked any more"):
        signer.attest(b"x")
    assert len(service.asked) == 1


def test_many_threads_together_ask_a_dead_service_a_bounded_number_of_times() -> None:
    service = Service([AWAY] * 10_000)
    signer = patient(service)
    with ThreadPoolExecutor(max_workers=8) as pool:
        done = [pool.submit(signer.attest, b"%d" % number) for number in range(100)]
    assert all(isinstance(one.exception(), TransportError) for one in done)
    assert len(service.asked) <= TRIES * (ENOUGH_FAILURES + 7)
