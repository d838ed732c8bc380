"""``python -m pluginry``: the command line."""

from pluginry.cli.main import run

run()
