"""Histories for the tests of progression-free survival: read from the table of truth, or drawn at random."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from trial_core.domain.pfs import PfsRules
from trial_core.domain.pfs_history import (
    Assessment,
    Baseline,
    Exit,
    ExitKind,
    Origin,
    PfsHistory,
    Therapy,
    TherapyKind,
)
from trial_core.domain.response import OverallResponse
from trial_core.domain.visit_schedule import Stretch, VisitSchedule

START = date(2026, 1, 5)
SCHEDULE = VisitSchedule(
    stretches=(Stretch(every_days=42, until_day=336), Stretch(every_days=84)), window_days=7
)
RULES = PfsRules(schedule=SCHEDULE)
TABLE: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "truth" / "pfs.yaml").read_text(encoding="utf-8")
)


def day(number: int | str | None) -> date | None:
    """The date of a day; day 1 is the start."""
    return START + timedelta(days=number - 1) if isinstance(number, int) else None


def history_of(row: dict[str, Any]) -> PfsHistory:
    """One row of the table as a history."""
    left = row.get("left")
    in_run_in = row.get("phase") == "IIa"
    return PfsHistory(
        start=START,
        origin=Origin.REGISTRATION if in_run_in else Origin.RANDOMISATION,
        arm_has_radiotherapy=row.get("arm") != "B",
        baseline=_baseline(row.get("baseline", -5)),
        assessments=tuple(_assessments(row)),
        therapies=tuple(_therapy(number, *each) for number, each in enumerate(row.get("therapy", ()))),
        death_on=day(row.get("death")),
        left=Exit(kind=ExitKind[left[0].upper()], on=START + timedelta(days=left[1] - 1)) if left else None,
        clinical_progressions=tuple(START + timedelta(days=each - 1) for each in row.get("clinical", ())),
    )


def _baseline(what: int | str) -> Baseline | None:
    if what == "none":
        return None
    if what == "inadequate":
        return Baseline(on=day(-5), adequate=False, reason="chest CT missing")
    return Baseline(on=day(what), adequate=True)


def _assessments(row: dict[str, Any]) -> list[Assessment]:
    visits = row.get("visits", {})
    shown = row.get("shown", {})
    return [
        Assessment(
            label=f"{number} {response}",
            on=day(number),
            overall=OverallResponse(response),
            progression_on=day(shown.get(number)),
        )
        for number, responses in visits.items()
        for response in (responses if isinstance(responses, list) else [responses])
    ]


def _therapy(number: int, start: int | str, kind: str, standing: str, where: str = "") -> Therapy:
    return Therapy(
        label=f"therapy {number}",
        kind=TherapyKind(kind),
        started_on=day(start),
        per_protocol=standing == "per protocol",
        to_tumour=where != "not tumour",
    )


_days = st.integers(-5, 700)
_responses = st.sampled_from(list(OverallResponse))


@st.composite
def histories(draw: st.DrawFn) -> PfsHistory:
    """Any history, the impossible ones included."""
    visits = draw(st.lists(st.tuples(st.one_of(st.none(), _days), _responses), max_size=8))
    therapies = draw(
        st.lists(
            st.tuples(_days, st.sampled_from(list(TherapyKind)), st.booleans(), st.booleans()), max_size=3
        )
    )
    return PfsHistory(
        start=START,
        origin=draw(st.sampled_from(list(Origin))),
        arm_has_radiotherapy=draw(st.booleans()),
        baseline=draw(st.sampled_from([None, Baseline(on=day(-5), adequate=True)])),
        assessments=tuple(
            Assessment(label=f"visit {index}", on=day(number), overall=response)
            for index, (number, response) in enumerate(visits)
        ),
        therapies=tuple(
            Therapy(label=f"t{index}", kind=kind, started_on=day(on), per_protocol=planned, to_tumour=tumour)
            for index, (on, kind, planned, tumour) in enumerate(therapies)
        ),
        death_on=day(draw(st.one_of(st.none(), _days))),
    )
