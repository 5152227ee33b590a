"""Whatever is called in whatever order, the trial never reaches an illegal state."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.trial_core.services.study_walk import StudyWalk

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_random_histories__never_reach_an_illegal_state() -> None:
    _walk(examples=6, steps=25)


@pytest.mark.long
def test_long_random_histories__never_reach_an_illegal_state() -> None:
    _walk(examples=300, steps=60)


def _walk(*, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        StudyWalk,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=_SLOW
        ),
    )
