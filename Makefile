# Dosegate: `make run` to see it, `make test` to trust it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
BROWSER ?= yes
BIN := .venv/bin
READY := .venv/.ready
WARM := .venv/.warm
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --only-binary :all: \
  --no-emit-index-url --no-header --no-annotate
# Ships no wheel (lifelines needs it): built here with the setuptools of requirements-build.txt.
SOURCE_ONLY := autograd-gamma

# A file's tests stay together: what one of them prepared serves the others.
PARALLEL := --numprocesses=logical --maxprocesses=4 --dist=loadfile
QUICK := not long and not cluster and not chaos

.PHONY: help setup run test test-long cluster-test chaos bench format lint types imports browser lock clean python-check

help:  ## show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) $(WARM)  ## build .venv from the hashed lock and warm the JIT cache

run: setup  ## check a synthetic course, then serve the web application until Ctrl-C
	@exec $(BIN)/dosegate run

test: setup  ## formatter, linter, types, import contracts and all tests (BROWSER=no leaves the browser out)
	@$(MAKE) --no-print-directory browser lint types imports
	@if [ "$(BROWSER)" = no ]; then \
	  $(BIN)/pytest $(PARALLEL) -m "$(QUICK) and not browser"; \
	  echo "BROWSER=no: the tests that drive a real browser were left out."; \
	else $(BIN)/pytest $(PARALLEL) -m "$(QUICK)"; fi

test-long: setup  ## the long versions of the tests
	$(BIN)/pytest -m long --timeout=3600

cluster-test: setup  ## a worker under a real Slurm on this machine, killed, drained and cancelled (root, Debian)
	@tests/cluster/install-slurm
	$(BIN)/pytest -m cluster tests/cluster

chaos: setup  ## kill worker, web, Redis and PostgreSQL over 2,000 jobs and compare (CHAOS_JOBS=N, CHAOS_SEED=N; hours)
	$(BIN)/pytest -m chaos -s --timeout=86400 tests/chaos

bench: setup  ## time us and the peers on the same work (their environments go to .bench; half an hour)
	$(BIN)/python -m benchmarks --write docs/benchmarks.md

format: $(READY)  ## write the formatter's and the linter's safe corrections
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

browser: $(READY)
	@if [ "$(BROWSER)" != no ]; then tests/browser/install-browser $(BIN); fi

lock:  ## write requirements.txt anew from pyproject.toml (needs uv)
	$(LOCK) --no-binary $(SOURCE_ONLY) --extra dev -o requirements.txt pyproject.toml
	echo setuptools | $(LOCK) --constraint requirements.txt -o requirements-build.txt -

clean:  ## remove .venv and caches (the data folder stays)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

python-check:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) and sys.maxsize > 2**32 else 1)' 2>/dev/null || \
	  { echo "Dosegate needs a 64-bit Python 3.11 or newer; '$(PYTHON)' is not one. Install it, or name another: make PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { v=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	    echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python$$v-venv (or python3-venv); elsewhere install your system's package for it. Then run make again."; exit 2; }

# An environment that was cut off half-way has no stamp and is built anew.
$(READY): requirements-build.txt requirements.txt pyproject.toml | python-check
	@echo "Building .venv from the hashed lock (once; about a minute) ..."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes --only-binary=:all: -r requirements-build.txt
	@$(PIP) --require-hashes --only-binary=:all: --no-binary=$(SOURCE_ONLY) --no-build-isolation -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(WARM): $(READY) $(shell find dosimetry -name '*.py' 2>/dev/null)
	@$(BIN)/dosegate warm-up
	@touch $@
