"""A hypothesis strategy for catalogues as they are published: canonical JSON, rows in the order of their ids."""

from __future__ import annotations

from typing import get_type_hints

from hypothesis import strategies as st

from any_model import anything_of
from pluginry.encoding import documents
from pluginry.model.channel import Channel
from pluginry.model.index import Catalogue, PluginSummary

_PLUGINS = st.lists(anything_of(PluginSummary), max_size=4, unique_by=lambda plugin: plugin.id)
_HINTS = get_type_hints(Catalogue)
CATALOGUES = st.builds(
    Catalogue,
    name=anything_of(str),
    hosts=anything_of(_HINTS["hosts"]),
    categories=anything_of(_HINTS["categories"]),
    plugins=_PLUGINS.map(lambda plugins: tuple(sorted(plugins, key=lambda plugin: plugin.id))),
    default_channel=anything_of(Channel),
).map(documents.encode)
