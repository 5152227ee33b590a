"""The printed report (PDF) of a course that was checked."""

import sys
import tempfile
from pathlib import Path

from benchmarks.clock import measure
from trial_core.protocols.reader import read_protocol
from workers.pipelines.plan_check import check_paths
from workers.reports.pdf.render import render_pdf

with tempfile.TemporaryDirectory() as scratch:
    report = check_paths([Path(sys.argv[1])], read_protocol(), Path(scratch), lambda *_: None)


def work() -> dict[str, object]:
    """The size of the file."""
    return {"bytes": len(render_pdf(report))}


measure(work)
