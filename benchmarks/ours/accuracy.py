"""Metrics of every structure of every set of phantoms."""

import sys
import tempfile
from pathlib import Path

from benchmarks.clock import measure
from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.dvh import dose_volume_histogram
from dosimetry.expressions import parse_metric
from dosimetry.metrics import evaluate
from dosimetry.region import Region
from imaging.course import read_course
from imaging.intake import take_in
from workers.pipelines.dose_choice import choose_dose

METRICS = [
    parse_metric(text)
    for text in (
        *("Volume[cc]", "Min[Gy]", "Max[Gy]", "Mean[Gy]"),
        *("D99%[Gy]", "D95%[Gy]", "D5%[Gy]", "D1%[Gy]", "D0.03cc[Gy]"),
    )
]


def work() -> dict[str, dict[str, list[float | None]]]:
    """Values by set and structure, in the order of `benchmarks.phantoms.METRICS`."""
    return {folder.name: _values(folder) for folder in sorted(Path(sys.argv[1]).iterdir()) if folder.is_dir()}


def _values(folder: Path) -> dict[str, list[float | None]]:
    with tempfile.TemporaryDirectory() as scratch:
        chosen = choose_dose(read_course(take_in([folder], Path(scratch))))
    dose = Dose((DoseLayer(chosen.dose.grid, None),))
    found = {}
    for roi in chosen.structure_set.rois:
        if roi.structure is not None:
            dvh = dose_volume_histogram(Region.of(roi.structure), dose, with_uncertainty=False)
            found[roi.name] = [evaluate(metric, dvh).value for metric in METRICS]
    return found


measure(work)
