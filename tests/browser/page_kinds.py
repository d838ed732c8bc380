"""One page of every kind, in the example marketplace and in the busy catalogue."""

from __future__ import annotations

EXAMPLE = {
    "front": "index.html",
    "all": "all/index.html",
    "category": "categories/security/index.html",
    "categories": "categories/index.html",
    "tags": "tags/index.html",
    "publisher": "publishers/mairust/index.html",
    "publishers": "publishers/index.html",
    "host": "hosts/mairust/index.html",
    "hosts": "hosts/index.html",
    "plugin": "plugins/mairust/spam-scorer/index.html",
    "compare": "compare/index.html?ids=mairust/spam-scorer",
    "numbers": "stats/index.html",
    "advisories": "advisories/index.html",
    "signers": "signers/index.html",
    "docs": "docs/index.html",
    "doc": "docs/getting-started/index.html",
    "rules": "docs/rules/index.html",
    "feeds": "feeds/index.html",
    "about": "about/index.html",
    "missing": "404.html",
}
BUSY = {
    "front": "index.html",
    "all": "all/index.html",
    "deprecated": "all/deprecated/index.html",
    "tag": "tags/mail/index.html",
    "publisher": "publishers/acme/index.html",
    "plugin": "plugins/acme/spam-filter/index.html",
    "plugin without pictures": "plugins/acme/dns-cache/index.html",
    "deprecated plugin": "plugins/acme/old-filter/index.html",
    "withdrawn plugin": "plugins/desk/withdrawn/index.html",
    "removed plugin": "plugins/desk/gone/index.html",
    "version": "plugins/acme/spam-filter/2.0.0/index.html",
    "withdrawn version": "plugins/acme/spam-filter/1.1.0/index.html",
    "advisories": "advisories/index.html",
    "advisory": "advisories/PLG-2026-0001/index.html",
    "compare": "compare/index.html",
}
