"""What a path stands for: plugins by their parts, and what gives power over all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.contribution.areas import OF_A_PLUGIN, Area, place_of

SPAM = "registry/plugins/acme/spam-filter"


@pytest.mark.parametrize(
    ("path", "area"),
    [
        (f"{SPAM}/listing.yaml", Area.LISTING),
        (f"{SPAM}/README.md", Area.TEXTS),
        (f"{SPAM}/screenshots/main.png", Area.TEXTS),
        (f"{SPAM}/releases/1.0.0.yaml", Area.RELEASE),
        (f"{SPAM}/source/1.0.0/a/b.py", Area.SOURCE),
        (f"{SPAM}/reviews/7.yaml", Area.REVIEW),
        ("registry/namespaces/acme.yaml", Area.NAMESPACE),
        ("registry/hosts/mail.yaml", Area.HOST),
        ("registry/advisories/PLG-2026-0001.yaml", Area.ADVISORY),
        ("registry/registry.yaml", Area.POLICY),
        ("registry/reserved.yaml", Area.POLICY),
        ("index/ledger/acme.jsonl", Area.LEDGER),
        ("index/trust/1.root.json", Area.LEDGER),
        (".github/workflows/check.yml", Area.WORKFLOW),
        (".github/CODEOWNERS", Area.WORKFLOW),
        (".gitlab/marketplace.gitlab-ci.yml", Area.WORKFLOW),
        ("registry/site/templates/base.html", Area.POLICY),
        ("registry/site/logo.png", Area.POLICY),
        ("registry/plugins/acme", Area.OTHER),
        ("registry/plugins/acme/file-in-place-of-a-plugin", Area.OTHER),
        ("registry/plugins/ACME/spam/listing.yaml", Area.OTHER),
        ("registry/plugins/../registry.yaml", Area.OTHER),
        ("tools/pluginry/cli/ci.py", Area.OTHER),
        ("README.md", Area.OTHER),
        ("Registry/registry.yaml", Area.OTHER),
    ],
)
def test_each_path_has_its_area(path: str, area: Area) -> None:
    assert place_of(path).area is area


def test_a_release_knows_its_plugin_and_version() -> None:
    place = place_of(f"{SPAM}/releases/1.0.0.yaml")
    assert (str(place.plugin), str(place.version)) == ("acme/spam-filter", "1.0.0")


@given(st.text(st.sampled_from("registypluna/.-\\é\0"), max_size=40))
def test_only_what_is_below_a_plugin_belongs_to_one(path: str) -> None:
    place = place_of(path)
    assert (place.plugin is not None) == (place.area in OF_A_PLUGIN)
    if place.plugin is not None:
        assert path.startswith(f"registry/plugins/{place.plugin}/")
