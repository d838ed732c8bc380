"""What goes wrong with one plugin leaves the pages of the others as they are, and no address without a page."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from busy_catalogue import busy_input
from catalogues import as_files
from html_reader import read_page, target_of
from in_new_process import in_new_process
from pluginry.model import layout
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.edition import Edition
from pluginry.publisher.pages.plugin_pages import plugin_pages
from pluginry.publisher.pages.plugin_pictures import pictures_of
from pluginry.publisher.pages.renderer import Frame, Renderer
from pluginry.publisher.pages.view import CatalogueView, view_of
from pluginry.publisher.reuse import Reuse
from pluginry.publisher.site import CatalogueInput, site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.names import PluginId


class Rescue:
    """Lets exceptions go by, and remembers them."""

    def __init__(self) -> None:
        self.errors: dict[PluginId, str] = {}

    @contextmanager
    def __call__(self, plugin: PluginId, doing: str) -> Iterator[None]:
        try:
            yield
        except TypeError:
            self.errors[plugin] = doing


@pytest.fixture
def unlucky(busy: CatalogueInput) -> PluginId:
    """Return a plugin with several releases that has pages."""
    return max(busy.records, key=lambda plugin: len(busy.records[plugin].releases))


@pytest.fixture
def broken(busy: CatalogueInput, unlucky: PluginId) -> CatalogueInput:
    """Return the busy catalogue with a README that is no text: nothing that pages are prepared for."""
    return with_broken_readme(busy, unlucky)


def with_broken_readme(busy: CatalogueInput, unlucky: PluginId) -> CatalogueInput:
    entry = replace(busy.registry.plugins[unlucky], readme=None)  # type: ignore[arg-type] - what a mistake would do
    return replace(busy, registry=replace(busy.registry, plugins={**busy.registry.plugins, unlucky: entry}))


def test_the_others_keep_their_pages(
    busy: CatalogueInput, broken: CatalogueInput, files: Mapping[str, bytes], unlucky: PluginId
) -> None:
    rescue = Rescue()
    rescued = as_files(site(broken, rescuing=rescue))
    assert rescue.errors == {unlucky: "rendering its pages"}
    assert rescued.keys() == files.keys()
    versions = (addresses.version_page(unlucky, release.version) for release in busy.records[unlucky].releases)
    own = {addresses.plugin_page(unlucky), addresses.comparison_data(unlucky), *versions}
    assert {key for key in files if rescued[key] != files[key]} == own


def test_the_page_in_its_place_is_sound_and_says_where_everything_stands(
    broken: CatalogueInput, unlucky: PluginId
) -> None:
    key = addresses.plugin_page(unlucky)
    body = as_files(site(broken, rescuing=Rescue()))[key]
    page = read_page(body)
    assert page.errors == []
    assert b"could not be made" in body
    targets = {target_of(key, address)[0] for _, address in page.addresses()}
    assert {layout.plugin_key(unlucky), layout.STATUS_KEY} <= targets


def test_without_anybody_who_rescues_it_ends_there(broken: CatalogueInput) -> None:
    with pytest.raises(TypeError):
        as_files(site(broken))


def pages_come_out_of_several_processes_as_out_of_one() -> None:
    busy = busy_input()
    unlucky = max(busy.records, key=lambda plugin: len(busy.records[plugin].releases))
    view = view_of(with_broken_readme(busy, unlucky))
    view = replace(view, pictures={plugin: pictures_of(busy.registry.plugins[plugin])[0] for plugin in view.cards})
    alone, alone_rescue = rendered(view, Reuse({}), processes=1)
    others, others_rescue = rendered(view, reuse := Reuse({}), processes=3)
    assert list(alone.items()) == list(others.items())
    assert alone_rescue.errors == others_rescue.errors == {unlucky: "rendering its pages"}
    assert addresses.plugin_page(unlucky) not in reuse.units  # the next publication tries again
    assert len(reuse.units) == len(view.cards) - 1


def rendered(view: CatalogueView, reuse: Reuse, *, processes: int) -> tuple[Mapping[str, bytes], Rescue]:
    rescue, renderer = Rescue(), Renderer(Frame(name="Busy", summary="", instance="lab"))
    return as_files(plugin_pages(Edition(view, reuse, renderer.made_of), renderer, rescue, processes=processes)), rescue


def test_pages_come_out_of_several_processes_as_out_of_one() -> None:
    in_new_process(pages_come_out_of_several_processes_as_out_of_one)
