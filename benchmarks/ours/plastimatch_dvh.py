"""All DVHs of the real set with plastimatch, a program: bins of 0.01 Gy.

`study` rasterises by its default; `grid` on the dose grid, as some of the other peers do, in two commands.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.clock import measure

folder, way = Path(sys.argv[1]), sys.argv[2]
BINS = ["--bin-width", "0.01", "--num-bins", "1500"]


def work() -> None:
    """Run its commands in a folder that goes."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        commands = _in_one(scratch) if way == "study" else _on_dose_grid(scratch)
        for command in commands:
            subprocess.run(["plastimatch", *command], check=True, capture_output=True)  # noqa: S603, S607


def _in_one(scratch: Path) -> list[list[str]]:
    for file in ("rtss.dcm", "rtdose.dcm"):
        (scratch / file).symlink_to(folder / file)
    return [["dvh", "--input", str(scratch), "--output-csv", str(scratch / "dvh.csv"), *BINS]]


def _on_dose_grid(scratch: Path) -> list[list[str]]:
    structures, dose = str(folder / "rtss.dcm"), str(folder / "rtdose.dcm")
    image, names = str(scratch / "ss.nrrd"), str(scratch / "ss.txt")
    convert = ["convert", "--input", structures, "--fixed", dose]
    dvh = ["dvh", "--input-ss-img", image, "--input-ss-list", names, "--input-dose", dose]
    return [
        [*convert, "--output-ss-img", image, "--output-ss-list", names],
        [*dvh, "--output-csv", str(scratch / "dvh.csv"), *BINS],
    ]


measure(work)
