"""The steps of the image, run in an empty folder: what comes of them checks a course with its own kernels."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEP = re.compile(r"^RUN docker/build-steps\.sh (\w+)$")


def _copy_as_the_dockerfile_does(line: str, folder: Path) -> None:
    *sources, target = line.split()[1:]
    for source in sources:
        to = folder / target if (ROOT / source).is_dir() else folder / target / Path(source).name
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, to)


def _bare_environment(folder: Path) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTP", "http"))
    }
    (folder / "home").mkdir(exist_ok=True)
    return {**kept, "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder / "home"), "LANG": "C.UTF-8"}


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_steps__make_an_environment_that_runs_without_what_only_tests_need(tmp_path: Path) -> None:
    folder = tmp_path / "image"
    folder.mkdir()
    environment = _bare_environment(tmp_path)
    stage = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")[1]
    for line in stage.splitlines():
        step = STEP.match(line)
        if line.startswith("COPY "):
            _copy_as_the_dockerfile_does(line, folder)
        elif step:
            _run([folder / "docker/build-steps.sh", step[1]], folder, environment)
    assert list((folder / "kernels").rglob("*.nbi"))
    site = next((folder / ".venv/lib").glob("python3*/site-packages"))
    assert not [name for name in ("pytest", "playwright", "mypy", "pip") if (site / name).exists()]
    _check_a_course_from_the_kernels_of_the_image(folder, tmp_path, environment)


def _check_a_course_from_the_kernels_of_the_image(
    folder: Path, tmp: Path, environment: dict[str, str]
) -> None:
    cache = tmp / "cache"
    started = {**environment, "NUMBA_CACHE_DIR": str(cache)}
    start = folder / "docker/start"
    _run([start, "demo", tmp / "course", "--small"], tmp, started)
    before = {path.name for path in cache.rglob("*.nbc")}
    _run([start, "check", tmp / "course", "--pdf", tmp / "report.pdf"], tmp, started, allowed=(0, 1))
    assert (tmp / "report.pdf").stat().st_size > 10_000
    assert {path.name for path in cache.rglob("*.nbc")} == before  # nothing was compiled anew


def _run(
    command: list[str | Path], folder: Path, environment: dict[str, str], allowed: tuple[int, ...] = (0,)
) -> None:
    done = subprocess.run(
        [*map(str, command)], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in allowed, f"{command}\n{done.stdout}\n{done.stderr}"
