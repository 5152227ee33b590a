"""Forest, swimmer and waterfall of a data cut: who is named to whom, and what the numbers are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.trial_core.clinic import TODAY, Clinic, a_visit
from tests.trial_core.record import MONITOR, OFFICE, ONCOLOGIST, OTHER_ONCOLOGIST, STATISTICIAN, Record
from trial_core.domain.access import Actor
from trial_core.domain.subject import Arm
from trial_core.errors import NotAuthorised
from trial_core.follow_up_errors import UnknownDataCut
from trial_core.protocols.reader import read_protocol
from trial_core.services import data_cuts
from trial_core.services.cut_pictures import pictures_of_cut
from trial_core.services.dose_models import pneumonitis_curves

PROTOCOL = read_protocol()


@pytest.fixture
def cut(record: Record) -> str:
    """The id of a cut with one run-in subject and four of IIb at two sites."""
    clinic = Clinic(record)
    clinic.enrol("S1-001")
    clinic.visit("S1-001", a_visit(43, 40.0))
    for number, (arm, actor) in enumerate(
        [(Arm.A, ONCOLOGIST), (Arm.B, ONCOLOGIST), (Arm.A, OTHER_ONCOLOGIST), (Arm.B, OTHER_ONCOLOGIST)]
    ):
        code = f"{actor.site_code}-1{number}"
        clinic.enrol(code, arm, actor=actor)
        clinic.visit(code, a_visit(43 + number, 25.0), actor)
        clinic.visit(code, a_visit(85 + number, 40.0 if number % 2 else 24.0), actor)
    clinic.death("S2-12", 100, OTHER_ONCOLOGIST)
    made = data_cuts.make_data_cut(
        record.db, record.store, PROTOCOL, STATISTICIAN, label="interim", cut_on=TODAY
    )
    return made.id


def _pictures(record: Record, actor: Actor = STATISTICIAN) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pictures_of_cut(record.db, record.store, actor, label="interim"))
    return found


@pytest.mark.usefixtures("cut")
def test_lanes__tell_the_course_of_each_subject_in_days_from_its_start(record: Record) -> None:
    lanes = {each["subject"]: each for each in _pictures(record)["phases"]["IIb"]["subjects"]}
    died = lanes["S2:S2-12"]
    assert (died["days"], died["died"], died["followed"]) == (100, True, False)
    assert [(each["day"], each["response"]) for each in died["responses"]] == [(45, "SD"), (87, "SD")]
    assert died["best_change_percent"] == -12.0
    progressed = lanes["S1:S1-11"]
    assert progressed["pfs"]["event"]
    assert [each["response"] for each in progressed["responses"]] == ["SD", "PD"]
    assert progressed["followed"]
    assert [each["group"] for each in _pictures(record)["phases"]["IIb"]["subjects"]] == ["A", "A", "B", "B"]


@pytest.mark.usefixtures("cut")
def test_forest__has_a_row_for_each_site_and_says_why_one_has_no_ratio(record: Record) -> None:
    rows = _pictures(record)["phases"]["IIb"]["forest"]["progression_free_survival"]
    assert [(each["factor"], each["level"]) for each in rows] == [("site", "S1"), ("site", "S2")]
    assert [each["subjects"] for each in rows] == [{"A": 1, "B": 1}, {"A": 1, "B": 1}]
    assert rows[0]["hazard_ratio"] is None
    assert rows[0]["why_none"]
    assert _pictures(record)["phases"]["IIa"]["forest"]["overall_survival"] == []


def test_released_cut__shows_numbers_for_codes_to_everybody_but_the_statistician(
    record: Record, cut: str
) -> None:
    with pytest.raises(NotAuthorised):
        _pictures(record, MONITOR)
    with pytest.raises(NotAuthorised):
        data_cuts.readable_cut(record.db, MONITOR, cut_id=cut)
    data_cuts.release_data_cut(record.db, OFFICE, label="interim", reason="board of 2026-02-01")
    text = json.dumps(_pictures(record, MONITOR))
    assert "S1-1" not in text
    assert "S2-1" not in text
    lanes = _pictures(record, MONITOR)["phases"]["IIb"]["subjects"]
    assert [each["subject"] for each in lanes] == ["1", "2", "3", "4"]
    assert data_cuts.readable_cut(record.db, MONITOR, cut_id=cut).label == "interim"
    with pytest.raises(NotAuthorised):
        data_cuts.readable_cut(record.db, OFFICE, cut_id=cut)


def test_cut__that_nobody_made_is_unknown_to_the_statistician_alone(record: Record) -> None:
    with pytest.raises(UnknownDataCut):
        data_cuts.readable_cut(record.db, STATISTICIAN, cut_id="f" * 32)
    with pytest.raises(NotAuthorised):
        data_cuts.readable_cut(record.db, MONITOR, cut_id="f" * 32)


def test_pneumonitis_curves__rise_from_near_nothing_and_pass_the_models_own_medians() -> None:
    for name, points in pneumonitis_curves().items():
        shares = [share for _, share in points]
        assert shares == sorted(shares), name
        assert shares[0] < 0.03
        assert 29 < next(dose for dose, share in points if share >= 0.5) < 32, name
