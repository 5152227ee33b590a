"""Whatever is called in whatever order, the trial never reaches an illegal state."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.trial_core.services.study_walk import StudyWalk

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_random_histories__never_reach_an_illegal_state() -> None:
    # A failure is told as it is found: to shorten its history takes minutes, and is for the long test.
    _walk(examples=6, steps=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])


@pytest.mark.long
def test_long_random_histories__never_reach_an_illegal_state() -> None:
    _walk(examples=300, steps=60, phases=list(Phase))


def _walk(*, examples: int, steps: int, phases: Sequence[Phase]) -> None:
    run_state_machine_as_test(
        StudyWalk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            phases=phases,
            deadline=None,
            suppress_health_check=_SLOW,
        ),
    )
