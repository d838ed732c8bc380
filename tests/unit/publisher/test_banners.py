from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pluginry.model.names import PluginId
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.banners import HEIGHT, WIDTH, banner_of

NAMES = st.from_regex(r"[a-z][a-z0-9]{2,20}", fullmatch=True)
SPAM = PluginId.parse("acme/spam-filter")


def test_a_banner_is_the_same_for_ever() -> None:
    assert banner_of(SPAM) == banner_of(SPAM)
    assert banner_of(SPAM).boards[0].startswith("M0 38h0h132l-7-16h98l-7 16h180l-7-16h86l-7 16h60")


def test_a_banner_has_the_colour_of_the_letter_icon() -> None:
    assert addresses.letter_icon(SPAM) == f"assets/letters/s{banner_of(SPAM).hue}.svg"


def test_plugins_look_different() -> None:
    plugins = [PluginId.parse(f"acme/plugin-{number}") for number in range(200)]
    assert len({banner_of(plugin).boards for plugin in plugins}) == len(plugins)


@given(NAMES, NAMES)
def test_every_board_reaches_from_side_to_side_and_stays_within(namespace: str, name: str) -> None:
    for board in banner_of(PluginId.parse(f"{namespace}/{name}")).boards:
        assert re.fullmatch(r"[MhlVHz0-9 -]+", board)
        along = sum(int(step) for step in re.findall(r"[hl](-?\d+)", board))
        assert along == WIDTH
        assert board.endswith(f"V{HEIGHT}H0z")
