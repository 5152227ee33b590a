"""All DVHs of the real set, files read and checked, without uncertainties."""

import hashlib
import sys
import tempfile
from pathlib import Path

from benchmarks.clock import measure
from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.dvh import dose_volume_histogram
from dosimetry.region import Region
from dosimetry.threads import in_order
from imaging.course import read_course
from imaging.intake import take_in
from workers.pipelines.display_curve import display_curve
from workers.pipelines.dose_choice import choose_dose

folder = Path(sys.argv[1])


def work() -> dict[str, object]:
    """Volumes in cc and a hash over all curves."""
    volumes, digest = {}, hashlib.sha256()
    with tempfile.TemporaryDirectory() as scratch:
        course = read_course(take_in([folder / "rtss.dcm", folder / "rtdose.dcm"], Path(scratch)))
    chosen = choose_dose(course)
    dose = Dose((DoseLayer(chosen.dose.grid, None),))
    structures = [roi.structure for roi in chosen.structure_set.rois if roi.structure is not None]

    def measured(number: int) -> tuple[float, bytes]:
        dvh = dose_volume_histogram(Region.of(structures[number]), dose, with_uncertainty=False)
        dose_gy, percent = display_curve(dvh.samples.if_uncovered_zero)
        return dvh.volume_cc, dose_gy.tobytes() + percent.tobytes()

    for structure, (volume_cc, curve) in zip(structures, in_order(measured, len(structures)), strict=True):
        volumes[structure.name] = volume_cc
        digest.update(curve)
    return {"volumes_cc": volumes, "sha256": digest.hexdigest()}


measure(work)
