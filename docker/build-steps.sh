#!/usr/bin/env bash
# The steps that make the image's environment; docker/Dockerfile runs them one a layer, a test in an empty folder.
# Usage, in the folder that holds the sources: build-steps.sh libraries|program|kernels
set -euo pipefail

ENVIRONMENT=$PWD/.venv
PIP="$ENVIRONMENT/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir"
# Ships no wheel: built with the setuptools of requirements-build.txt (so the Makefile).
SOURCE_ONLY=autograd-gamma

# Everything of the hashed lock, then without what only tests and the formatter need.
libraries() {
  python3 -m venv "$ENVIRONMENT"
  $PIP --require-hashes --only-binary=:all: -r requirements-build.txt
  $PIP --require-hashes --only-binary=:all: --no-binary=$SOURCE_ONLY --no-build-isolation -r requirements.txt
}

program() {
  # An image's layers keep whole seconds, and numba takes a kernel for outdated when its source's time differs.
  find dosimetry imaging trial_core workers web cli -name '*.py' -exec touch --date=2020-01-01T00:00:00Z {} +
  $PIP --no-deps --no-build-isolation -e .
  "$ENVIRONMENT/bin/python" docker/leave_what_runs.py
  "$ENVIRONMENT/bin/python" -m compileall -q dosimetry imaging trial_core workers web cli
}

# The start script lays this cache out where a container may write.
kernels() {
  mkdir -p -m 0700 kernels
  NUMBA_CACHE_DIR=$PWD/kernels "$ENVIRONMENT/bin/dosegate" warm-up
}

case "${1:-}" in
  libraries | program | kernels) "$1" ;;
  *) echo "usage: build-steps.sh libraries|program|kernels" >&2; exit 2 ;;
esac
