"""The topics of ``pluginry help``. What code defines, such as exit statuses, is read from there and never repeated."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.cli.entry import INTERRUPTED_EXIT_STATUS
from pluginry.cli.home_option import HOME_VARIABLE
from pluginry.cli.quarantine_report import AUTHOR_FAULTS_EXIT_STATUS, INFRASTRUCTURE_FAULTS_EXIT_STATUS
from pluginry.errors import NEEDS_REVIEW_EXIT_STATUS, PluginryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A ``title``, and what yields the lines below it."""

    title: str
    lines: Callable[[], Iterator[str]]


def exit_statuses() -> dict[int, list[str]]:
    """Return what every exit status means, one sentence for each kind of error that ends with it."""
    meanings = {0: ["fine"], 1: ["content is refused; every finding was listed"]}
    for kind in _descendants(PluginryError):
        sentence, _, _ = (kind.__doc__ or "").partition(". ")
        meanings.setdefault(kind.exit_status, []).append(f"{kind.code}: {sentence.strip().rstrip('.')}")
    meanings[2].insert(0, "the command line was not understood")
    meanings[AUTHOR_FAULTS_EXIT_STATUS].append("published, but for what authors have to mend: it is in quarantine")
    meanings[INFRASTRUCTURE_FAULTS_EXIT_STATUS].append("published, but for what waits in quarantine for another run")
    meanings[NEEDS_REVIEW_EXIT_STATUS] = ["nothing is refused, but a person has to look at a finding"]
    meanings[INTERRUPTED_EXIT_STATUS] = ["interrupted from the keyboard"]
    return dict(sorted(meanings.items()))


def _exit_status_lines() -> Iterator[str]:
    for status, meanings in exit_statuses().items():
        for number, meaning in enumerate(meanings):
            yield f"{status if number == 0 else '':>4}  {meaning}"
    yield ""
    yield "The word before the colon is the `code` of the error in JSON output."


def _descendants(kind: type[PluginryError]) -> Iterator[type[PluginryError]]:
    """Yield the errors of the tree in errors.py below `kind`, each followed by its own descendants."""
    for child in kind.__subclasses__():
        if child.__module__ == PluginryError.__module__:
            yield child
            yield from _descendants(child)


def _environment_lines() -> Iterator[str]:
    yield f"{HOME_VARIABLE:<18} The plugin home, when --home is not given."
    yield f"{'TERM=dumb':<18} No progress bars; there are none either when standard error is not a terminal."
    yield f"{'HTTPS_PROXY':<18} The proxy, with name and password if it wants them; ALL_PROXY when it is not set."
    yield f"{'NO_PROXY':<18} Hosts that are reached without it, with commas between them."
    yield f"{'SSL_CERT_FILE':<18} PEM file of the authorities to believe in place of the system's; also SSL_CERT_DIR."
    yield f"{'NETRC':<18} The netrc file, for sources whose credential is kept there. [default: ~/.netrc]"
    yield f"{'PYKCS11LIB':<18} The PKCS#11 library of a hardware token; PLUGINRY_PKCS11_MODULE goes before it."
    yield f"{'TMPDIR':<18} Where short-lived files go."
    yield ""
    yield "Colour is not used, so NO_COLOR changes nothing."


def _home_lines() -> Iterator[str]:
    yield "A plugin home belongs to one host application. It holds, below its folder:"
    yield ""
    yield "  home.toml                            which host, its version, the platform"
    yield "  sources.toml                         marketplaces, each with the fingerprint of its root of trust"
    yield "  policy.toml                          what is never allowed: deny_permissions, allow_channels;"
    yield "                                       how old is too old: warn_after_days, max_stale_days"
    yield "  plugins/NAMESPACE/NAME/              one folder for each version, never changed, with receipt.json"
    yield "  plugins/NAMESPACE/NAME/current       the name of the version in use"
    yield "  generations/N.json                   what was installed, enabled and granted; the highest N counts"
    yield "  data/NAMESPACE/NAME/                 what a plugin wrote; it stays when the plugin is removed"
    yield "  config/NAMESPACE/NAME.json           the settings of a plugin"
    yield "  sources/NAME/                        what is remembered of a marketplace, so that it never goes back"
    yield ""
    yield "Every change makes a new generation: `pluginry rollback --list` tells which, `--to N` goes back to one."


def _format_lines() -> Iterator[str]:
    yield "Every command takes --json and then prints one JSON document on standard output."
    yield 'An error is {"error": {"code", "exit_status", "what", "where", "why", "hint"}}.'
    yield ""
    yield "A marketplace is a tree of static files below v1/:"
    yield "  v1/index.json                        every plugin at a glance, for simple clients"
    yield "  v1/plugins/NAMESPACE/NAME.json       one plugin with all releases, for simple clients"
    yield "  v1/metadata/, v1/targets/            trust metadata (TUF), where verifying clients begin"
    yield "  v1/t/, v1/a/                         the hash tree with its records, and attestations, named by digest"
    yield "  v1/packages/                         packages: strict ZIP archives with plugin.json and files.json"
    yield "  v1/schemas/, v1/openapi.json         the JSON Schema of every document, and where each of them lies"
    yield ""
    yield "Versions are X.Y.Z or X.Y.Z-(alpha|beta|rc).N; ranges are lists of comparators such as >=1.2,<2."
    yield "A permission is accepted as type:scope, as `pluginry show` writes it."


TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        "exit-codes": Topic(title="How commands end", lines=_exit_status_lines),
        "environment": Topic(title="Environment variables", lines=_environment_lines),
        "home": Topic(title="The plugin home", lines=_home_lines),
        "formats": Topic(title="Formats and output", lines=_format_lines),
    }
)
