"""Numbers on the page carry their unit and their uncertainty."""

from __future__ import annotations

from trial_core.domain.rounding import NOTHING
from web.components.numbers import count, gray, with_uncertainty


def test_with_uncertainty__of_nothing_is_a_dash_and_never_a_zero() -> None:
    assert with_uncertainty(None, 0.1, "Gy", ()) == gray(None) == count(None) == NOTHING


def test_with_uncertainty__a_tiny_one_is_not_shown_as_zero() -> None:
    assert with_uncertainty(10.0, 0.0001, "Gy", ()) == "10.00 ± <0.01 Gy"


def test_with_uncertainty__keeps_the_digits_that_decide() -> None:
    assert with_uncertainty(25.0000001, None, "%", (25.0,)) == "25.0000001 %"
