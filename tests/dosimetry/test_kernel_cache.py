"""The folder of compiled kernels: one for each state of the sources, private, and never in the way."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dosimetry.kernel_cache import kernel_cache_folder, sources_key, usable_folder

PACKAGE = Path(__file__).parents[2] / "dosimetry"


def test_sources_key__changes_with_any_source_and_with_the_compiler(tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "kernels").mkdir(parents=True)
    callee = package / "kernels" / "callee.py"
    callee.write_text("A = 1", encoding="utf-8")
    before = sources_key(package, "numba 1")
    assert before == sources_key(package, "numba 1")
    assert before != sources_key(package, "numba 2")
    callee.write_text("A = 2", encoding="utf-8")
    assert before != sources_key(package, "numba 1")
    callee.rename(package / "callee.py")
    assert len({before, sources_key(package, "numba 1")}) == 2


def test_usable_folder__is_in_the_first_base_that_takes_one(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    folder = usable_folder([blocked, blocked / "below", tmp_path / "here", tmp_path / "there"], "k")
    assert folder == tmp_path / "here" / "kernels-k"
    assert folder.is_dir()
    assert usable_folder([blocked], "k") is None


@pytest.mark.parametrize("everyones", ["base", "base/kernels-k"])
def test_usable_folder__is_never_one_that_everyone_may_write_to(tmp_path: Path, everyones: str) -> None:
    (tmp_path / "base" / "kernels-k").mkdir(parents=True)
    (tmp_path / everyones).chmod(0o777)
    assert usable_folder([tmp_path / "base"], "k") is None


def test_usable_folder__is_never_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "base").symlink_to(tmp_path / "elsewhere")
    assert usable_folder([tmp_path / "base"], "k") is None


def test_usable_folder__removes_what_nobody_used_for_a_day(tmp_path: Path) -> None:
    for name in ("kernels-old", "kernels-yesterday", "other"):
        (tmp_path / name).mkdir()
    for name in ("kernels-old", "other"):
        os.utime(tmp_path / name, (0, 0))
    usable_folder([tmp_path], "now")
    assert {path.name for path in tmp_path.iterdir()} == {"kernels-now", "kernels-yesterday", "other"}


def test_kernel_cache_folder__prefers_what_the_user_names(tmp_path: Path) -> None:
    assert kernel_cache_folder("numba 1", str(tmp_path / "named")).parent == tmp_path / "named"  # type: ignore[union-attr]


_RUN = """
import numpy as np
from dosimetry.kernels.sorted_doses import sorted_doses
print(sorted_doses(np.array([2.0, 1.0]), np.ones(2))[0].tolist(), sum(sorted_doses.stats.cache_hits.values()))
"""


def test_kernel__sees_an_edit_and_otherwise_uses_the_cache(tmp_path: Path) -> None:
    """In a copy of the package: compiled, loaded, and after an edit of another file compiled anew."""
    shutil.copytree(PACKAGE, tmp_path / "dosimetry", ignore=shutil.ignore_patterns("__pycache__"))
    assert [_run(tmp_path), _run(tmp_path)] == ["[1.0, 2.0] 0", "[1.0, 2.0] 1"]
    with (tmp_path / "dosimetry" / "grid.py").open("a", encoding="utf-8") as source:
        source.write("# an edit\n")
    assert _run(tmp_path) == "[1.0, 2.0] 0"


def test_kernel__runs_where_nothing_can_be_kept(tmp_path: Path) -> None:
    """Every base is a file or below one."""
    blocked = tmp_path / "file"
    blocked.touch()
    shutil.copytree(PACKAGE, tmp_path / "dosimetry", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "dosimetry" / "__pycache__").touch()
    where = {
        "NUMBA_CACHE_DIR": str(blocked),
        "XDG_CACHE_HOME": str(blocked),
        "TMPDIR": str(tmp_path / "gone"),
    }
    code = f"import tempfile; tempfile.tempdir = {str(blocked)!r}\n" + _RUN
    assert _run(tmp_path, code, where) == "[1.0, 2.0] 0"


def _run(folder: Path, code: str = _RUN, extra: dict[str, str] | None = None) -> str:
    inherited = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    environment = {**inherited, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **(extra or {})}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, check=True, text=True
    )
    return done.stdout.strip()
