"""A plugin adorns itself with the homepage, sources and issues of somebody else's famous project."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from developers import ANN, build_of
from pluginry.cli.plugin_argument import PluginAt
from pluginry.cli.plugin_view import view_plugin
from pluginry.model import project_links
from simulated_client import a_client
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

OWN = "https://github.com/ann/demo"
FAMOUS = "https://github.com/famous/project"
DISGUISED = (
    f"{OWN}/../../famous/project",
    f"{OWN}/%2e%2e/%2e%2e/famous/project",
    f"{OWN}/./../../famous/project",
    f"{OWN}?to=famous",
    f"{OWN}#famous",
    f"{OWN}//famous",
    f"{OWN}\\..\\..\\famous",
    "https://github.com/ann/demo-famous",
    "https://github.com/ANN/demo",
    "https://github.com.famous.example/ann/demo",
    "https://ann@famous.example/ann/demo",
    "https://github.com:444/ann/demo",
    "http://github.com/ann/demo",
    f"{OWN}/tree/famous",
    f"{FAMOUS}/issues",
)


def shown(folder: Path, *, check_signatures: bool = True, has_id: bool = True, **links: str) -> dict[str, str]:
    """Return what `pluginry show` says of the links of a plugin of Ann's, whose build answers for its release."""
    market = Simulator()
    market.release("acme/demo", "1.0.0", built_by=build_of(ANN, "1.0.0"))
    publisher = ANN if has_id else replace(ANN, repository_id="")
    market.describe("acme/demo", publisher=publisher, **links)
    market.publish()
    wanted = PluginAt.parse("acme/demo")
    view = view_plugin(a_client(folder, market), wanted, check_signatures=check_signatures)
    lines = [*view.lines()]
    for link in view.data()["links"]:
        words = "verified: 1.0.0 was" if link["word"] == "verified" else "claimed by the author, not verified"
        assert any(f"{link['url']} ({words}" in line for line in lines)
    return {link["kind"]: link["word"] for link in view.data()["links"]}


def test_only_what_a_build_proved_is_called_verified(tmp_path: Path) -> None:
    assert shown(tmp_path / "own", homepage=OWN, source=f"{OWN}.git", issues=f"{OWN}/issues") == {
        "homepage": "verified",
        "source": "verified",
        "issues": "verified",
    }
    assert shown(tmp_path / "famous", homepage=FAMOUS, source=FAMOUS, issues=f"{FAMOUS}/issues") == {
        "homepage": "claimed",
        "source": "claimed",
        "issues": "claimed",
    }


@pytest.mark.parametrize("url", DISGUISED)
def test_an_address_that_only_looks_like_ones_own_is_a_claim(tmp_path: Path, url: str) -> None:
    assert shown(tmp_path, homepage=url, source=url, issues=url) == {
        "homepage": "claimed",
        "source": "claimed",
        "issues": "claimed",
    }


def test_what_nobody_checked_here_or_has_no_number_is_a_claim(tmp_path: Path) -> None:
    assert shown(tmp_path / "unchecked", check_signatures=False, source=OWN) == {"source": "claimed"}
    assert shown(tmp_path / "a name alone", has_id=False, source=OWN) == {"source": "claimed"}


def test_without_comparing_it_with_the_certificate_the_famous_project_would_be_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_links, "_repository_of", lambda _kind, _url: OWN)
    assert shown(tmp_path, homepage=FAMOUS, source=FAMOUS) == {"homepage": "verified", "source": "verified"}


def test_without_a_plain_form_a_way_out_of_ones_own_repository_would_be_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_links, "_repository_of", lambda _kind, url: url[: len(OWN)])
    assert shown(tmp_path, source=DISGUISED[0]) == {"source": "verified"}
