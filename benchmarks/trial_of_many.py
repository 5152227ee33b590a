"""Many synthetic subjects with two checked plans each, on record: what an amendment has checked again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pydicom

from imaging.synthetic.course import CourseSize, write_course
from tests.support.small_course import read_files
from tests.trial_core import enrolling
from tests.workers.installation import Installation
from trial_core.domain.access import SYSTEM, Role
from trial_core.services import sites, submissions
from workers.jobs import run_job

SITE = "S02"


@dataclass(frozen=True)
class Trial:
    """The installation as its oncologist sees it, and a folder of files for each subject."""

    home: Installation
    courses: tuple[Path, ...]


def put_on_record(home: Installation, folder: Path, subjects: int) -> Trial:
    """Enrol subjects, and submit, check and confirm a course of LDRT and CFRT for each."""
    sites.create_site(home.db, SYSTEM, code=SITE, name="A busy hospital")
    staff = enrolling.add_person(home.db, Role.RADIATION_ONCOLOGIST, SITE)
    signer = enrolling.add_person(home.db, Role.INVESTIGATOR, SITE)
    theirs = replace(home, actor=staff)
    codes = [f"{SITE}-{number:03d}" for number in range(1, subjects + 1)]
    for code in codes:
        enrolling.enrol(home.db, staff, signer, code, enrolling.protocol_of(run_in=10 * subjects))
    return Trial(theirs, _checked(theirs, folder, codes))


def _checked(home: Installation, folder: Path, codes: Sequence[str]) -> tuple[Path, ...]:
    courses = []
    for seed, code in enumerate(codes, start=1):
        print(f"subject {seed} of {len(codes)}", end="\r", file=sys.stderr, flush=True)
        course = folder / code
        files = write_course(course, seed=seed, size=CourseSize.SMALL)
        _submit(home, code, course, str(pydicom.dcmread(files[0], stop_before_pixels=True).PatientID))
        courses.append(course)
    return tuple(courses)


def _submit(home: Installation, code: str, course: Path, patient_id: str) -> None:
    ticket = home.submit(read_files(course), subject=code)
    run_job(home.workplace, ticket.job_id)
    submissions.confirm_identity(
        home.db,
        home.actor,
        submission_id=ticket.submission_id,
        identity_key=home.settings.secrets().identity_key,
        patient_id=patient_id,
    )
