"""``python -m pluginry``: the command line."""

from pluginry.cli.entry import main

main()
