"""Decisions of trust that need no marketplace: how old is too old, and what is remembered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.client import verify, verify_release
from pluginry.encoding import documents
from pluginry.errors import PolicyError, TamperedError
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.model.names import PluginId
from pluginry.model.receipt import ClientPolicy, SourceState

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING = BlobRef.of(b"")
DEMO = PluginId.parse("acme/demo")


def a_root(epoch: int = 1, serial: int = 1) -> TreeRoot:
    return TreeRoot(epoch=epoch, serial=serial, generated=NOW, plugins=0, releases=0, catalogue=NOTHING)


def a_state(epoch: int = 1, serial: int = 1, max_time: datetime = NOW) -> SourceState:
    return SourceState(epoch=epoch, serial=serial, last_ok=NOW, max_time=max_time, plugins={DEMO: 7})


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(), verify.Freshness.FRESH),
        (timedelta(days=7), verify.Freshness.FRESH),
        (timedelta(days=7, seconds=1), verify.Freshness.OLD),
        (timedelta(days=30), verify.Freshness.OLD),
        (timedelta(days=30, seconds=1), verify.Freshness.TOO_OLD),
    ],
)
def test_how_old_is_too_old_is_a_matter_of_policy(age: timedelta, expected: verify.Freshness) -> None:
    policy = TrustPolicy(epoch=1, publish_attestation="required", registry_identities=())
    index = verify.TrustedIndex(root=a_root(), policy=policy, trusted_root=b"", advisories=(), as_of=NOW - age)
    assert verify.freshness(index, ClientPolicy(), now=NOW) is expected
    assert verify.freshness(index, ClientPolicy(max_stale_days=99, warn_after_days=99), now=NOW) == "fresh"


class TestMemory:
    def test_the_first_refresh_begins_it(self) -> None:
        state = verify.advance_state(None, root=a_root(serial=5), root_bytes=b"root", now=NOW)
        assert (state.epoch, state.serial, state.root_sha256, dict(state.plugins)) == (1, 5, Digest.of(b"root"), {})

    def test_within_an_epoch_plugins_are_remembered(self) -> None:
        state = verify.advance_state(a_state(), root=a_root(serial=2), root_bytes=b"", now=NOW)
        assert dict(state.plugins) == {DEMO: 7}

    def test_a_new_epoch_forgets_them(self) -> None:
        state = verify.advance_state(a_state(), root=a_root(epoch=2), root_bytes=b"", now=NOW)
        assert dict(state.plugins) == {}

    def test_the_latest_time_seen_never_falls(self) -> None:
        later = NOW + timedelta(hours=5)
        state = verify.advance_state(a_state(max_time=later), root=a_root(), root_bytes=b"", now=NOW)
        assert (state.max_time, state.last_ok) == (later, NOW)

    @given(st.tuples(*[st.integers(0, 5)] * 4))
    def test_nothing_older_than_what_was_seen_is_accepted(self, numbers: tuple[int, int, int, int]) -> None:
        epoch, serial, seen_epoch, seen_serial = numbers
        data = documents.encode(a_root(epoch, serial))
        policy = TrustPolicy(epoch=epoch, publish_attestation="required", registry_identities=())
        state = a_state(seen_epoch, seen_serial)
        if (epoch, serial) >= (seen_epoch, seen_serial):
            assert verify.accept_root(data, policy=policy, state=state).serial == serial
        else:
            with pytest.raises(TamperedError, match="earlier"):
                verify.accept_root(data, policy=policy, state=state)


class TestClock:
    def test_the_first_time_there_is_nothing_to_compare_with(self) -> None:
        verify.check_clock(None, now=NOW - timedelta(days=9999))

    def test_a_day_of_disorder_is_allowed(self) -> None:
        verify.check_clock(a_state(), now=NOW - timedelta(days=1))
        with pytest.raises(PolicyError, match="clock went back"):
            verify.check_clock(a_state(), now=NOW - timedelta(days=1, seconds=1))


@given(st.binary(max_size=60))
def test_bytes_that_are_no_document_are_refused_as_tampering(data: bytes) -> None:
    policy = TrustPolicy(epoch=1, publish_attestation="required", registry_identities=())
    for accept in (
        lambda: verify.accept_policy(data),
        lambda: verify.accept_root(data, policy=policy, state=None),
        lambda: verify.accept_advisories(data),
        lambda: verify_release.accept_file_list(data),
        lambda: verify.accept_catalogue(data, ref=BlobRef.of(data)),
        lambda: verify_release.accept_record(data, ref=BlobRef.of(data), plugin=DEMO, seen_seq=0),
    ):
        with pytest.raises(TamperedError):
            accept()
