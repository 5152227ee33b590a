"""A course read from files whose names do not tell whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from imaging.course import Course, read_course
from imaging.findings import Finding
from imaging.received import Intake
from trial_core.domain.hidden_names import names_without_patient
from trial_core.domain.identity import PatientIdentity


def read_cleared(intake: Intake) -> Course:
    """Read a course; where names of files hold the patient's name, birth date or PatientID, under others.

    Only the files say who the patient is: where their names have to change they are read once more, so that
    no finding, no reason and no list of the report can bear the old ones.
    """
    course = read_course(intake)
    names = [*(file.name for file in intake.files), *(one.file for one in intake.findings if one.file)]
    new_names = names_without_patient(names, identities_of(course))
    return read_course(_renamed(intake, new_names)) if new_names else course


def identities_of(course: Course) -> list[PatientIdentity]:
    """Give every distinct identity in the files."""
    return [
        PatientIdentity(one.patient_id or "", one.name or "", one.birth_date or "")
        for one in course.identities
    ]


def _renamed(intake: Intake, new_names: Mapping[str, str]) -> Intake:
    files = [replace(file, name=new_names.get(file.name, file.name)) for file in intake.files]
    return Intake(
        tuple(sorted(files, key=lambda file: (file.name, file.sha256, file.path))),
        tuple(_cleared(finding, new_names) for finding in intake.findings),
    )


def _cleared(finding: Finding, new_names: Mapping[str, str]) -> Finding:
    message, file = finding.message, finding.file
    for name in sorted(new_names, key=len, reverse=True):
        message = message.replace(name, new_names[name])
    return replace(finding, message=message, file=new_names.get(file, file) if file else file)
