"""The listing itself: shelves that exist, a licence that programs understand, a price that adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.quoting import enumerated, quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.model.listing import Pricing
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.publisher.loaded_registry import Locate

CATEGORY = Rule(
    id="listings.category",
    title="There is no such category",
    why="The catalogue has a page for each category in registry.yaml; on another one nobody would find the plugin.",
    fix="choose a category of registry.yaml; tags may be any words",
)
CATEGORY_TWICE = Rule(
    id="listings.category-twice",
    title="Two categories have the same id",
    why="The id is the address of the category's page: one of the two would never be seen.",
    fix="give one of them another id",
)
PRICE = Rule(
    id="listings.price",
    title="The price is incomplete or contradicts itself",
    why="Users have to know what a plugin costs before they install it.",
    fix="give amount, currency and checkout_url for what costs something, and none of them for what is free",
)
README = Rule(
    id="listings.readme",
    title="There is no README, or nothing in it",
    why="It is the plugin's page in the catalogue: what it does, how to set it up, where to get help.",
    fix="write README.md beside listing.yaml",
)
RULES = (CATEGORY, CATEGORY_TWICE, PRICE, README)

_PAID = frozenset({"paid", "subscription"})


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about categories, prices and READMEs."""
    yield from _categories_twice(registry, locate)
    for entry in registry.plugins.values():
        if registry_layout.CONFIG_FILE not in registry.left_out:
            yield from _categories(registry, entry, locate)
        if entry.listing.pricing is not None:
            yield from _price(entry.listing.pricing, registry_layout.listing_file(entry), locate)
        if not entry.readme.strip():
            yield README.finding(locate(f"{entry.folder}/{registry_layout.README_FILE}"))


def _categories_twice(registry: Registry, locate: Locate) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, category in enumerate(registry.config.categories):
        if category.id in seen:
            where = locate(registry_layout.CONFIG_FILE, ("categories", index, "id"))
            yield CATEGORY_TWICE.finding(where, f"{category.id} is the id of an earlier category")
        seen.add(category.id)


def _categories(registry: Registry, entry: PluginEntry, locate: Locate) -> Iterator[Finding]:
    known = [category.id for category in registry.config.categories]
    for index, category in enumerate(entry.listing.categories):
        if category not in known:
            where = locate(registry_layout.listing_file(entry), ("categories", index))
            hint = did_you_mean(category, known) or f"there are {enumerated(known, joint='and')}"
            yield CATEGORY.finding(where, f"there is no category {quoted(category)}", hint=hint)


def _price(pricing: Pricing, file: str, locate: Locate) -> Iterator[Finding]:
    said = {"amount": pricing.amount, "currency": pricing.currency, "checkout_url": pricing.checkout_url}
    if pricing.model in _PAID:
        missing = [key for key, value in said.items() if not value]
        if missing:
            message = f"a {pricing.model} plugin needs {enumerated(missing, joint='and')}"
            yield PRICE.finding(locate(file, ("pricing",), of_key=True), message)
    elif pricing.model == "free":
        for key, value in said.items():
            if value:
                yield PRICE.finding(locate(file, ("pricing", key), of_key=True), f"a free plugin has no {key}")
