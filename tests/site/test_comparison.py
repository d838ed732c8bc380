from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from catalogues import APlugin, ARelease, a_catalogue, a_listing, a_permission, as_files
from html_reader import read_page, words_of
from pluginry.model.channel import Channel
from pluginry.model.facts import ObservedAccess, ScanFinding, SeenPlace, VendoredPackage
from pluginry.model.names import PluginId
from pluginry.publisher.site import CatalogueInput, site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from html_reader import ReadPage

SPAM = "plugins/acme/spam-filter"
NETWORK = a_permission("network", "dns.example.com:853", "Looks senders up")


def a_site(*releases: ARelease) -> Mapping[str, bytes]:
    return as_files(site(a_catalogue([APlugin(releases=releases)])))


def compared(files: Mapping[str, bytes], version: str) -> str:
    """Return what the page of `version` says under the comparison, up to the next section."""
    text = words_of(read_page(files[f"{SPAM}/{version}/index.html"]))
    return text[text.index("Compared with") : text.index("From the manifests")]


def test_a_release_is_compared_with_the_finished_one_before_it() -> None:
    files = a_site(
        ARelease(version="1.0.0"),
        ARelease(version="1.1.0", day=1, yanked="Broken."),
        ARelease(version="2.0.0-beta.1", day=2, channel=Channel.BETA),
        ARelease(version="2.0.0", day=3),
    )
    assert compared(files, "2.0.0").startswith("Compared with 1.0.0")
    assert compared(files, "2.0.0-beta.1").startswith("Compared with 1.0.0")


def test_without_a_finished_release_before_it_the_last_one_is_taken() -> None:
    files = a_site(ARelease(version="1.0.0-beta.1", channel=Channel.BETA), ARelease(version="1.0.0", day=1))
    assert compared(files, "1.0.0").startswith("Compared with 1.0.0-beta.1")


def test_the_first_release_is_compared_with_nothing() -> None:
    assert "Compared with" not in words_of(read_page(a_site(ARelease())[f"{SPAM}/1.0.0/index.html"]))


def test_equal_releases_differ_in_nothing() -> None:
    files = a_site(ARelease(version="1.0.0"), ARelease(version="1.0.1", day=1))
    assert "They differ in nothing that is compared here." in compared(files, "1.0.1")


def test_what_came_and_what_went_is_told_for_each_subject(pages: Mapping[str, ReadPage]) -> None:
    text = words_of(pages[f"{SPAM}/2.0.0/index.html"])
    assert "Permissions +new: Connect to dns.example.com:853 over the network (network:dns.example.com:853)" in text
    assert "Works with \N{MINUS SIGN}no longer: Mairust >=0.4,<1 +new: Mairust >=0.4,<2" in text
    assert "Needs +new: DNS Cache (acme/dns-cache) >=1.0,<2 +new: acme/nowhere *" in text
    assert "Platforms \N{MINUS SIGN}no longer: any +new: linux-x86_64 +new: windows-x86_64" in text
    assert "Offers to its host +new: hooks: Scores a message" in text


def test_what_the_scan_saw_for_the_first_time_is_a_difference() -> None:
    found = ScanFinding(rule="code.exec", severity="needs_review", message="Runs code", file="a.py", line=3)
    files = a_site(ARelease(version="1.0.0"), ARelease(version="1.1.0", day=1, findings=(found,)))
    assert "What the scan saw +new: code.exec: Runs code" in compared(files, "1.1.0")


def test_without_facts_files_are_not_compared(busy: CatalogueInput) -> None:
    files = as_files(site(replace(busy, facts={})))
    data = json.loads(files[f"{SPAM}/releases.json"])
    assert all("files" not in release["aspects"] for release in data["releases"])


def test_scripts_read_the_same_from_a_document_with_every_release(
    files: Mapping[str, bytes], pages: Mapping[str, ReadPage]
) -> None:
    data = json.loads(files[f"{SPAM}/releases.json"])
    assert (data["id"], data["newest"], data["licence"]) == ("acme/spam-filter", "2.0.0", "Apache-2.0")
    assert [release["version"] for release in data["releases"]] == ["2.1.0-beta.1", "2.0.0", "1.1.0", "1.0.0"]
    section = next(e for e in pages[f"{SPAM}/2.0.0/index.html"].all("section") if "data-compared" in e.attributes)
    subjects = dict(json.loads(section.attributes["data-subjects"]))
    for release in data["releases"]:
        assert set(release["aspects"]) <= set(subjects)
    assert section.attributes["data-compared"] == "../releases.json"


def test_the_document_of_a_plugin_that_is_not_offered_says_so(files: Mapping[str, bytes]) -> None:
    assert json.loads(files["plugins/desk/withdrawn/releases.json"])["newest"] == ""


def test_a_permission_is_new_against_what_people_have_and_dated_otherwise() -> None:
    asking = {"permissions": (NETWORK,)}
    files = a_site(
        ARelease(version="1.0.0"),
        ARelease(version="2.0.0-beta.1", day=1, channel=Channel.BETA, **asking),
        ARelease(version="2.0.0", day=2, **asking),
        ARelease(version="2.1.0", day=3, **asking),
    )
    text = words_of(read_page(files[f"{SPAM}/2.0.0/index.html"]))
    assert "over the network new since 1.0.0" in text
    assert "over the network since 2.0.0-beta.1" in words_of(read_page(files[f"{SPAM}/2.1.0/index.html"]))


def test_findings_are_told_once_with_the_places_and_a_count_of_the_rest() -> None:
    found = tuple(
        ScanFinding(rule="code.exec", severity="needs_review", message="Runs code", file=f"{n}.py", line=n)
        for n in range(1, 6)
    )
    page = read_page(a_site(ARelease(findings=found))[f"{SPAM}/index.html"])
    assert "Runs code code.exec 1.py:1, 2.py:2, 3.py:3 and 2 places more" in words_of(page)


def test_access_that_was_observed_stands_beside_what_was_asked_for(busy: CatalogueInput) -> None:
    release = next(
        one for one in busy.records[PluginId.parse("acme/spam-filter")].releases if str(one.version) == "2.0.0"
    )
    seen = replace(
        busy.facts[release.facts.sha256],
        observed=(
            ObservedAccess(
                kind="network",
                says="Opens connections",
                count=9,
                places=(SeenPlace(file="a.py", line=7, what="socket.socket"),),
                declared=("network:dns.example.com:853",),
            ),
            ObservedAccess(kind="process", says="Starts programs", count=1, places=()),
        ),
        vendored=(VendoredPackage(ecosystem="pypi", name="idna", version="3.1", file="x/METADATA"),),
        not_run={"malware": "no rules are there"},
    )
    files = as_files(site(replace(busy, facts={**busy.facts, release.facts.sha256: seen})))
    for page in (f"{SPAM}/index.html", f"{SPAM}/2.0.0/index.html"):
        text = words_of(read_page(files[page]))
        assert (
            "Opens connections network It asks for this: network:dns.example.com:853 a.py:7 and 8 places more" in text
        )
        assert "Starts programs process None of the permissions that it asks for says so." in text
        assert "It carries packages of others: idna 3.1" in text
        assert "Not looked for by malware: no rules are there" in text
    assert "What the scan saw +new: Opens connections +new: Starts programs" in compared(files, "2.0.0")


def test_a_release_page_stays_as_it_is_when_a_later_release_comes() -> None:
    first = (ARelease(version="1.0.0"), ARelease(version="1.1.0", day=1))
    before, after = a_site(*first), a_site(*first, ARelease(version="1.2.0", day=2))
    for version in ("1.0.0", "1.1.0"):
        assert before[f"{SPAM}/{version}/index.html"] == after[f"{SPAM}/{version}/index.html"]


def test_the_page_for_comparing_plugins_says_what_it_needs_and_leads_to_the_list(
    pages: Mapping[str, ReadPage],
) -> None:
    page = pages["compare/index.html"]
    assert "This page needs JavaScript" in words_of(page)
    assert "../all/index.html" in [e.attributes["href"] for e in page.all("a") if "main" in e.inside]


def test_a_related_plugin_comes_with_the_reason() -> None:
    def plugin(name: str, *tags: str, **more: object) -> APlugin:
        return APlugin(id=f"{name[0]}/{name}", listing=a_listing(name=name, tags=tags, **more))

    needing = APlugin(
        id="suite/all",
        listing=a_listing(name="Suite", tags=(), categories=("interface",)),
        releases=(ARelease(dependencies={"a/a-mail": "*", "b/b-queue": "*"}),),
    )
    plugins = [
        plugin("a-mail", "imap", related=(PluginId.parse("g/g-named"),)),
        plugin("b-queue"),
        plugin("c-imap", "imap"),
        plugin("d-other"),
        plugin("e-far", categories=("interface",)),
        plugin("g-named", categories=("interface",)),
        APlugin(id="a/sibling", listing=a_listing(name="sibling", tags=(), categories=("interface",))),
        needing,
    ]
    text = words_of(read_page(as_files(site(a_catalogue(plugins)))["plugins/a/a-mail/index.html"]))
    related = text[text.rindex("Related") :]
    order = ["Named by its developers", "Needed together with it by Suite", "Also about imap, for Mairust"]
    order += ["Also in Security, for Mairust", "By the same publisher"]
    assert [related.index(reason) for reason in order] == sorted(related.index(reason) for reason in order)
    assert "e-far" not in related


def test_deprecated_and_withdrawn_plugins_are_not_recommended(pages: Mapping[str, ReadPage]) -> None:
    text = words_of(pages["plugins/acme/dns-cache/index.html"])
    related = text[text.rindex("Related") : text.rindex("Newest")]
    assert "Old Filter" not in related
    assert "Withdrawn" not in related


def test_another_release_of_a_related_plugin_changes_no_other_page() -> None:
    def given(*more: ARelease) -> Mapping[str, bytes]:
        one = APlugin(id="a/one", listing=a_listing(name="One"))
        return as_files(site(a_catalogue([one, APlugin(id="b/two", listing=a_listing(name="Two"), releases=more)])))

    first = ARelease(version="1.0.0")
    before, after = given(first), given(first, ARelease(version="1.1.0", day=9))
    assert before["plugins/a/one/index.html"] == after["plugins/a/one/index.html"]
    assert "Two" in before["plugins/a/one/index.html"].decode()


def test_publisher_and_plugin_show_their_age(pages: Mapping[str, ReadPage]) -> None:
    text = words_of(pages[f"{SPAM}/index.html"])
    assert "First published 6 Jan 2026" in text
    assert "Publishes here since 5 Jan 2026" in text
    assert "Answers for the domain acme.example, checked 5 Jan 2026" in text
