"""Work split over threads: each piece once, results in order, an error is the caller's."""

from threading import Lock

import numpy as np
import pytest

from dosimetry.dvh import dose_volume_histogram
from dosimetry.region import Region
from dosimetry.threads import for_each, in_order
from tests.dosimetry.shapes import plan
from tests.support.closed_forms import Direction, Phantom, Shape, linear_dose


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_for_each__does_each_piece_once(threads: int) -> None:
    done, lock = list[int](), Lock()

    def work(number: int) -> None:
        with lock:
            done.append(number)

    for_each(work, 20, threads)
    assert sorted(done) == list(range(20))


def test_in_order__is_the_same_for_any_number_of_threads() -> None:
    assert [list(in_order(lambda n: n * n, 9, threads)) for threads in (1, 2, 7)] == [
        [0, 1, 4, 9, 16, 25, 36, 49, 64]
    ] * 3
    assert list(in_order(str, 0, 2)) == []


def test_in_order__an_error_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda n: 1 // (3 - n), 6, 2))


def test_dvhs__measured_at_once_have_the_bits_of_those_one_after_the_other() -> None:
    dose = plan(linear_dose(Direction.AP))

    def samples(number: int) -> bytes:
        structure = Phantom(Shape.SPHERE, (5.0, 8.0, 12.0)[number % 3], 2.0, 0.1 * number).structure()
        dvh = dose_volume_histogram(Region.of(structure), dose)
        bounds = [each.if_uncovered_zero for each in (dvh.samples, *dvh.variants)]
        return np.concatenate([np.append(each.dose_gy, each.volume_cc) for each in bounds]).tobytes()

    assert list(in_order(samples, 4, 2)) == list(in_order(samples, 4, 1))
