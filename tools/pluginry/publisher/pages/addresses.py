"""Where every page lies, and how one page writes the address of another.

In: ids that are validated values, or names that `is_segment` accepts. Out: keys, and addresses relative to the
page they stand on that always name a file, so that they work under any prefix and from ``file://``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pluginry.model.layout import EMBEDDED_PREFIX

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
SCHEMAS = "docs/schemas/index.html"
FEEDS = "feeds/index.html"
ABOUT = "about/index.html"
COMPARE = "compare/index.html"
STATS = "stats/index.html"
QUEUE = "queue/index.html"
NOT_FOUND = "404.html"
STYLE = "assets/pluginry.css"
SCRIPT = "assets/pluginry.js"
THEME_SCRIPT = "assets/theme.js"
PLUGIN_STYLE = "assets/plugin.css"
PLUGIN_SCRIPT = "assets/plugin.js"
LIGHTBOX_SCRIPT = "assets/lightbox.js"
COMPARE_SCRIPT = "assets/compare.js"
STATS_SCRIPT = "assets/stats.js"
QUEUE_SCRIPT = "assets/queue.js"
RANKING = "assets/find/ranking.json"
FIND_TABLE = "find/index.json"
MARK = "assets/mark.svg"
LOGO = "assets/logo.webp"
SITE_CARD = "assets/card.png"
ACCENT_STYLE = "assets/accent.css"
EMBED_STYLE = "assets/embed.css"
RELEASES_FEED = "feeds/releases.atom"
NEW_FEED = "feeds/new.atom"
ADVISORIES_FEED = "feeds/advisories.atom"
_FEED = "releases.atom"

LETTER_HUES = 12
FIRST_PARTS = frozenset({"all", "v1"})
"""Parts of addresses that could be taken for a language."""
_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?\Z")


def is_segment(text: str) -> bool:
    """Return whether `text` may be a part of a key as it stands."""
    return _SEGMENT.match(text) is not None


def is_in_words(key: str) -> bool:
    """Return whether what has this key is written in a language: pages, and what their scripts read."""
    return key.endswith(("index.html", "/releases.json")) or key.startswith("find/")


def plugin_page(plugin: PluginId) -> str:
    """Return the key of a plugin's page, for ever: a removed plugin has a tombstone there."""
    return f"plugins/{plugin}/index.html"


def version_page(plugin: PluginId, version: Version) -> str:
    """Return the key of the page of one release."""
    return f"plugins/{plugin}/{version}/index.html"


def comparison_data(plugin: PluginId) -> str:
    """Return the key of what scripts compare of a plugin's releases."""
    return f"plugins/{plugin}/releases.json"


def badge(plugin: PluginId, kind: str) -> str:
    """Return the key of a badge of `plugin`, for ever: it stands in READMEs."""
    return f"badges/{plugin}/{kind}.svg"


def embedded_card(plugin: PluginId) -> str:
    """Return the key of the card that other sites show in a frame, for ever; only these pages may be framed."""
    return f"{EMBEDDED_PREFIX}{plugin}/card.html"


def plugin_feed(plugin: PluginId) -> str:
    """Return the key of the feed of a plugin's releases, for ever as well."""
    return f"plugins/{plugin}/{_FEED}"


def publisher_feed(namespace: Name) -> str:
    """Return the key of the feed of a publisher's releases."""
    return f"publishers/{namespace}/{_FEED}"


def tag_feed(tag: str) -> str:
    """Return the key of the feed of releases with a tag."""
    return f"tags/{tag}/{_FEED}"


def whole(base_url: str) -> str:
    """Return what makes a key a whole address, ``https://plugins.example/``; empty when the place is not known."""
    return base_url.rstrip("/") + "/" if base_url else ""


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


def script_words(language: str) -> str:
    """Return the key of what scripts say in `language`."""
    return f"assets/words/{language}.js"


def schema_page(name: str) -> str:
    """Return the key of the page about a schema of ours."""
    return f"docs/schemas/{name}/index.html"


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


def plugin_card(plugin: PluginId) -> str:
    """Return the key of the picture that other sites show beside a link to `plugin`."""
    return f"plugins/{plugin}/card.png"


def letter_icon(plugin: PluginId) -> str:
    """Return the key of the generated icon of `plugin`."""
    return f"assets/letters/{plugin.name[0]}{hue_of(plugin)}.svg"


def hue_of(plugin: PluginId) -> int:
    """Return the number of the colour of what is drawn for `plugin`, below `LETTER_HUES`."""
    hue = 0
    for char in str(plugin).encode():
        hue = (hue * 31 + char) % 9973
    return hue % LETTER_HUES
