from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "mairust/dlp-check"
DLP = load(PLUGIN)
DETECTORS = DLP.DETECTORS
# Numbers that the schemes publish for tests.
CARDS = ["4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "6011 1111 1111 1117"]
IBANS = ["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19", "NO93 8601 1117 947"]


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_holds_the_message(number: str, tmp_path: Path) -> None:
    answer = DLP.Plugin({}, str(tmp_path)).check(subject="Order", body=f"Hello,\nmy card is {number}, thanks")
    digits = "".join(filter(str.isdigit, number))
    assert answer == {
        "verdict": "hold",
        "findings": [{"kind": "card", "shown": f"{digits[:4]}...{digits[-4:]}", "line": 2}],
    }


@pytest.mark.parametrize("number", IBANS)
def test_an_iban_holds_the_message(number: str, tmp_path: Path) -> None:
    answer = DLP.Plugin({}, str(tmp_path)).check(subject="", body=f"Pay to {number} please")
    assert answer["verdict"] == "hold"
    assert [finding["kind"] for finding in answer["findings"]] == ["iban"]


@pytest.mark.parametrize(
    "text",
    [
        "Order 4111111111111112",
        "0000 0000 0000 0000",
        "1234567890123456",
        "Tracking 00340434161094042557",
        "Version 4111.1111.1111.1111",
        "DE89370400440532013001",
        "XX89370400440532013000",
        "a hash 4111111111111111111111111111",
        "",
    ],
)
def test_what_only_looks_like_a_number_is_sent(text: str, tmp_path: Path) -> None:
    assert DLP.Plugin({}, str(tmp_path)).check(subject=text, body=text) == {"verdict": "send", "findings": []}


def test_words_in_capitals_behind_an_iban_do_not_hide_it(tmp_path: Path) -> None:
    answer = DLP.Plugin({}, str(tmp_path)).check(subject="", body="DE89 3704 0044 0532 0130 00 PLEASE PAY")
    assert [finding["shown"] for finding in answer["findings"]] == ["DE89...3000"]


def test_findings_stand_in_the_order_of_the_text_with_the_subject_as_line_zero(tmp_path: Path) -> None:
    answer = DLP.Plugin({}, str(tmp_path)).check(subject=f"Card\n {CARDS[0]}", body=f"one\n{IBANS[0]}\n{CARDS[1]}")
    assert [(finding["line"], finding["kind"]) for finding in answer["findings"]] == [
        (0, "card"),
        (2, "iban"),
        (3, "card"),
    ]


def test_the_own_account_may_be_sent(tmp_path: Path) -> None:
    plugin = DLP.Plugin({"allowed": ["gb29 nwbk 6016 1331 9268 19"]}, str(tmp_path))
    assert plugin.check(subject="", body=f"{IBANS[1]}")["verdict"] == "send"
    assert plugin.check(subject="", body=f"{IBANS[0]}")["verdict"] == "hold"


def test_detectors_and_action_can_be_chosen(tmp_path: Path) -> None:
    plugin = DLP.Plugin({"detectors": ["iban"], "action": "refuse"}, str(tmp_path))
    assert plugin.check(subject="", body=CARDS[0])["verdict"] == "send"
    assert plugin.check(subject="", body=IBANS[0])["verdict"] == "refuse"


def with_luhn(digits: str) -> str:
    """Append the check digit: worked out differently than the plugin does."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[::-1][::2]]
    plain = [int(digit) for digit in digits[::-1][1::2]]
    return digits + str(-(sum(doubled) + sum(plain)) % 10)


@given(st.from_regex(r"[2-6][0-9]{14}", fullmatch=True), st.sampled_from(["", " ", "-"]))
def test_every_card_of_sixteen_digits_is_found_however_it_is_grouped(digits: str, separator: str) -> None:
    card = with_luhn(digits)
    grouped = separator.join(card[at : at + 4] for at in range(0, 16, 4))
    found = list(DETECTORS["card"](f"see {grouped}."))
    assert [number.number for number in found] == ([card] if len(set(card)) > 1 else [])


@given(st.from_regex(r"[2-6][0-9]{14}", fullmatch=True), st.integers(0, 15), st.integers(1, 9))
def test_a_card_with_one_wrong_digit_is_not_found(digits: str, at: int, change: int) -> None:
    card = with_luhn(digits)
    wrong = card[:at] + str((int(card[at]) + change) % 10) + card[at + 1 :]
    assert list(DETECTORS["card"](wrong)) == []


@given(st.text(max_size=500))
def test_no_text_is_too_strange_to_be_checked(text: str) -> None:
    for detector in DETECTORS.values():
        for number in detector(text):
            assert number.number[4:-4] not in number.shown


def test_the_first_version_took_long_order_numbers_for_cards(tmp_path: Path) -> None:
    order = "1234567890123452"
    assert load(PLUGIN, "1.0.0").Plugin({}, str(tmp_path)).check(subject="", body=order)["verdict"] == "hold"
    assert DLP.Plugin({}, str(tmp_path)).check(subject="", body=order)["verdict"] == "send"
