"""Every version of a form is read by who may see its subject, and by nobody else."""

from __future__ import annotations

import pytest

from tests.trial_core.clinic import Clinic, a_visit, day
from tests.trial_core.record import OTHER_ONCOLOGIST, STAFF, Record
from trial_core.domain.clinical_forms import ClinicalForm, Contact
from trial_core.domain.time_line_entries import EntryKind
from trial_core.errors import UnknownSubject
from trial_core.follow_up_errors import UnknownForm
from trial_core.services import follow_up
from trial_core.services.form_history import form_history, newest_forms
from trial_core.services.subject_course import subject_course


@pytest.fixture
def clinic(record: Record) -> Clinic:
    return Clinic(record)


def test_history__tells_every_version_and_what_was_taken_back(clinic: Clinic) -> None:
    code, on = clinic.enrol(), day(9)
    clinic.contact(code, 9)
    corrected = follow_up.enter_contact(
        clinic.db,
        clinic.conduct,
        STAFF,
        code=code,
        contact=Contact(on=on, how="visit"),
        reason="it was a visit",
        seen_version=1,
    )
    follow_up.take_back_follow_up(
        clinic.db,
        clinic.conduct,
        STAFF,
        code=code,
        kind=ClinicalForm.CONTACT,
        occasion=on.isoformat(),
        reason="another subject",
    )
    versions = form_history(clinic.db, STAFF, code=code, form_id=corrected.id)
    assert [(each.version, each.void, each.content["how"]) for each in versions] == [
        (1, False, "telephone"),
        (2, False, "visit"),
        (3, True, "visit"),
    ]
    newest = {each.kind: each for each in newest_forms(clinic.db, STAFF, code=code)}
    assert newest["contact"].void


def test_history__of_another_subjects_form_is_not_told(clinic: Clinic) -> None:
    one, other = clinic.enrol("S1-001"), clinic.enrol("S1-002")
    clinic.contact(one, 9)
    form = next(each for each in newest_forms(clinic.db, STAFF, code=one) if each.kind == "contact")
    with pytest.raises(UnknownForm):
        form_history(clinic.db, STAFF, code=other, form_id=form.id)
    with pytest.raises(UnknownSubject):
        form_history(clinic.db, OTHER_ONCOLOGIST, code=one, form_id=form.id)


def test_course__has_the_record_delivery_and_time_line_of_one_moment(clinic: Clinic) -> None:
    code = clinic.enrol()
    clinic.treat(code)
    clinic.visit(code, a_visit(43, 25.0))
    course = subject_course(clinic.db, clinic.conduct, STAFF, code=code)
    kinds = [each.kind for each in course.time_line.entries]
    assert kinds[0] is EntryKind.CONSENT
    assert EntryKind.CYCLE_GIVEN in kinds
    assert EntryKind.ASSESSMENT in kinds
    assert course.delivery.courses == ()
