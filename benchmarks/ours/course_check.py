"""The whole check of a course from files to verdicts, uncertainties included, by a protocol."""

import sys
import tempfile
from pathlib import Path

from benchmarks.clock import measure
from trial_core.protocols.reader import read_protocol
from workers.pipelines.plan_check import check_paths

course, protocol = Path(sys.argv[1]), read_protocol(*map(Path, sys.argv[2:3]))


def work() -> dict[str, object]:
    """The verdict of the course, and how many structures it is made of."""
    with tempfile.TemporaryDirectory() as scratch:
        report = check_paths([course], protocol, Path(scratch), lambda *_: None)
    structures = {curve.structure for curve in report.curves}
    return {"verdict": str(report.verdict), "structures": len(structures)}


measure(work)
