# Everything starts here. `make demo` and `make test` set up what they need by themselves.
PYTHON ?= python3
# One more than there are processors, for tests also wait for browsers, servers and commands that they started.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(1 + (os.cpu_count() or 1))')
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test system check bench screenshots translations serve format lock wheel clean

demo: $(INSTALLED)
	$(BIN)/python tools/demo.py

test: $(INSTALLED)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Programs that some tests start where they are installed: web servers, rclone, a software token, Ceph, a browser. Needs Debian and root.
system:
	apt-get update --quiet --quiet
	DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes --no-install-recommends \
	  nginx-light caddy rclone softhsm2 opensc ceph-mon ceph-osd radosgw chromium >/dev/null

check: $(INSTALLED)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

# Our commands and building blocks, and then our builds beside those of others: plugins, and rounds. The last size takes
# an hour and 25 GB by itself; `make bench SIZES=1000x5` takes minutes.
SIZES ?= 1000x5 10000x5 100000x1
bench: $(INSTALLED)
	$(BIN)/python tests/benchmarks/run.py
	$(BIN)/python tests/benchmarks/comparison.py $(SIZES) --plot .github/pictures/builds.svg \
	  --json tests/benchmarks/builds.json --report BENCHMARKS.md

# Pictures of each kind of page, for the README.
screenshots: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python tests/browser/screenshots.py .github/pictures

# What translators start from, and the catalogues of the shipped languages brought up to date with it.
translations: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python tests/translations.py

serve: $(INSTALLED)
	$(BIN)/pluginry serve dist

format: $(INSTALLED)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# The lock names versions and digests and no place to get them from: pip's own configuration decides that.
lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --quiet \
	  --no-header --no-emit-index-url --no-annotate --upgrade --output-file requirements.lock

wheel: $(INSTALLED)
	$(BIN)/python -m build --wheel --no-isolation --outdir build/wheel

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(INSTALLED)
