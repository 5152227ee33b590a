"""Overall survival, the clock's start, and the way from lesions to PFS."""

from datetime import date, timedelta

import pytest

from tests.trial_core.domain.pfs_histories import RULES
from trial_core.domain.lesions import Lesion, LesionRole, RecistRules
from trial_core.domain.overall_survival import overall_survival
from trial_core.domain.pfs import (
    NewTherapy,
    PfsReason,
    PfsVariant,
    progression_free_survival,
    rules_of,
)
from trial_core.domain.pfs_history import (
    Baseline,
    Origin,
    PfsHistory,
    assessment_of,
    clock_start,
)
from trial_core.domain.queries import QueryCode
from trial_core.domain.readings import Size, TargetReading, Visit
from trial_core.domain.response import derive_responses
from trial_core.domain.subject import Phase

D = date(2026, 1, 5)


def _day(number: int) -> date:
    return D + timedelta(days=number - 1)


@pytest.mark.parametrize(
    ("died", "alive", "days", "event", "codes"),
    [
        (None, [], 1, False, []),
        (None, [30, 10], 30, False, []),
        (40, [30], 40, True, []),
        (1, [], 1, True, []),
        (40, [41], 40, True, [QueryCode.AFTER_DEATH]),
        (-3, [30], 30, False, [QueryCode.DEATH_BEFORE_START]),
        (None, [-3], 1, False, [QueryCode.BEFORE_START]),
    ],
)
def test_overall_survival__ends_with_death_or_the_last_day_known_alive(
    died: int | None, alive: list[int], days: int, event: bool, codes: list[QueryCode]
) -> None:
    died_on = None if died is None else _day(died)
    result = overall_survival(D, Origin.RANDOMISATION, died_on=died_on, alive_on=map(_day, alive))
    assert (result.days, result.event) == (days, event)
    assert [query.code for query in result.queries] == codes


def test_clock__starts_at_registration_in_iia_and_at_randomisation_in_iib() -> None:
    later = _day(5)
    assert clock_start(Phase.IIA, registered_on=D, randomised_on=later) == (D, Origin.REGISTRATION)
    assert clock_start(Phase.IIB, registered_on=D, randomised_on=later) == (later, Origin.RANDOMISATION)
    assert clock_start(Phase.IIB, registered_on=D, randomised_on=None) is None
    assert clock_start(Phase.IIA, registered_on=None, randomised_on=None) is None


def test_variants__change_one_rule_each() -> None:
    assert rules_of(PfsVariant.PRIMARY, RULES) == RULES
    assert rules_of(PfsVariant.NEW_THERAPY_AS_EVENT, RULES).new_therapy is NewTherapy.EVENT
    assert not rules_of(PfsVariant.MISSED_VISITS_OFF, RULES).missed_visits


def test_lesions__lead_to_pfs_with_the_day_that_showed_progression_first() -> None:
    lesions = [
        Lesion(id=name, organ=name, role=LesionRole.TARGET, baseline_mm=30.0, slice_thickness_mm=3.0)
        for name in ("lung", "liver")
    ]

    def visit(label: str, *found: tuple[str, int, float]) -> Visit:
        readings = (
            TargetReading(lesion=name, on=_day(number), size=Size.MEASURED, mm=mm)
            for name, number, mm in found
        )
        return Visit(label=label, targets=tuple(readings))

    visits = [
        visit("week 6", ("lung", 43, 20.0), ("liver", 44, 20.0)),
        visit("week 12", ("lung", 85, 28.0), ("liver", 88, 20.0)),  # 48 is 20 % and 8 mm above 40
    ]
    responses = derive_responses(lesions, visits, RecistRules())
    history = PfsHistory(
        start=D,
        origin=Origin.RANDOMISATION,
        arm_has_radiotherapy=True,
        baseline=Baseline(on=_day(-5), adequate=True),
        assessments=tuple(assessment_of(response) for response in responses),
    )
    result = progression_free_survival(history, RULES)
    # The lung alone (28 mm) shows nothing; with the liver on day 88 the sum does.
    assert (result.days, result.event, result.reason) == (88, True, PfsReason.PROGRESSION)
