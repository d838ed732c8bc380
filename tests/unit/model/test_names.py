from __future__ import annotations

import pickle

import pytest
from hypothesis import given

from any_model import NAMES, PLUGIN_IDS, WINDOWS_DEVICES
from pluginry.errors import DocumentError
from pluginry.model.names import ANY_PLATFORM, Name, Platform, PluginId


@pytest.mark.parametrize("text", ["a", "0", "spam-filter", "a--b", "x" * 40, "con1", "console", "com10", "null"])
def test_a_name_is_lower_case_letters_digits_and_inner_hyphens(text: str) -> None:
    name = Name(text)
    assert name == text
    assert isinstance(name, str)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-a",
        "a-",
        "-",
        "A",
        "a_b",
        "a.b",
        "a/b",
        "a b",
        "a\n",
        "\na",
        "ä",
        "x" * 41,
        "..",
        ".",
        "a\0",
        "\u0661",
        "a\u200b",
    ],
)
def test_nothing_else_is_a_name(text: str) -> None:
    with pytest.raises(DocumentError, match="not a valid name"):
        Name(text)


@pytest.mark.parametrize("text", sorted(WINDOWS_DEVICES))
def test_a_device_of_windows_is_no_name_because_it_could_be_no_folder(text: str) -> None:
    with pytest.raises(DocumentError, match="device of Windows"):
        Name(text)


def test_a_refused_name_is_not_repeated_at_any_length() -> None:
    with pytest.raises(DocumentError) as caught:
        Name("x" * 100_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("text", ["any", "linux-x86_64", "macos-aarch64", "windows-x86", "freebsd-riscv64"])
def test_a_platform_is_any_or_os_and_architecture(text: str) -> None:
    assert Platform(text) == text


@pytest.mark.parametrize(
    "text", ["", "linux", "linux-", "-x86_64", "Linux-x86_64", "linux-x86_64\n", "any-x86", "../any"]
)
def test_nothing_else_is_a_platform(text: str) -> None:
    with pytest.raises(DocumentError, match="not a valid platform"):
        Platform(text)


def test_there_is_one_platform_for_all() -> None:
    assert ANY_PLATFORM == "any"


@given(PLUGIN_IDS)
def test_an_id_is_read_as_it_is_written(plugin: PluginId) -> None:
    assert PluginId.parse(str(plugin)) == plugin
    assert str(plugin) == f"{plugin.namespace}/{plugin.name}"


@pytest.mark.parametrize(
    "text", ["", "acme", "/", "acme/", "/demo", "acme/demo/x", "acme//demo", "../x", "a/..", "acme/con", "nul/x"]
)
def test_what_is_not_namespace_and_name_is_no_id(text: str) -> None:
    with pytest.raises(DocumentError):
        PluginId.parse(text)


def test_ids_are_keys_and_have_an_order() -> None:
    first, second = PluginId.parse("acme/demo"), PluginId.parse("zenith/a")
    assert sorted([second, first]) == [first, second]
    assert {first: 1}[PluginId.parse("acme/demo")] == 1


@given(PLUGIN_IDS, PLUGIN_IDS)
def test_ids_are_in_order_by_namespace_and_then_by_name(one: PluginId, other: PluginId) -> None:
    assert (one < other) == ((str(one.namespace), str(one.name)) < (str(other.namespace), str(other.name)))


def test_the_order_of_ids_is_not_that_of_their_texts() -> None:
    ids = sorted(map(PluginId.parse, ["acme-labs/a", "acme/b"]))
    assert [*map(str, ids)] == ["acme/b", "acme-labs/a"]


def test_an_id_is_not_equal_to_its_text() -> None:
    assert PluginId.parse("acme/demo") != "acme/demo"


@given(PLUGIN_IDS)
def test_an_id_survives_a_trip_to_another_process(plugin: PluginId) -> None:
    again = pickle.loads(pickle.dumps(plugin))  # noqa: S301 - what was pickled a moment ago
    assert again == plugin
    assert [*map(type, (again, again.namespace, again.name))] == [PluginId, Name, Name]


@given(NAMES)
def test_a_name_survives_a_trip_to_another_process(name: Name) -> None:
    again = pickle.loads(pickle.dumps(name))  # noqa: S301 - what was pickled a moment ago
    assert again == name
    assert type(again) is Name
