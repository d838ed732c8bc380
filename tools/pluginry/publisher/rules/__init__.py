"""One topic per module, independent of each other: ``RULES`` and ``check(registry, locate)``, which yields findings.

Rules never raise for bad content, never read files, never print.
"""
