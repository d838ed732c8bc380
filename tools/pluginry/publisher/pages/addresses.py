"""Where every page lies, and how one page writes the address of another.

In: ids that are validated values, or names that `is_segment` accepts. Out: keys, and addresses relative to the
page they stand on that always name a file, so that they work under any prefix and from ``file://``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluginry.model.names import Name, PluginId
    from pluginry.model.versions import Version

HOME = "index.html"
ALL_PLUGINS = "all/index.html"
DEPRECATED_PLUGINS = "all/deprecated/index.html"
COLLECTIONS = "collections/index.html"
CATEGORIES = "categories/index.html"
TAGS = "tags/index.html"
PUBLISHERS = "publishers/index.html"
HOSTS = "hosts/index.html"
ADVISORIES = "advisories/index.html"
SIGNERS = "signers/index.html"
DOCS = "docs/index.html"
RULES = "docs/rules/index.html"
FEEDS = "feeds/index.html"
ABOUT = "about/index.html"
COMPARE = "compare/index.html"
STATS = "stats/index.html"
NOT_FOUND = "404.html"
STYLE = "assets/pluginry.css"
SCRIPT = "assets/pluginry.js"
THEME_SCRIPT = "assets/theme.js"
PLUGIN_STYLE = "assets/plugin.css"
PLUGIN_SCRIPT = "assets/plugin.js"
COMPARE_SCRIPT = "assets/compare.js"
STATS_SCRIPT = "assets/stats.js"
RANKING = "assets/find/ranking.json"
FIND_TABLE = "find/index.json"
MARK = "assets/mark.svg"
LOGO = "assets/logo.webp"
ACCENT_STYLE = "assets/accent.css"
RELEASES_FEED = "feeds/releases.atom"
NEW_FEED = "feeds/new.atom"
ADVISORIES_FEED = "feeds/advisories.atom"

LETTER_HUES = 12
_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?\Z")


def is_segment(text: str) -> bool:
    """Return whether `text` may be a part of a key as it stands."""
    return _SEGMENT.match(text) is not None


def plugin_page(plugin: PluginId) -> str:
    """Return the key of a plugin's page, for ever: a removed plugin has a tombstone there."""
    return f"plugins/{plugin}/index.html"


def version_page(plugin: PluginId, version: Version) -> str:
    """Return the key of the page of one release."""
    return f"plugins/{plugin}/{version}/index.html"


def comparison_data(plugin: PluginId) -> str:
    """Return the key of what scripts compare of a plugin's releases."""
    return f"plugins/{plugin}/releases.json"


def category_page(category: str) -> str:
    """Return the key of a category's page."""
    return f"categories/{category}/index.html"


def tag_page(tag: str) -> str:
    """Return the key of a tag's page."""
    return f"tags/{tag}/index.html"


def publisher_page(namespace: Name) -> str:
    """Return the key of a publisher's page."""
    return f"publishers/{namespace}/index.html"


def host_page(host: Name) -> str:
    """Return the key of a host application's page."""
    return f"hosts/{host}/index.html"


def advisory_page(advisory: str) -> str:
    """Return the key of an advisory's page."""
    return f"advisories/{advisory}/index.html"


def doc_page(slug: str) -> str:
    """Return the key of a page of the documentation."""
    return f"docs/{slug}/index.html"


def find_part(number: int) -> str:
    """Return the key of a part of what the script searches."""
    return f"find/{number}.json"


def collection_page(collection: str) -> str:
    """Return the key of the page of a collection."""
    return f"collections/{collection}/index.html"


def extra_page(slug: str) -> str:
    """Return the key of a page of the operator's own."""
    return f"pages/{slug}/index.html"


def numbered(first: str, number: int) -> str:
    """Return the key of page `number` of a list that begins at `first`: ``all/index.html``, ``all/2/index.html``."""
    return first if number == 1 else first.removesuffix("index.html") + f"{number}/index.html"


def screenshot_picture(plugin: PluginId, number: int, width: int) -> str:
    """Return the key of screenshot `number` (from 1) in a version at most `width` pixels wide."""
    return f"plugins/{plugin}/screenshots/{number}-{width}.webp"


def letter_icon(plugin: PluginId) -> str:
    """Return the key of the generated icon of `plugin`."""
    hue = 0
    for char in str(plugin):
        hue = (hue * 31 + ord(char)) % 9973
    return f"assets/letters/{plugin.name[0]}{hue % LETTER_HUES}.svg"
