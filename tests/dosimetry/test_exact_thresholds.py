"""Doses that are exactly what is asked for: counted in, whatever binary numbers make of decimals."""

import numpy as np
import pytest

from dosimetry.accumulation.point_sum import Dose
from dosimetry.dvh import Dvh, dose_volume_histogram
from dosimetry.expressions import parse_metric
from dosimetry.metrics import evaluate
from dosimetry.region import Region
from dosimetry.structure import Structure
from tests.dosimetry.shapes import box, constant_dose, plan
from tests.support.closed_forms import Direction, Phantom, Shape, linear_dose

HEIGHTS = (-6.0, -3.0, 0.0, 3.0, 6.0)


def _dvh(structure: Structure, dose: Dose) -> Dvh:
    return dose_volume_histogram(Region.of(structure), dose)


def _value(text: str, dvh: Dvh, prescription_gy: float | None = None) -> float | None:
    return evaluate(parse_metric(text), dvh, prescription_gy=prescription_gy).value


@pytest.mark.parametrize(
    ("prescription_gy", "percent", "dose_gy"),
    [(50.4, 107, 53.928), (50.4, 97, 48.888), (61.2, 98, 59.976), (39.6, 95, 37.62), (61.2, 107, 65.484)],
)
def test_percent_of_a_prescription__is_exact_at_the_boundary(
    prescription_gy: float, percent: int, dose_gy: float
) -> None:
    """As binary numbers, 107 * 50.4 / 100 is more than 53.928: the whole structure would be counted out."""
    dvh = _dvh(box(10, HEIGHTS), plan(constant_dose(dose_gy)))
    assert _value(f"V{percent}%[%]", dvh, prescription_gy) == 100.0
    assert _value(f"CV{percent}%[cc]", dvh, prescription_gy) == 0.0
    assert _value("D95%[%]", dvh, prescription_gy) == percent
    assert _value("Max[%]", dvh, prescription_gy) == percent


@pytest.mark.parametrize(
    ("beams", "beam_gy", "whole_gy"), [(8, 6.3, 50.4), (9, 5.992, 53.928), (6, 1.6, 9.6)]
)
def test_dose_split_in_beams__reaches_the_dose_of_the_whole(
    beams: int, beam_gy: float, whole_gy: float
) -> None:
    """Eight times 6.3 is 50.39999999999999 in binary numbers: the whole structure would be counted out."""
    dvh = _dvh(box(10, HEIGHTS), plan(constant_dose(float(np.cumsum([beam_gy] * beams)[-1]))))
    assert _value(f"V{whole_gy}Gy[%]", dvh) == 100.0
    assert _value(f"CV{whole_gy}Gy[%]", dvh) == 0.0
    assert _value(f"V{whole_gy + 1e-6:.6f}Gy[%]", dvh) == 0.0


def test_dose_to_all_of_a_structure__is_its_minimum() -> None:
    dvh = _dvh(Phantom(Shape.SPHERE, 8, 2).structure(), plan(linear_dose(Direction.SI)))
    lowest = _value("Min[Gy]", dvh)
    assert _value("D100%[Gy]", dvh) == lowest
    assert _value(f"D{dvh.volume_cc!r}cc[Gy]", dvh) == lowest
