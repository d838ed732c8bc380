from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import LEFT_OUT, PANEL, SPAM, a_config, a_listing
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

LISTING = f"{SPAM}/listing.yaml"


def test_a_category_is_one_of_the_registry(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(categories=["security", "widget"])},
        ("listings.category", At(LISTING, "widget"), "did you mean 'widgets'?"),
    )


def test_an_id_is_of_one_category(tmp_path: Path) -> None:
    categories = [
        {"id": name, "title": title} for name, title in (("security", "A"), ("widgets", "B"), ("security", "C"))
    ]
    assert_found(
        tmp_path,
        {"registry.yaml": a_config(categories=categories)},
        ("listings.category-twice", At("registry.yaml", ">>security\n", 2), "id of an earlier category"),
    )


def test_categories_are_not_judged_when_the_registry_file_cannot_be_read(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {"registry.yaml": a_config(categories=[])},
        ("schema.count", At("registry.yaml", "categories: >>[]"), "at least 1 entry"),
    )


@pytest.mark.parametrize("readme", [LEFT_OUT, "", " \n\n"])
def test_a_plugin_has_a_readme_with_something_in_it(tmp_path: Path, readme: object) -> None:
    assert_found(tmp_path, {f"{PANEL}/README.md": readme}, ("listings.readme", At(f"{PANEL}/README.md"), "README.md"))


@pytest.mark.parametrize("model", ["paid", "subscription"])
def test_what_costs_something_says_how_much_and_where(tmp_path: Path, model: str) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(pricing={"model": model, "amount": "5.00"})},
        ("listings.price", At(LISTING, "pricing"), "currency and checkout_url"),
    )


def test_what_is_free_has_no_price(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(pricing={"model": "free", "amount": "5.00"})},
        ("listings.price", At(LISTING, "amount"), "a free plugin has no amount"),
    )


@pytest.mark.parametrize(
    "pricing",
    [
        {"model": "free"},
        {"model": "enterprise"},
        {"model": "paid", "amount": "5.00", "currency": "EUR", "checkout_url": "https://acme.example/buy"},
    ],
)
def test_complete_prices_are_fine(tmp_path: Path, pricing: dict[str, str]) -> None:
    assert_found(tmp_path, {LISTING: a_listing(pricing=pricing)})
