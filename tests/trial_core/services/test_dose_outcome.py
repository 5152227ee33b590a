"""Dose beside outcome: the table's rows, models' figures and counts; arm B has none by design."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.trial_core.clinic import TODAY, Clinic, a_visit, day
from tests.trial_core.domain.rows import a_row
from tests.trial_core.record import KEY, ONCOLOGIST, STATISTICIAN, WANG, Record, report_on
from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.report import CourseReport, ResultRow
from trial_core.domain.subject import Arm
from trial_core.domain.toxicity import AdverseEvent, GradeFrom
from trial_core.errors import NotAuthorised
from trial_core.protocols.reader import read_protocol
from trial_core.services import data_cuts, results, toxicity, whose_files
from trial_core.services.dose_outcome import dose_outcome_csv, dose_response_of_cut

PROTOCOL = read_protocol()


@pytest.fixture
def clinic(record: Record) -> Clinic:
    """A treated run-in subject with a checked plan and pneumonitis, one in arm A without plan, one in B."""
    clinic = Clinic(record)
    clinic.enrol("S1-001")
    treat_and_grade(clinic, "S1-001", 2)
    check_plan(clinic, "S1-001", a_report())
    for code, arm in (("S1-002", Arm.A), ("S1-003", Arm.B)):
        clinic.enrol(code, arm)
    clinic.visit("S1-001", a_visit(43, 40.0))
    data_cuts.make_data_cut(clinic.db, record.store, PROTOCOL, STATISTICIAN, label="=cut", cut_on=TODAY)
    return clinic


def treat_and_grade(clinic: Clinic, code: str, grade: int) -> None:
    clinic.treat(code)
    event = AdverseEvent(
        id="",
        subject="",
        version="5.0",
        term="Pneumonitis",
        grades=(GradeFrom(on=day(40), grade=grade),),
    )
    toxicity.record_event(clinic.db, PROTOCOL, ONCOLOGIST, code=code, event=event)


def a_report() -> CourseReport:
    rows = [
        a_dose_row("Mean[Gy]", 15.0, "sum, EQD2 3", 3.0),
        a_dose_row("Mean[Gy]", 20.0, "sum, physical", None),
        a_dose_row("V20Gy[%]", 18.0, "sum, physical", None),
    ]
    return replace(report_on(b"plan"), results=tuple(rows))


def a_dose_row(metric: str, value: float, scope: str, alpha_beta_gy: float | None) -> ResultRow:
    kind = ScopeKind.SUM_PHYSICAL if alpha_beta_gy is None else ScopeKind.SUM_EQD2
    row = a_row(1, Verdict.PER_PROTOCOL, structure="Lungs", metric=metric)
    return replace(row, value=value, scope_kind=kind, scope=scope, alpha_beta_gy=alpha_beta_gy, plan_key=None)


def check_plan(clinic: Clinic, code: str, report: CourseReport) -> None:
    record = clinic.record
    ticket = record.submit(code)
    results.finish_plan_check(
        record.db,
        record.store,
        identity_key=KEY,
        claim=record.claim(ticket.job_id),
        report=report,
        identities=(WANG,),
        sop_instance_uids=("1.2.3",),
    )
    whose_files.confirm_identity(
        record.db,
        ONCOLOGIST,
        identity_key=KEY,
        submission_id=ticket.submission_id,
        patient_id=WANG.patient_id,
    )


def table(clinic: Clinic) -> list[dict[str, str]]:
    data = dose_outcome_csv(clinic.db, clinic.record.store, STATISTICIAN, label="=cut")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def response(clinic: Clinic) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        dose_response_of_cut(clinic.db, clinic.record.store, STATISTICIAN, label="=cut")
    )
    return found


def test_the_table__has_a_row_a_subject_and_metric_with_the_outcome_beside_it(clinic: Clinic) -> None:
    rows = [row for row in table(clinic) if row["subject"] == "S1-001"]
    (mean,) = [each for each in rows if (each["scope"], each["metric"]) == ("sum, EQD2 3", "Mean[Gy]")]
    assert (mean["value"], mean["unit"], mean["dose_state"]) == ("15.0", "Gy", "evaluated")
    assert (mean["pneumonitis_grade"], mean["lymphopenia_grade"]) == ("2", "0")
    assert (mean["pfs_days"], mean["pfs_event"], mean["pfs_reason"]) == ("43", "1", "5 progression")
    assert float(_value(rows, "sum, EQD2 3", "NTCP pneumonitis, QUANTEC")) == pytest.approx(0.1213, abs=5e-5)
    lkb = _value(rows, "sum, physical", "NTCP pneumonitis, LKB Seppenwoolde")
    assert float(lkb) == pytest.approx(0.1716, abs=5e-5)


def test_a_dose_that_is_missing__says_why_is_never_zero_and_no_text_is_a_formula(clinic: Clinic) -> None:
    states = {row["subject"]: (row["value"], row["dose_state"]) for row in table(clinic) if not row["metric"]}
    assert states == {
        "S1-002": ("", "no verified plan check"),
        "S1-003": ("", "no radiotherapy by design"),
    }

    (edic,) = [row for row in table(clinic) if row["metric"] == "EDIC[Gy]"]
    assert (edic["value"], edic["dose_state"]) == ("", "not evaluable")
    assert edic["dose_reason"] == "no plan was checked"

    assert {row["cut"] for row in table(clinic)} == {"'=cut"}  # a text that is no formula


def test_predictions__stand_beside_observed_counts_in_each_group_by_itself(clinic: Clinic) -> None:
    found = response(clinic)
    quantec = _figure(found["IIa"]["run-in"], "NTCP pneumonitis, QUANTEC", "sum, EQD2 3")
    assert (quantec["n"], quantec["observed"]) == (1, 1)
    assert quantec["expected"] == pytest.approx(0.1213, abs=5e-5)
    assert _figure(found["IIa"]["run-in"], "V20Gy[%]", "sum, physical")["with_event"] == [18.0]
    assert found["IIb"]["B"]["without_dose"] == {"no radiotherapy by design": 1}
    assert found["IIb"]["A"]["without_dose"] == {"no verified plan check": 1}


def test_the_table__is_the_statisticians_and_the_same_after_the_plan_was_checked_anew(clinic: Clinic) -> None:
    with pytest.raises(NotAuthorised):
        dose_outcome_csv(clinic.db, clinic.record.store, ONCOLOGIST, label="=cut")
    before = dose_outcome_csv(clinic.db, clinic.record.store, STATISTICIAN, label="=cut")
    other = replace(a_report(), results=(a_report().results[0],), code_version="2")
    ticket = clinic.record.submit("S1-001", b"another plan")
    results.finish_plan_check(
        clinic.db,
        clinic.record.store,
        identity_key=KEY,
        claim=clinic.record.claim(ticket.job_id),
        report=other,
        identities=(WANG,),
        sop_instance_uids=("1.2.4",),
    )
    assert dose_outcome_csv(clinic.db, clinic.record.store, STATISTICIAN, label="=cut") == before


def test_lymphopenia__is_found_by_the_name_that_it_has_in_version_6(clinic: Clinic) -> None:
    event = AdverseEvent(
        id="", subject="", version="6.0", term="Lymphopenia", grades=(GradeFrom(on=day(40), grade=1),)
    )
    toxicity.record_event(clinic.db, PROTOCOL, ONCOLOGIST, code="S1-001", event=event)
    store = clinic.record.store
    data_cuts.make_data_cut(clinic.db, store, PROTOCOL, STATISTICIAN, label="later", cut_on=TODAY)
    data = dose_outcome_csv(clinic.db, store, STATISTICIAN, label="later").decode("utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(data, newline="")) if row["subject"] == "S1-001"]
    assert {(row["lymphopenia_grade"], row["ctcae_versions"]) for row in rows} == {("1", "5.0 6.0")}


def _value(rows: list[dict[str, str]], scope: str, metric: str) -> str:
    (found,) = [row["value"] for row in rows if (row["scope"], row["metric"]) == (scope, metric)]
    return found


def _figure(group: dict[str, Any], figure: str, scope: str) -> dict[str, Any]:
    (found,) = [each for each in group["pneumonitis"] if (each["figure"], each["scope"]) == (figure, scope)]
    return dict(found)
