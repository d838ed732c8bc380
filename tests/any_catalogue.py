"""A hypothesis strategy for catalogues as they are published: canonical JSON, rows in the order of their ids."""

from __future__ import annotations

from hypothesis import strategies as st

from any_model import anything_of
from pluginry.encoding import documents
from pluginry.model.index import Catalogue, PluginSummary

CATALOGUES = st.tuples(
    anything_of(Catalogue), st.lists(anything_of(PluginSummary), max_size=6, unique_by=lambda plugin: plugin.id)
).map(
    lambda made: documents.encode(
        Catalogue(
            name=made[0].name,
            hosts=made[0].hosts,
            categories=made[0].categories,
            plugins=tuple(sorted(made[1], key=lambda plugin: plugin.id)),
        )
    )
)
