"""A marketplace in which everything happens at once: every feature of listings, releases and advisories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalogues import (
    EPOCH,
    APlugin,
    ARelease,
    a_catalogue,
    a_host,
    a_listing,
    a_permission,
    a_picture,
    an_advisory,
)
from pluginry.model.channel import Channel
from pluginry.model.facts import ScanFinding
from pluginry.model.finding import Severity
from pluginry.model.host import Harm, PermissionMeaning
from pluginry.model.listing import Pricing, Screenshot
from pluginry.model.manifest import Change, EntryPoint
from pluginry.model.names import Name, PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.registry import Tombstone
from pluginry.model.rule import Rule
from pluginry.model.status import Status

if TYPE_CHECKING:
    from pluginry.publisher.site import CatalogueInput

README = """# Spam Filter

[![Build](https://img.example/b.svg)](https://ci.example/)

Scores incoming mail. See [the docs](https://example.com/docs), [a file](docs/more.md) and ![a picture](https://x.example/p.png).

## Settings

| Name | Default |
|---|---|
| `threshold` | 5 |

```toml
threshold = 5
```
"""


def busy_plugins() -> list[APlugin]:
    """Return plugins that use every feature of listings and releases."""
    headers = a_permission()
    network = a_permission("network", "dns.example.com:853", "Looks senders up")
    spam = APlugin(
        readme=README,
        icon=a_picture(256, 200),
        screenshots={"wide.png": a_picture(1600, 900), "small.png": a_picture(300, 200, "JPEG")},
        listing=a_listing(
            categories=("security", "interface"),
            screenshots=(
                Screenshot(file="wide.png", alt="A list of scored mail"),
                Screenshot(file="small.png", alt="The settings"),
                Screenshot(file="lost.png", alt="A picture that is not there"),
            ),
            related=(PluginId.parse("acme/dns-cache"), PluginId.parse("acme/nowhere")),
            publisher=Publisher(
                issuer="https://issuer.example", repository="acme/spam", workflow="release.yml", refs=("refs/tags/v*",)
            ),
            aliases=("com.acme.spamfilter",),
        ),
        releases=(
            ARelease(version="1.0.0", day=1, permissions=(headers,)),
            ARelease(
                version="1.1.0",
                day=20,
                permissions=(headers,),
                yanked="Filed everything.",
                findings=(
                    ScanFinding(rule="code.exec", severity="needs_review", message="Runs code", file="a.py", line=3),
                ),
            ),
            ARelease(
                version="2.0.0",
                day=60,
                permissions=(headers, network),
                dependencies={"acme/dns-cache": ">=1.0,<2", "acme/nowhere": "*"},
                conflicts={"acme/old-filter": "<3"},
                amended_hosts={"mairust": ">=0.4,<2"},
                platforms=("linux-x86_64", "windows-x86_64"),
                entry_points={"hooks": (EntryPoint(name="score", target="m:f", title="Scores a message"),)},
                changes=(Change(kind="added", text="Looks senders up."), Change(kind="security", text="Cuts headers.")),
            ),
            ARelease(version="2.1.0-beta.1", day=70, channel=Channel.BETA, permissions=(headers,), is_attested=False),
        ),
    )
    many = tuple(ARelease(version=f"1.{minor}.0", day=minor) for minor in range(9))
    return [
        spam,
        APlugin(id="acme/dns-cache", listing=a_listing(name="DNS Cache", tags=("dns",)), releases=many, readme=""),
        APlugin(
            id="acme/old-filter",
            listing=a_listing(
                name="Old Filter",
                status=Status.DEPRECATED,
                reason="Spam Filter does more.",
                replaced_by=PluginId.parse("acme/spam-filter"),
            ),
        ),
        APlugin(
            id="desk/clipboard",
            icon=b"this is not a picture",
            listing=a_listing(
                name="Clipboard",
                hosts=(Name("shell"), Name("mairust")),
                categories=("interface",),
                tags=(),
                status=Status.ADOPT_ME,
                pricing=Pricing(
                    model="paid", amount="9.00", currency="EUR", trial_days=14, checkout_url="https://pay.example/"
                ),
            ),
            releases=(ARelease(hosts={"shell": ">=2,<3", "mairust": "*", "unknown": "*"}),),
        ),
        APlugin(id="desk/gone", listing=a_listing(name="Gone", status=Status.REMOVED, reason="It mined coins.")),
        APlugin(id="desk/withdrawn", listing=a_listing(name="Withdrawn"), releases=(ARelease(yanked="Broken."),)),
        APlugin(id="desk/announced", listing=a_listing(name="Announced"), releases=()),
    ]


def busy_input(plugins: list[APlugin] | None = None, **changed: object) -> CatalogueInput:
    """Return the input of the busy catalogue; give what should be different."""
    fields: dict[str, object] = {
        "hosts": (
            a_host(),
            a_host(
                "shell",
                "Shell",
                permissions=(
                    PermissionMeaning(type="everything", severity=Harm.HIGH, says="Does what you may do", implied=True),
                ),
            ),
            a_host("empty", "Empty", permissions=(), entry_points=()),
        ),
        "advisories": (
            an_advisory(),
            an_advisory("desk/gone", id="PLG-2026-0002"),
            an_advisory(id="PLG-2026-0003", withdrawn=EPOCH),
        ),
        "tombstones": (Tombstone(id=PluginId.parse("evil/miner"), reason="Mined coins.", removed_at=EPOCH),),
        "rules": (
            Rule(id="naming.confusable", title="Looks alike.", why="People confuse it.", fix="Rename it."),
            Rule(id="package.size", title="Large.", why="Slow.", fix="Shrink it.", severity=Severity.NOTE),
        ),
    }
    return a_catalogue(busy_plugins() if plugins is None else plugins, **(fields | changed))  # type: ignore[arg-type]  # a builder
