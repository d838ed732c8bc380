from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from catalogues import EPOCH, POLICY, SIGNER, APlugin, ARelease, a_catalogue, a_permission, as_files
from html_reader import read_page, words_of
from pluginry.model.attestation import PAYLOAD_TYPE, VerifiedStatement
from pluginry.model.channel import Channel
from pluginry.model.names import PluginId
from pluginry.model.release import Release
from pluginry.model.versions import Version
from pluginry.publisher.site import CatalogueInput, site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from html_reader import ReadPage

SPAM = "plugins/acme/spam-filter/index.html"


def text_of(files: Mapping[str, bytes], key: str) -> str:
    """Return the text of the page with `key`, with single spaces."""
    return words_of(read_page(files[key]))


def test_permissions_are_told_in_the_words_of_the_host_with_the_developers_reason(
    pages: Mapping[str, ReadPage],
) -> None:
    text = words_of(pages[SPAM])
    assert "Read sender, recipients and subject of incoming mail" in text
    assert "The developer says: Scores the sender" in text
    assert "Connect to dns.example.com:853 over the network new since 1.0.0" in text
    assert "mail.headers:inbound" in text


def test_no_permissions_are_said_to_be_none(pages: Mapping[str, ReadPage]) -> None:
    assert "It asks for nothing." in words_of(pages["plugins/acme/dns-cache/index.html"])


def test_a_permission_that_no_host_explains_is_shown_as_it_is_written() -> None:
    strange = a_permission("strange.thing", "all", "Because")
    files = as_files(site(a_catalogue([APlugin(releases=(ARelease(permissions=(strange,)),))])))
    assert "strange.thing:all" in text_of(files, SPAM)


def test_what_every_plugin_of_a_host_may_do_is_said(pages: Mapping[str, ReadPage]) -> None:
    text = words_of(pages["plugins/desk/clipboard/index.html"])
    assert "Like every plugin of Shell: Does what you may do" in text


def test_every_way_to_install_is_on_the_page(pages: Mapping[str, ReadPage]) -> None:
    page = pages[SPAM]
    snippets = [element.text for element in page.all("pre") if "section" in element.inside]
    assert any("pluginry install acme/spam-filter\npluginry enable acme/spam-filter" in text for text in snippets)
    lock = next(text for text in snippets if "[[plugins]]" in text)
    download = next(e for e in page.all("a") if "download" in e.attributes)
    assert download.attributes["href"].endswith("packages/acme/spam-filter/2.0.0/spam-filter-2.0.0-linux-x86_64.zip")
    digest = next(line for line in lock.splitlines() if line.startswith("sha256")).split('"')[1]
    assert f'echo "{digest}  spam-filter-2.0.0-linux-x86_64.zip" | sha256sum --check' in snippets


def test_the_lock_entry_is_an_entry_of_a_lock_file(pages: Mapping[str, ReadPage]) -> None:
    import tomllib

    from pluginry.encoding.documents import construct
    from pluginry.model.intent import Lock

    entry = next(e.text for e in pages[SPAM].all("pre") if "[[plugins]]" in e.text)
    lock = construct(Lock, {"schema": 1, **tomllib.loads(entry.replace("NAME", "main"))}, what="plugins.lock")
    assert str(lock.plugins[0].id) == "acme/spam-filter"
    assert str(lock.plugins[0].version) == "2.0.0"


def test_the_python_lines_use_names_that_exist(pages: Mapping[str, ReadPage]) -> None:
    code = next(e.text for e in pages[SPAM].all("pre") if "import" in e.text)
    imports = "\n".join(line for line in code.splitlines() if line.startswith("from "))
    names: dict[str, object] = {}
    compile(code, "page", "exec")
    exec(imports, names)  # noqa: S102 - the import lines of our own template
    assert {"open_marketplace", "Wanted", "PluginId"} <= set(names)
    for method in ("refresh", "plan_install", "apply"):
        assert f".{method}(" in code
        assert hasattr(__import__("pluginry.client.marketplace", fromlist=["Marketplace"]).Marketplace, method)


def test_an_amended_host_range_is_shown_beside_what_the_package_says(pages: Mapping[str, ReadPage]) -> None:
    text = words_of(pages[SPAM])
    assert ">=0.4,<2 amended; the package says >=0.4,<1" in text
    assert "works with 1.0.0" in text.replace("✓ ", "").replace("✓", "")


def test_dependencies_lead_to_their_pages_and_those_without_page_are_only_named(pages: Mapping[str, ReadPage]) -> None:
    links = {e.text: e.attributes["href"] for e in pages[SPAM].all("a")}
    assert links["DNS Cache"] == "../dns-cache/index.html"
    assert "acme/nowhere *" in words_of(pages[SPAM])
    assert "acme/nowhere" not in links
    assert "Needed by Spam Filter" in words_of(pages["plugins/acme/dns-cache/index.html"])


def test_versions_come_newest_first_with_channel_reason_of_withdrawal_and_changes(
    pages: Mapping[str, ReadPage],
) -> None:
    text = words_of(pages[SPAM])
    at = [text.index(version) for version in ("2.1.0-beta.1 ", "2.0.0 6 Mar", "1.1.0 ", "1.0.0 6 Jan")]
    versions = text[text.rindex("Versions") :]
    assert at
    assert versions.index("2.1.0-beta.1") < versions.index("2.0.0") < versions.index("1.1.0") < versions.index("1.0.0")
    assert "Withdrawn: Filed everything." in versions
    assert "security Cuts headers." in versions


def test_what_is_offered_is_the_newest_on_the_default_channel(pages: Mapping[str, ReadPage]) -> None:
    assert "Newest 2.0.0 6 Mar 2026 2.1.0-beta.1 on beta" in words_of(pages[SPAM])


def test_old_versions_fold_up(pages: Mapping[str, ReadPage]) -> None:
    page = pages["plugins/acme/dns-cache/index.html"]
    assert "3 older versions" in [e.text for e in page.all("summary")]


def test_screenshots_are_ours_with_their_words_and_lost_ones_are_left_out(
    files: Mapping[str, bytes], pages: Mapping[str, ReadPage]
) -> None:
    pictures = [e.attributes for e in pages[SPAM].all("img") if "screenshots/" in e.attributes["src"]]
    assert [p["alt"] for p in pictures] == ["A list of scored mail", "The settings"]
    assert [p["srcset"] for p in pictures] == [
        "screenshots/1-640.webp 640w, screenshots/1-1280.webp 1280w",
        "screenshots/2-640.webp 300w",
    ]
    assert files["plugins/acme/spam-filter/screenshots/1-1280.webp"][8:12] == b"WEBP"


def test_screenshots_open_in_a_dialog_or_as_links(files: Mapping[str, bytes], pages: Mapping[str, ReadPage]) -> None:
    assert [e.attributes["aria-label"] for e in pages[SPAM].all("dialog")] == ["Screenshots"]
    assert b'<a href="screenshots/1-1280.webp"><img src="screenshots/1-640.webp"' in files[SPAM]
    assert b"assets/lightbox.js" in files[SPAM]
    for key in ("plugins/acme/dns-cache/index.html", "plugins/acme/spam-filter/2.0.0/index.html"):
        assert not pages[key].all("dialog")
        assert b"lightbox.js" not in files[key]


def test_a_plugin_without_screenshots_has_a_banner_of_its_own_that_is_not_fetched(files: Mapping[str, bytes]) -> None:
    keys = [f"plugins/{name}/index.html" for name in ("acme/dns-cache", "acme/old-filter")]
    banners = [re.findall(rb'<svg class="banner.*?</svg>', files[key]) for key in keys]
    assert [len(found) for found in banners] == [1, 1]
    assert banners[0] != banners[1]
    assert b'aria-hidden="true"' in banners[0][0]
    assert b"style=" not in banners[0][0]
    assert len(banners[0][0]) < 1500
    assert b'class="banner' not in files[SPAM]


def test_an_icon_that_is_no_picture_becomes_a_letter(files: Mapping[str, bytes], pages: Mapping[str, ReadPage]) -> None:
    icon = next(e for e in pages["plugins/desk/clipboard/index.html"].all("img") if e.attributes.get("class") == "icon")
    assert icon.attributes["src"].startswith("../../../assets/letters/c")
    assert "plugins/desk/clipboard/icon.webp" not in files
    assert "plugins/acme/spam-filter/icon.webp" in files


def test_a_deprecated_plugin_names_its_replacement_and_stands_apart(pages: Mapping[str, ReadPage]) -> None:
    text = words_of(pages["plugins/acme/old-filter/index.html"])
    assert "Deprecated. Spam Filter does more. Use Spam Filter acme/spam-filter instead." in text
    assert "Old Filter" not in words_of(pages["all/index.html"])
    assert "1 deprecated" in words_of(pages["all/index.html"])
    assert "Old Filter" in words_of(pages["all/deprecated/index.html"])
    assert "1 deprecated plugin" in words_of(pages["categories/security/index.html"])


def test_a_plugin_whose_releases_are_all_withdrawn_is_not_offered(pages: Mapping[str, ReadPage]) -> None:
    page = pages["plugins/desk/withdrawn/index.html"]
    assert "Every release was withdrawn." in words_of(page)
    assert "pluginry install" not in words_of(page)


def test_a_removed_plugin_leaves_a_tombstone_and_nothing_else(
    files: Mapping[str, bytes], pages: Mapping[str, ReadPage]
) -> None:
    assert "desk/gone was removed It mined coins." in words_of(pages["plugins/desk/gone/index.html"])
    assert "PLG-2026-0002" in words_of(pages["plugins/desk/gone/index.html"])
    assert "Removed 5 Jan 2026" in words_of(pages["plugins/evil/miner/index.html"])
    left = {"plugins/desk/gone/index.html", "plugins/desk/gone/releases.atom"}
    assert {key for key in files if key.startswith("plugins/desk/gone/")} == left
    assert "Gone" not in words_of(pages["all/index.html"])


def test_the_pages_of_its_releases_are_tombstones_too(busy: CatalogueInput) -> None:
    gone = PluginId.parse("desk/gone")
    entry = busy.registry.plugins[gone]
    release = Release(version=Version("1.0.0"), channel=Channel.STABLE, artifacts=())
    kept = replace(entry, releases={release.version: release})
    registry = replace(busy.registry, plugins={**busy.registry.plugins, gone: kept})
    files = as_files(site(replace(busy, registry=registry)))
    for key in ("plugins/desk/gone/index.html", "plugins/desk/gone/1.0.0/index.html"):
        page = read_page(files[key])
        assert page.errors == []
        assert "desk/gone was removed It mined coins." in words_of(page)
        robots = [e.attributes["content"] for e in page.all("meta") if e.attributes.get("name") == "robots"]
        assert robots == ["noindex"]
    assert "gone" not in files.get("sitemap.xml", b"").decode()


def test_a_plugin_without_a_release_has_no_page_yet(files: Mapping[str, bytes]) -> None:
    assert not [key for key in files if "announced" in key]


def test_an_advisory_is_on_the_pages_of_what_it_affects(pages: Mapping[str, ReadPage]) -> None:
    old = words_of(pages["plugins/acme/spam-filter/1.0.0/index.html"])
    assert "PLG-2026-0001 Crafted headers could fill the disk Clients refuse to install it." in old
    assert "PLG-2026-0001" not in words_of(pages["plugins/acme/spam-filter/2.0.0/index.html"])
    assert "does not affect the newest release" in words_of(pages[SPAM])
    page = words_of(pages["advisories/PLG-2026-0001/index.html"])
    assert "every version before 1.0.1" in page
    assert "Of the published releases: 1.0.0" in page
    assert "no longer in force" in words_of(pages["advisories/PLG-2026-0003/index.html"])


def test_a_release_page_says_what_changed_in_permissions(pages: Mapping[str, ReadPage]) -> None:
    beta = words_of(pages["plugins/acme/spam-filter/2.1.0-beta.1/index.html"])
    assert "Compared with 2.0.0" in beta
    assert (
        "\N{MINUS SIGN}no longer: Connect to dns.example.com:853 over the network (network:dns.example.com:853)" in beta
    )


def test_a_release_page_says_since_when_a_permission_is_asked_for() -> None:
    history = {"1.0.0": (a_permission(),), "1.1.0": ()}
    history |= dict.fromkeys(("1.2.0-beta.1", "1.2.0", "1.3.0"), (a_permission(),))
    releases = [
        ARelease(version=version, channel=Channel.BETA if "beta" in version else Channel.STABLE, permissions=asked)
        for version, asked in history.items()
    ]
    files = as_files(site(a_catalogue([APlugin(releases=tuple(releases))])))
    texts = {version: text_of(files, f"plugins/acme/spam-filter/{version}/index.html") for version in history}
    compared = {version: re.findall(r"Compared with (\S+)", text) for version, text in texts.items()}
    marked = {version: re.findall(r"(?:new )?since \d\S+", text) for version, text in texts.items()}
    assert compared == {
        "1.0.0": [],
        "1.1.0": ["1.0.0"],
        "1.2.0-beta.1": ["1.1.0"],
        "1.2.0": ["1.1.0"],
        "1.3.0": ["1.2.0"],
    }
    assert marked == {
        "1.0.0": [],
        "1.1.0": [],
        "1.2.0-beta.1": ["new since 1.1.0"],
        "1.2.0": ["new since 1.1.0"],
        "1.3.0": ["since 1.2.0-beta.1"],
    }


def test_what_the_scan_saw_is_on_the_release_page(pages: Mapping[str, ReadPage]) -> None:
    text = words_of(pages["plugins/acme/spam-filter/1.1.0/index.html"])
    assert "What the scan saw Runs code code.exec a.py:3" in text
    assert ".json 2, .py 5" in text


def test_trust_is_told_as_statements_with_evidence(pages: Mapping[str, ReadPage]) -> None:
    text = words_of(pages[SPAM])
    assert (
        f"Every package has a sigstore attestation. Clients accept it only when it was signed by {SIGNER.san}" in text
    )
    assert "Only release.yml of acme/spam may sign for its developers." in text
    assert "its owners answer for the domain acme.example" in text
    assert "The files were scanned with no findings." in text
    beta = words_of(pages["plugins/acme/spam-filter/2.1.0-beta.1/index.html"])
    assert "No attestation is published for this release. Clients refuse to install it." in beta


def test_verified_signatures_name_the_signer_and_the_log_entry() -> None:
    given = a_catalogue([APlugin()])
    bundle = next(iter(given.records.values())).releases[0].attestations[0].sha256
    proved = VerifiedStatement(payload_type=PAYLOAD_TYPE, payload=b"", signer=SIGNER, signed_at=EPOCH, log_index=4711)
    page = read_page(as_files(site(replace(given, signatures={bundle: proved})))[SPAM])
    text = words_of(page)
    assert f"The package was signed by {SIGNER.san}." in text
    assert f"Who vouched for the identity {SIGNER.issuer}" in text
    assert "Entry in the transparency log 4711 Signed 5 Jan 2026" in text
    links = [e.attributes.get("href", "") for e in page.all("a")]
    assert "https://search.sigstore.dev/?logIndex=4711" in links
    assert any(link.endswith(f"{bundle}.sigstore.json") for link in links)
    assert "trust-signed-by-registry" in page.ids


def test_without_the_duty_to_sign_an_unsigned_release_is_not_said_to_be_refused() -> None:
    optional = replace(POLICY, publish_attestation="optional")
    text = text_of(
        as_files(site(a_catalogue([APlugin(releases=(ARelease(is_attested=False),))], policy=optional))), SPAM
    )
    assert "Clients hold it to the signed index" in text


def test_facts_that_are_missing_are_not_made_up(busy: CatalogueInput) -> None:
    files = as_files(site(replace(busy, facts={})))
    assert "scanned" not in text_of(files, SPAM)
    assert "What the scan saw Runs" not in text_of(files, "plugins/acme/spam-filter/1.1.0/index.html")


def test_a_readme_is_shown_without_its_first_heading_pictures_and_relative_links(pages: Mapping[str, ReadPage]) -> None:
    page = pages[SPAM]
    assert [e.text for e in page.all("h3")][:1] == ["Settings"]
    assert not [e for e in page.all("img") if "example" in e.attributes["src"]]
    assert "a file" in words_of(page)
    assert "a file" not in [e.text for e in page.all("a")]
    assert "the docs" in [e.text for e in page.all("a")]
