"""The guard's own limits: a median dose at exactly 20 % from the prescription lies within 20 %."""

import math

import pytest

from workers.pipelines.plausibility import is_near


@pytest.mark.parametrize("prescription_gy", [10.0, 41.4, 50.4, 59.4, 66.0])
@pytest.mark.parametrize("percent", [80, 120])
def test_median_at_the_limit__is_near_whatever_the_binary_numbers(
    prescription_gy: float, percent: int
) -> None:
    at_limit = round(prescription_gy * percent / 100, 9)
    beyond = at_limit + math.copysign(1e-6, percent - 100)
    assert is_near(at_limit, prescription_gy, 20.0)
    assert not is_near(beyond, prescription_gy, 20.0)


def test_no_number__is_near_nothing() -> None:
    assert not is_near(math.nan, 50.4, 20.0)
