"""Finding plugins in the list: facets, counts, order, pages, and the address that holds all of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from catalogues import APlugin, ARelease, a_catalogue, a_host, a_listing, a_permission
from pluginry.model.listing import Pricing
from pluginry.model.names import Name
from pluginry.model.status import Status
from pluginry.publisher.pages import find_data
from published_folders import served, write_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from browser.conftest import Visit

PLUGINS = 120


def one_of_many(number: int) -> APlugin:
    """Return a plugin whose properties follow from its number."""
    host = ("mairust", "shell")[number % 2]
    is_old = number % 30 == 29
    return APlugin(
        id=f"acme/plugin-{number:03}",
        readme="",
        listing=a_listing(
            name=f"{'Café clock' if number % 4 == 0 else 'Spam filter'} {number:03}",
            summary=f"Number {number}.",
            hosts=(Name(host),),
            categories=(("security", "interface")[number % 3 == 0],),
            tags=("even" if number % 2 == 0 else "odd",),
            license=("MIT", "Apache-2.0")[number % 5 == 0],
            status=Status.DEPRECATED if is_old else Status.ACTIVE,
            reason="Old." if is_old else "",
            pricing=Pricing(model="paid", amount="5.00", currency="EUR") if number == 7 else None,
        ),
        releases=(
            ARelease(
                day=number,
                hosts={host: ">=1,<2" if number % 4 < 2 else ">=0.4,<1"},
                permissions=((), (a_permission(),), (a_permission("network", "example.com:443"),))[number % 3 :][:1][0],
                platforms=("linux-x86_64",) if number % 10 == 0 else ("any",),
            ),
        ),
    )


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a marketplace with `PLUGINS` plugins, whose data is cut into eight parts."""
    hosts = (a_host(), a_host("shell", "Shell"))
    given = a_catalogue([one_of_many(number) for number in range(PLUGINS)], hosts=hosts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(find_data, "PLUGINS_PER_PART", 16)
        folder = write_catalogue(given, tmp_path_factory.mktemp("many"))
    assert (folder / "find" / "7.json").is_file()
    with served(folder) as address:
        yield address


def count(page: Page) -> int:
    """Return how many plugins the page says it found, once it looked at all of them."""
    if "?" in page.url:
        settled(page)
    said = page.locator("[data-count]").inner_text()
    found = re.match(r"(\d+) plugins?", said)
    assert found, said
    return int(found[1])


def settled(page: Page) -> None:
    """Wait until every part of the data was looked at."""
    page.locator("[data-count]", has_text=re.compile(r"found$")).wait_for()


def ids(page: Page) -> list[str]:
    """Return the ids of the cards that can be seen, in order."""
    return page.locator(".card-id:visible").all_inner_texts()


def expected(fits: Callable[[int], bool]) -> int:
    return sum(1 for number in range(PLUGINS) if number % 30 != 29 and fits(number))


def choose(page: Page, facet: str, title: str) -> None:
    group = page.locator(f"details.facet:has(input[name={facet}])")
    if group.get_attribute("open") is None:
        group.locator("summary").click()
    group.get_by_label(title).check()


def wait_for(page: Page, words: str) -> None:
    page.locator("[data-count]").get_by_text(words, exact=True).wait_for()


@pytest.mark.parametrize(
    ("question", "fits"),
    [
        ("category=interface", lambda n: n % 3 == 0),
        ("category=interface&category=security", lambda _: True),
        ("tag=even", lambda n: n % 2 == 0),
        ("host=mairust", lambda n: n % 2 == 0),
        ("permission=nothing", lambda n: n % 3 == 0),
        ("permission=no-network", lambda n: n % 3 < 2),
        ("permission=network", lambda n: n % 3 == 2),
        ("licence=Apache-2.0", lambda n: n % 5 == 0),
        ("price=paid", lambda n: n == 7),
        ("platform=linux-x86_64", lambda _: True),
        ("platform=any", lambda n: n % 10 != 0),
        ("q=cafe", lambda n: n % 4 == 0),
        ("q=CAFÉ-clock&host=mairust&licence=MIT", lambda n: n % 4 == 0 and n % 5 != 0),
        ("trust=unsigned", lambda _: False),
    ],
)
def test_an_address_is_a_view(question: str, fits: Callable[[int], bool], many: str, visit: Visit) -> None:
    page = visit(f"{many}all/index.html?{question}")
    assert count(page) == expected(fits)
    assert len(ids(page)) == min(48, expected(fits))


def test_deprecated_plugins_are_hidden_counted_and_one_click_away(many: str, visit: Visit) -> None:
    page = visit(f"{many}all/index.html?tag=odd")
    settled(page)
    assert page.locator("[data-hidden]").inner_text() == " · 4 deprecated hidden Show"
    page.get_by_role("link", name="Show 4 deprecated").click()
    wait_for(page, "60 plugins found")
    assert "lifecycle=deprecated" in page.url
    assert page.get_by_role("link", name="Next").is_visible()


def test_each_count_is_what_choosing_it_would_find(many: str, visit: Visit) -> None:
    page = visit(f"{many}all/index.html?host=mairust&permission=nothing")
    settled(page)
    promised = {
        (line.locator("input").get_attribute("name"), line.locator("input").get_attribute("value")): int(
            line.locator(".count").inner_text()
        )
        for line in page.locator("details.facet[open] li:visible").all()
    }
    assert promised[("host", "shell")] == expected(lambda n: n % 2 == 1 and n % 3 == 0)
    for (facet, value), number in promised.items():
        others = "permission=nothing" if facet == "host" else "host=mairust"
        if facet not in {"host", "permission"}:
            others = "host=mairust&permission=nothing"
        page.goto(f"{many}all/index.html?{others}&{facet}={value}", wait_until="networkidle")
        assert count(page) == number, (facet, value)


def test_choices_change_the_address_and_can_be_gone_back_from(many: str, visit: Visit) -> None:
    page = visit(many + "all/index.html")
    assert count(page) == expected(lambda _: True)
    choose(page, "category", "Interface")
    wait_for(page, f"{expected(lambda n: n % 3 == 0)} plugins found")
    assert page.url.endswith("all/index.html?category=interface")
    choose(page, "licence", "MIT")
    wait_for(page, f"{expected(lambda n: n % 3 == 0 and n % 5 != 0)} plugins found")
    page.get_by_label("Order").select_option("newest")
    page.wait_for_url("**/all/index.html?category=interface&licence=MIT&sort=newest")
    page.locator(".card-id").get_by_text("acme/plugin-117").wait_for()
    assert ids(page)[0] == "acme/plugin-117"
    page.go_back()
    page.go_back()
    wait_for(page, f"{expected(lambda n: n % 3 == 0)} plugins found")
    assert not page.get_by_label("MIT").is_checked()
    page.go_back()
    wait_for(page, f"{expected(lambda _: True)} plugins")
    assert page.locator("[data-static] .cards").is_visible()
    page.go_forward()
    wait_for(page, f"{expected(lambda n: n % 3 == 0)} plugins found")
    assert page.get_by_label("Interface").is_checked()
    page.get_by_role("link", name="Without Category: Interface").click()
    wait_for(page, f"{expected(lambda _: True)} plugins")


def test_versions_of_a_host_are_offered_once_it_is_chosen(many: str, visit: Visit) -> None:
    page = visit(many + "all/index.html")
    assert not page.locator("details.facet:has(input[name=version])").is_visible()
    choose(page, "host", "Mairust")
    wait_for(page, f"{expected(lambda n: n % 2 == 0)} plugins found")
    versions = page.locator("details.facet:has(input[name=version]) li:visible")
    assert versions.count() >= 2
    older = versions.filter(has_text=re.compile(r"^0\.4")).first
    older.locator("input").check()
    wait_for(page, f"{expected(lambda n: n % 4 == 2)} plugins found")


def test_results_come_in_pages_with_addresses_of_their_own(many: str, visit: Visit) -> None:
    page = visit(f"{many}all/index.html?platform=linux-x86_64")
    settled(page)
    first = ids(page)
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**page=2")
    second = ids(page)
    assert (len(first), len(second)) == (48, 48)
    assert not set(first) & set(second)
    assert page.evaluate("document.activeElement.id") == "plugins"
    page.get_by_role("link", name="Page 3").click()
    page.wait_for_url("**page=3")
    assert len(first) + len(second) + len(ids(page)) == expected(lambda _: True)
    again = visit(page.url)
    settled(again)
    assert ids(again) == ids(page)


def test_typing_finds_at_once_and_says_how_many(many: str, visit: Visit) -> None:
    page = visit(many + "all/index.html")
    page.keyboard.press("/")
    page.keyboard.type("cafe 01")
    wait_for(page, "2 plugins found")
    assert ids(page) == ["acme/plugin-012", "acme/plugin-016"]
    assert page.url.endswith("?q=cafe+01")
    assert page.get_by_label("Order").input_value() == "relevance"
    page.locator("#announce").get_by_text("2 plugins found").wait_for()


def test_nothing_found_is_followed_by_ways_on(many: str, visit: Visit, axe: Callable[[Page], list[str]]) -> None:
    page = visit(f"{many}all/index.html?q=nowhere+clock&host=shell")
    assert count(page) == 0
    assert axe(page) == []
    page.get_by_role("link", name="Search for “nowhere clock” without filters").click()
    page.wait_for_url("**?q=nowhere+clock")
    page.get_by_role("link", name="Show every plugin").click()
    wait_for(page, f"{expected(lambda _: True)} plugins")
    assert page.locator("#q").input_value() == ""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_results_and_facets_are_accessible(
    width: int, theme: str, many: str, visit: Visit, axe: Callable[[Page], list[str]]
) -> None:
    # The parameters of a test are texts, not the few that are allowed.
    page = visit(f"{many}all/index.html?q=clock&host=mairust", width=width, theme=theme)  # type: ignore[arg-type]
    if width < 400:
        page.get_by_text("Filter and browse").click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("question", ["q=%00", "page=-3", "page=x&sort=no", "host=%3Cb%3E&tag=%22", "q=" + "x" * 3000])
def test_a_strange_address_does_no_harm(question: str, many: str, visit: Visit) -> None:
    page = visit(f"{many}all/index.html?{question}")
    assert page.locator("h1").inner_text() == "All plugins"
    assert page.locator("main b").count() == 0


def test_a_part_that_cannot_be_read_is_said_and_tried_again(many: str, visit: Visit) -> None:
    page = visit(many + "all/index.html", expected=("500",))
    page.route("**/find/0.json", lambda route: route.fulfill(status=500, body="no"))
    page.locator("#q").fill("clo")
    wait_for(page, "The plugins could not be loaded.")
    page.unroute("**/find/0.json")
    page.locator("#q").fill("clocks")
    wait_for(page, "0 plugins found")
    page.locator("#q").fill("clock")
    wait_for(page, f"{expected(lambda n: n % 4 == 0)} plugins found")


def test_what_is_chosen_survives_hostile_values_in_the_data(busy: str, visit: Visit) -> None:
    page = visit(f"{busy}all/index.html?q=spam")
    table = json.loads(page.request.get(f"{busy}find/index.json").text())
    assert table["plugins"] == len(page.request.get(f"{busy}find/0.json").json()["id"])
    assert page.locator(".card").first.is_visible()
