"""Random entries through the services: each stands or is refused in words, and no state is impossible."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.trial_core.clinic import START, TODAY, Clinic, day
from tests.trial_core.record import AUDIT, ONCOLOGIST, STATISTICIAN, Clock, Record
from trial_core.db.session import Database
from trial_core.domain.clinical_forms import ClinicalForm, ClinicalProgression, Contact, Death
from trial_core.domain.pfs_history import Therapy, TherapyKind
from trial_core.domain.readings import (
    NewLesion,
    NonTargetReading,
    NonTargetStatus,
    Size,
    TargetReading,
    Visit,
)
from trial_core.domain.record_problems import record_problems
from trial_core.domain.response import OverallResponse, SetByHand
from trial_core.domain.systemic import AgentDose, Cycle
from trial_core.domain.toxicity import AdverseEvent, Attribution, GradeFrom, Outcome, Treatment
from trial_core.errors import AlreadyExists, TrialError
from trial_core.protocols.ctcae_csv import shipped_terms
from trial_core.protocols.reader import read_protocol
from trial_core.services import cycles, data_cuts, follow_up, outcomes, toxicity
from trial_core.services.cut_outcomes import outcome_of_cut
from trial_core.store import Store

PROTOCOL = read_protocol()
_Opened = AbstractContextManager[Clinic]
_days = st.integers(-20, 700).map(day)
_maybe_days = st.one_of(st.none(), _days)
_reasons = st.sampled_from([None, "", "misread", "a\x00b"])
_seen = st.sampled_from([None, 1, 2])
_terms = st.sampled_from(["Pneumonitis", "Lymphocyte count decreased", "Death NOS", "No such term"])
_mm = st.floats(1.0, 120.0).map(lambda value: round(value, 1))

_target = st.one_of(
    st.builds(
        TargetReading,
        lesion=st.sampled_from(["T1", "T2"]),
        on=_maybe_days,
        size=st.just(Size.MEASURED),
        mm=_mm,
    ),
    st.builds(
        TargetReading,
        lesion=st.sampled_from(["T1", "T2", "T9"]),
        on=_maybe_days,
        size=st.sampled_from([Size.TOO_SMALL, Size.ABSENT, Size.NOT_ASSESSED]),
    ),
)
_labels = st.sampled_from(["V1", "V2", "V3", "", "\x00"])
_visits = st.builds(
    Visit,
    label=_labels,
    targets=st.lists(_target, max_size=3).map(tuple),
    non_targets=st.lists(
        st.builds(
            NonTargetReading, lesion=st.just("N1"), on=_maybe_days, status=st.sampled_from(NonTargetStatus)
        ),
        max_size=1,
    ).map(tuple),
    new_lesions=st.lists(
        st.builds(NewLesion, id=st.just("X1"), on=_maybe_days, certain=st.booleans()), max_size=1
    ).map(tuple),
)
_events = st.builds(
    AdverseEvent,
    id=st.just(""),
    subject=st.just(""),
    version=st.sampled_from(["5.0", "9.9"]),
    term=_terms,
    grades=st.lists(st.builds(GradeFrom, on=_days, grade=st.integers(-1, 6)), max_size=3).map(tuple),
    ended_on=_maybe_days,
    baseline_grade=st.integers(0, 5),
    attribution=st.dictionaries(st.sampled_from(Treatment), st.sampled_from(Attribution)),
    serious=st.booleans(),
    outcome=st.sampled_from(Outcome),
)
_cycles = st.builds(
    Cycle,
    number=st.integers(0, 3),
    planned_on=_days,
    given_on=_maybe_days,
    agents=st.lists(
        st.builds(
            AgentDose,
            agent=st.sampled_from(["paclitaxel", "carboplatin", ""]),
            unit=st.just("mg"),
            planned=st.floats(allow_nan=True, allow_infinity=True),
            given=st.one_of(st.none(), st.floats(0.0, 500.0)),
        ),
        max_size=2,
    ).map(tuple),
    omitted=st.booleans(),
    reason=st.sampled_from(["", "neutropenia"]),
)
_therapies = st.builds(
    Therapy,
    label=st.sampled_from(["T1", "T2"]),
    kind=st.sampled_from(TherapyKind),
    started_on=_maybe_days,
    per_protocol=st.booleans(),
    to_tumour=st.booleans(),
)
_by_hand = st.builds(
    SetByHand,
    visit=st.sampled_from(["V1", "V2", "V9"]),
    response=st.sampled_from(OverallResponse),
    reason=st.just("seen by the board"),
)
_taken_back = st.tuples(
    st.sampled_from(list(ClinicalForm)),
    st.sampled_from(["V1", "V2", "death", "baseline", "001", "T1"]),
    st.sampled_from(["", "entered in error"]),
)
_contents = st.one_of(
    _visits,
    _events,
    _cycles,
    _therapies,
    _by_hand,
    _taken_back,
    st.builds(Contact, on=_days),
    st.builds(Death, on=_days),
    st.builds(ClinicalProgression, on=_days),
)
_entries = st.lists(st.tuples(_contents, _reasons, _seen), min_size=1, max_size=14)


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], _Opened]:
    """Open a fresh copy of the small trial: what one history does to the study is not the next one's."""

    @contextmanager
    def fresh() -> Iterator[Clinic]:
        folder = tmp_path_factory.mktemp("history")
        (folder / "outside").mkdir()
        shutil.copyfile(sqlite_template, folder / "record.sqlite")
        clock = Clock()
        audit = replace(AUDIT, folder=folder / "outside")
        db = Database(f"sqlite:///{folder / 'record.sqlite'}", now=clock, audit=audit)
        yield Clinic(Record(db, Store(folder / "store"), clock, folder / "store"))
        db.close()

    return fresh


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(entries=_entries)
def test_random_entries__stand_or_are_refused_and_leave_no_impossible_record(
    opened: Callable[[], _Opened], entries: list[tuple[Any, str | None, int | None]]
) -> None:
    with opened() as clinic:
        code = clinic.enrol()
        for content, reason, seen in entries:
            with suppress(TrialError):
                _enter(clinic, code, content, reason, seen)
            _require_possible(clinic, code)
        once, twice = (_figures_of_a_cut(clinic, label) for label in ("once", "once"))
        assert once == twice


def _require_possible(clinic: Clinic, code: str) -> None:
    view = outcomes.clinical_view(clinic.db, clinic.conduct, ONCOLOGIST, code=code)
    assert record_problems(view.record, shipped_terms(), clinic.conduct.response, today=TODAY) == ()
    for _variant, result in view.outcome.pfs:
        assert START <= result.on <= TODAY
        assert not result.event or result.on <= (view.record.died_on or TODAY)


def _figures_of_a_cut(clinic: Clinic, label: str) -> bytes:
    with suppress(AlreadyExists):
        data_cuts.make_data_cut(
            clinic.db, clinic.record.store, PROTOCOL, STATISTICIAN, label=label, cut_on=TODAY
        )
    return outcome_of_cut(clinic.db, clinic.record.store, STATISTICIAN, label=label)


def _enter(clinic: Clinic, code: str, content: Any, reason: str | None, seen: int | None) -> None:
    where: dict[str, Any] = {"code": code, "reason": reason}
    with_version = {**where, "seen_version": seen}
    here = (clinic.db, clinic.conduct, ONCOLOGIST)
    enter: dict[type, Callable[[], object]] = {
        Visit: lambda: follow_up.enter_visit(*here, visit=content, **with_version),
        Cycle: lambda: cycles.enter_cycle(*here, cycle=content, **with_version),
        Therapy: lambda: follow_up.enter_therapy(*here, therapy=content, **with_version),
        SetByHand: lambda: follow_up.set_response(*here, response=content, **with_version),
        Death: lambda: follow_up.enter_death(*here, death=content, **with_version),
        Contact: lambda: follow_up.enter_contact(*here, contact=content, **where),
        ClinicalProgression: lambda: follow_up.enter_clinical_progression(
            *here, progression=content, **where
        ),
        AdverseEvent: lambda: toxicity.record_event(
            clinic.db, PROTOCOL, ONCOLOGIST, code=code, event=content
        ),
        tuple: lambda: follow_up.take_back_follow_up(
            *here, code=code, kind=content[0], occasion=content[1], reason=content[2]
        ),
    }
    enter[type(content)]()
