"""Ways to leave: what each of them ends, and what cannot be."""

from datetime import date, timedelta

import pytest

from trial_core.domain.leaving import (
    EndOfTreatmentReason,
    Leaving,
    LeavingKind,
    follow_up_exit,
    leaving_problem,
)
from trial_core.domain.pfs_history import Exit, ExitKind

D = date(2026, 3, 2)
LOST = Leaving(kind=LeavingKind.LOST_TO_FOLLOW_UP, on=D + timedelta(days=90))
ENDED = Leaving(kind=LeavingKind.END_OF_TREATMENT, on=D, reason=EndOfTreatmentReason.COMPLETED)


@pytest.mark.parametrize(
    ("given", "new", "message"),
    [
        ([], LOST, None),
        ([], ENDED, None),
        ([ENDED], LOST, None),
        ([LOST], LOST, "there already"),
        ([], Leaving(kind=LeavingKind.LOST_TO_FOLLOW_UP, on=D - timedelta(days=1)), "not enrolled"),
        ([], Leaving(kind=LeavingKind.LOST_TO_FOLLOW_UP, on=D + timedelta(days=101)), "future"),
        ([], Leaving(kind=LeavingKind.LOST_TO_FOLLOW_UP, on=D + timedelta(days=99)), "died on"),
        ([], Leaving(kind=LeavingKind.END_OF_TREATMENT, on=D), "needs its reason"),
        ([], Leaving(kind=LOST.kind, on=D, reason=EndOfTreatmentReason.DEATH), "only the end of treatment"),
        ([], Leaving(kind=ENDED.kind, on=D, reason=EndOfTreatmentReason.OTHER, words=" "), "needs words"),
    ],
)
def test_leaving_problem__says_what_cannot_be(
    given: list[Leaving], new: Leaving, message: str | None
) -> None:
    found = leaving_problem(
        given, new, enrolled_on=D, today=D + timedelta(days=100), died_on=D + timedelta(days=95)
    )
    assert (found is None) if message is None else (found is not None and message in found)


def test_leaving_problem__needs_an_enrolled_subject() -> None:
    assert "not enrolled" in str(leaving_problem([], ENDED, enrolled_on=None, today=D))


def test_follow_up_exit__is_the_earliest_and_leaving_treatment_is_none() -> None:
    treatment = Leaving(kind=LeavingKind.WITHDRAWAL_FROM_TREATMENT, on=D)
    data_use = Leaving(kind=LeavingKind.WITHDRAWAL_OF_DATA_USE, on=D + timedelta(days=99))
    assert follow_up_exit([ENDED, treatment]) is None
    assert follow_up_exit([data_use, LOST, ENDED]) == Exit(kind=ExitKind.LOST, on=LOST.on)
    assert follow_up_exit([data_use]) == Exit(kind=ExitKind.WITHDRAWAL, on=data_use.on)
