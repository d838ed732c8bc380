"""Brings plugins of other registries into ours: one module per registry, each from what it publishes to our files."""
