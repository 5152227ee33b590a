"""Holes that a structure has on some of its planes only."""

from collections.abc import Iterable

import numpy as np
import pytest

from dosimetry.contours.sections import stack_sections
from dosimetry.dvh import dose_volume_histogram
from dosimetry.region import Region
from dosimetry.solid.cavities import cavities
from dosimetry.solid.profiles import PlaneProfiles, Raster
from dosimetry.solid.readings import Ending, Reading
from dosimetry.solid.solid import Solid
from dosimetry.structure import Structure
from tests.dosimetry.shapes import constant_dose, plan, square

FloatArray = np.ndarray
PLANES = np.arange(-15.0, 16.0, 3.0)


def _volume_cc(structure: Structure) -> float:
    dose = plan(constant_dose(1.0))
    return dose_volume_histogram(Region.of(structure), dose, with_uncertainty=False).volume_cc


def _hollow(heights_mm: Iterable[float], centre: tuple[float, float] = (0.0, 0.0)) -> Structure:
    """A block of 20 x 20 x 33 mm with a hole of 10 x 10 mm at some heights."""
    return Structure(
        "hollow", [*(square(10, z) for z in PLANES), *(square(5, z, centre) for z in heights_mm)]
    )


def _circle(radius_mm: float, z_mm: float) -> FloatArray:
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    return np.column_stack([radius_mm * np.cos(angle), radius_mm * np.sin(angle), np.full(240, z_mm)])


@pytest.mark.parametrize("planes", [1, 2, 3, 5])
def test_cavity__drawn_on_middle_planes_ends_half_a_gap_beyond_them(planes: int) -> None:
    drawn = 3.0 * np.arange(planes) - 6
    assert _volume_cc(_hollow(drawn)) == pytest.approx(0.4 * 33 - 0.1 * 3 * planes, rel=0.002)


def test_cavity__in_both_halves_of_a_block_closes_in_between() -> None:
    found = _volume_cc(_hollow([-9.0, -6.0, 0.0, 3.0, 6.0]))
    assert found == pytest.approx(0.4 * 33 - 0.1 * 15, rel=0.002)


def test_cavity__at_the_end_of_the_block_goes_out_with_it() -> None:
    found = _volume_cc(_hollow([9.0, 12.0, 15.0]))
    assert found == pytest.approx(0.4 * 33 - 0.1 * 9, rel=0.002)


def test_cavity__with_a_core_closes_around_it() -> None:
    ring = _hollow([-3.0, 0.0, 3.0])
    core = [square(2, z) for z in (-3.0, 0.0, 3.0)]
    found = _volume_cc(Structure("core", [*ring.contours, *core]))
    assert found == pytest.approx(0.4 * 33 - (0.1 - 0.016) * 9, rel=0.002)


def test_cavity__that_is_a_sphere_tapers_to_its_poles() -> None:
    contours = [_circle(25, z) for z in np.arange(-19.5, 20, 3)]
    contours += [_circle(float(np.sqrt(15**2 - z**2)), z) for z in np.arange(-13.5, 14, 3)]
    shell = _volume_cc(Structure("shell", contours))
    assert shell == pytest.approx((np.pi * 25**2 * 42 - 4 / 3 * np.pi * 15**3) / 1000, rel=0.001)


def test_hole__that_goes_on_to_a_hole_or_to_the_outside_does_not_close() -> None:
    assert cavities(stack_sections(_hollow(PLANES))) is None
    beside = [square(4, z, (-6.0, 0.0)) for z in PLANES[5:]]
    opening = Structure("opening", [*(square(10, z) for z in PLANES[:5]), square(5, PLANES[4]), *beside])
    found = cavities(stack_sections(opening))
    assert found is not None
    assert [key for key, closing in found.closing.items() if closing] == [(4, -1)]


def test_hole__closes_where_material_covers_it() -> None:
    found = cavities(stack_sections(_hollow([-3.0, 0.0])))
    assert found is not None
    at = [key for key, closing in found.closing.items() if closing]
    assert at == [(4, -1), (5, +1)]


@pytest.mark.parametrize(
    ("reading", "height_mm"),
    [
        (Reading(), 9.0),
        (Reading(Ending.AT_LAST_PLANE, Ending.AT_LAST_PLANE), 6.0),
        (Reading(Ending.AT_NEXT_PLANE, Ending.AT_NEXT_PLANE), 12.0),
    ],
)
def test_cavity__ends_as_the_reading_says(reading: Reading, height_mm: float) -> None:
    profiles = PlaneProfiles(stack_sections(_hollow([-3.0, 0.0, 3.0])), Raster(-12.0, -12.0, 1.0, 25, 25))
    heights = np.arange(-11.95, 12, 0.1)
    middle = Solid(profiles, reading).distance_mm(heights)[:, 12, 12]
    assert (middle < 0).sum() * 0.1 == pytest.approx(height_mm, abs=0.11)
