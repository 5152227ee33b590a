"""The whole check of a course from files to verdicts, uncertainties included."""

import sys
import tempfile
from pathlib import Path

from clock import measure

from trial_core.protocols.reader import read_protocol
from workers.pipelines.plan_check import check_paths

course, protocol = Path(sys.argv[1]), read_protocol()


def work() -> dict[str, object]:
    """The verdict of the course."""
    with tempfile.TemporaryDirectory() as scratch:
        report = check_paths([course], protocol, Path(scratch), lambda *_: None)
    return {"verdict": str(report.verdict)}


measure(work)
