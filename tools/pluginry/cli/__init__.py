"""The command line: the only place that joins adapters to stages."""
