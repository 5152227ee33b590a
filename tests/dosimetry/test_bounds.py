"""No kernel reads or writes beside its arrays: the tests of all that runs kernels, with bounds checked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.long
@pytest.mark.parametrize("where", ["tests/dosimetry", "tests/imaging", "tests/workers/pipelines"])
def test_kernels__stay_within_their_arrays(where: str, tmp_path: Path) -> None:
    """Compiled code looks at no index by itself: a wrong one gives another number or ends the process."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not long", "-p", "no:cacheprovider", where],
        cwd=ROOT,
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
