"""Rules about changes: one module for each topic, with its ``RULES`` and a ``check`` of a `Situation`."""
