"""Whatever a page offers to copy is accepted by what it is copied into."""

from __future__ import annotations

import hashlib
import shlex
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import click
import pytest

from catalogues import EPOCH, POLICY, SIGNER, APlugin, ARelease, a_catalogue, a_config, a_host, as_files
from html_reader import read_page
from pluginry.cli import main
from pluginry.client.intent_files import LOCK_FILE, read_intent, read_lock
from pluginry.model.attestation import PAYLOAD_TYPE, VerifiedStatement
from pluginry.model.channel import Channel
from pluginry.model.names import PluginId
from pluginry.model.versions import Version
from pluginry.publisher.pages.install_ways import InstallWays, install_ways
from pluginry.publisher.pages.view import view_of
from pluginry.publisher.site import CatalogueInput, site

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SPAM = PluginId.parse("acme/spam-filter")
PAGE = f"plugins/{SPAM}/index.html"
RELEASES = (
    ARelease(version="1.4.0", platforms=("linux-x86_64", "windows-x86_64")),
    ARelease(version="2.0.0-beta.1", channel=Channel.BETA),
)


def ways_of(given: CatalogueInput) -> InstallWays:
    """Return the ways to install the only plugin of `given`."""
    view = view_of(given)
    card = view.cards[SPAM]
    assert card.newest is not None
    return install_ways(card, card.newest, view)


def ways(releases: Sequence[ARelease] = RELEASES) -> InstallWays:
    """Return the ways to install a plugin with `releases`."""
    return ways_of(a_catalogue([APlugin(releases=tuple(releases))]))


def parsed(line: str) -> click.Context:
    """Return what the command line makes of `line`, without running it; a mistake in it is an error here."""
    words = shlex.split(line)
    assert words.pop(0) == "pluginry"
    command: click.Command = main.run
    context = click.Context(command)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    return command.make_context(line, words)


@pytest.mark.parametrize("releases", [RELEASES, RELEASES[1:]], ids=["stable", "beta only"])
def test_every_command_is_accepted_by_the_command_line(releases: Sequence[ARelease]) -> None:
    contexts = [parsed(line) for line in ways(releases).commands.splitlines()]
    assert [context.command.name for context in contexts] == ["install", "enable"]
    assert [wanted.plugin for wanted in contexts[0].params["wanted"]] == [SPAM]


def test_a_plugin_without_a_stable_release_is_asked_for_on_its_channel() -> None:
    offered = ways(RELEASES[1:])
    assert parsed(offered.commands.splitlines()[0]).params["channel"] == "beta"
    assert 'channel = "beta"' in offered.wish


def test_the_command_below_plugins_toml_is_one() -> None:
    assert parsed("pluginry sync").command.name == "sync"


@pytest.mark.parametrize("releases", [RELEASES, RELEASES[1:]], ids=["stable", "beta only"])
def test_the_wish_is_a_plugins_toml_that_the_client_reads_and_the_release_fits(
    tmp_path: Path, releases: Sequence[ARelease]
) -> None:
    (tmp_path / "plugins.toml").write_text(ways(releases).wish)
    wish = read_intent(tmp_path).plugins[SPAM]
    assert Version(releases[0].version) in wish.versions
    assert wish.channel is releases[0].channel


def test_the_lock_entry_is_one_that_the_client_reads(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).write_text("schema = 1\n\n" + ways().lock.replace("NAME", "market"))
    lock = read_lock(tmp_path)
    assert lock is not None
    (locked,) = lock.plugins
    assert (locked.id, str(locked.version), locked.source) == (SPAM, "1.4.0", "market")
    given = a_catalogue([APlugin(releases=RELEASES)])
    release = next(one for one in given.records[SPAM].releases if str(one.version) == "1.4.0")
    assert locked.artifacts == release.artifacts


def test_the_digest_command_accepts_the_file_and_no_other(tmp_path: Path) -> None:
    package = ways().packages[0]
    body = b"a package"
    line = package.compare.replace(package.artifact.sha256.hex, hashlib.sha256(body).hexdigest())
    (tmp_path / package.file).write_bytes(body)
    assert subprocess.run(line, shell=True, cwd=tmp_path, check=False, capture_output=True).returncode == 0  # noqa: S602 - the line is what is tested
    (tmp_path / package.file).write_bytes(b"another")
    assert subprocess.run(line, shell=True, cwd=tmp_path, check=False, capture_output=True).returncode != 0  # noqa: S602 - the line is what is tested


def test_there_is_a_package_with_its_commands_for_each_platform() -> None:
    assert [one.file for one in ways().packages] == [
        "spam-filter-1.4.0-linux-x86_64.zip",
        "spam-filter-1.4.0-windows-x86_64.zip",
    ]


def test_the_verify_command_is_one_of_the_sigstore_tool_and_names_who_must_have_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigstore import _cli

    package = ways().packages[0]
    monkeypatch.chdir(tmp_path)
    (tmp_path / package.file).write_bytes(b"a package")
    words = shlex.split(package.verify)
    assert words.pop(0) == "sigstore"
    arguments = _cli._parser().parse_args(words)
    assert arguments.cert_identity == SIGNER.san
    assert arguments.cert_oidc_issuer == SIGNER.issuer
    assert str(arguments.bundle) == package.bundle.rpartition("/")[2]
    assert arguments.files_or_digest


def test_the_verify_command_names_who_really_signed_when_that_is_known() -> None:
    given = a_catalogue([APlugin()])
    bundle = given.records[SPAM].releases[0].attestations[0].sha256
    signer = replace(SIGNER, san="https://github.com/other/x/.github/workflows/y.yml@refs/heads/it's main")
    proved = VerifiedStatement(payload_type=PAYLOAD_TYPE, payload=b"", signer=signer, signed_at=EPOCH, log_index=1)
    words = shlex.split(ways_of(replace(given, signatures={bundle: proved})).packages[0].verify)
    assert words[words.index("--cert-identity") + 1] == signer.san


def test_no_verify_command_is_shown_where_no_public_tool_could_answer() -> None:
    for policy in (
        replace(POLICY, instance="lab"),
        replace(POLICY, instance="private"),
        replace(POLICY, registry_identities=(SIGNER, replace(SIGNER, san="https://example.com/second"))),
        replace(POLICY, registry_identities=()),
    ):
        assert ways_of(a_catalogue([APlugin()], policy=policy)).packages[0].verify == ""


def test_a_release_without_attestation_has_no_verify_command() -> None:
    assert ways([ARelease(is_attested=False)]).packages[0].verify == ""


def with_scheme(scheme: str, base_url: str = "https://plugins.example/market") -> CatalogueInput:
    """Return a catalogue whose host declares `scheme`."""
    return a_catalogue([APlugin()], hosts=[a_host(install_scheme=scheme)], config=a_config(base_url=base_url))


def test_a_host_with_a_scheme_of_its_own_can_be_opened_from_the_page() -> None:
    (link,) = ways_of(with_scheme("mairust")).links
    assert urlsplit(link.address).scheme == "mairust"
    assert parse_qs(urlsplit(link.address).query) == {
        "id": ["acme/spam-filter"],
        "source": ["https://plugins.example/market"],
    }
    page = read_page(as_files(site(with_scheme("mairust")))[PAGE])
    anchor = next(e for e in page.all("a") if e.attributes.get("href") == link.address)
    assert anchor.text == "Open in Mairust"
    assert "Nothing is installed by the link itself." in page.all("main")[0].text
    assert page.errors == []


@pytest.mark.parametrize("scheme", ["", "javascript", "data", "https"])
def test_nothing_else_becomes_a_link_even_if_a_profile_says_so(scheme: str) -> None:
    page = read_page(as_files(site(with_scheme(scheme)))[PAGE])
    assert "by-host" not in page.ids
    assert not [e for e in page.all("a") if e.attributes.get("href", "").startswith(("javascript:", "data:"))]


def test_a_marketplace_without_an_address_has_no_links_into_hosts() -> None:
    assert ways_of(with_scheme("mairust", base_url="")).links == ()
