"""Names of files from before they were cleared of the patient: replaced on the record, reports made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from trial_core.db.repositories import files, names_on_record, results, submissions
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM
from trial_core.domain.hidden_names import names_without_patient
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.plan import SubmissionFinding, SubmissionState, SubmittedFile
from trial_core.domain.report_json import report_from_json
from trial_core.errors import UnknownSubmission
from trial_core.services.journal import note
from trial_core.services.recheck import queue_recheck
from trial_core.store import Store

_WHY_AGAIN = "the names of its files told whose they are"


@dataclass(frozen=True)
class ClearedSet:
    """What was done to one set.

    Attributes
    ----------
    renamed
        Files that have another name now.
    job_id
        Of the re-check that makes the report anew; None where the report tells nothing.
    waits
        The report tells the patient's name, and cannot be made anew before somebody has confirmed the set.
    """

    renamed: int
    job_id: str | None
    waits: bool

    @property
    def is_touched(self) -> bool:
        """Whether anything of it told the patient's name."""
        return self.renamed > 0 or self.job_id is not None or self.waits


def sets_with_files(db: Database) -> tuple[str, ...]:
    """List every submission whose bytes are kept and whose first check is over."""
    with db.read() as connection:
        return names_on_record.sets_with_files(connection)


def files_of(db: Database, *, submission_id: str) -> tuple[SubmittedFile, ...]:
    """Give the files of a submission as they are named on the record."""
    with db.read() as connection:
        return files.kept(connection, submission_id)


def clear_names(
    db: Database, store: Store, *, submission_id: str, identities: Sequence[PatientIdentity]
) -> ClearedSet:
    """Replace names of files that hold the patient's name, birth date or PatientID, and what findings say.

    A report on record is never changed, for people have signed it: where it tells such names the set is
    checked again, and its new report takes the old one's place. Done twice it changes nothing.

    Parameters
    ----------
    identities
        Every one that the files themselves name.

    Raises
    ------
    UnknownSubmission
    """
    with db.transaction() as connection:
        submission = submissions.find(connection, submission_id)
        if submission is None:
            raise UnknownSubmission(submission_id)
        renamed = _rename(connection, submission, identities)
        tells = _report_tells(connection, store, submission_id, identities)
        again = tells and submission.state is SubmissionState.CHECKED
        if renamed:
            note(
                connection,
                db,
                SYSTEM,
                action="clear names of files",
                entity="submission",
                entity_id=submission_id,
                files=renamed,
            )
        job = queue_recheck(connection, db, SYSTEM, submission_id, _WHY_AGAIN) if again else None
    return ClearedSet(renamed, job, waits=tells and not again)


def _rename(
    connection: Connection, submission: submissions.Submission, identities: Sequence[PatientIdentity]
) -> int:
    """Rename files, and what findings say of them or of files within an archive; gives the files' number."""
    kept = [file.name for file in files.kept(connection, submission.id)]
    said = [finding.file for finding in submission.findings if finding.file]
    new_names = names_without_patient([*kept, *said], identities)
    of_files = {name: new for name, new in new_names.items() if name in kept}
    files.rename(connection, submission.id, of_files)
    findings = [_cleared(finding, new_names) for finding in submission.findings]
    if findings != list(submission.findings):
        submissions.set_findings(connection, submission_id=submission.id, findings=findings)
    return len(of_files)


def _cleared(finding: SubmissionFinding, new_names: Mapping[str, str]) -> SubmissionFinding:
    message = finding.message
    for name in sorted(new_names, key=len, reverse=True):
        message = message.replace(name, new_names[name])
    return replace(finding, message=message, file=new_names.get(finding.file or "", finding.file))


def _report_tells(
    connection: Connection, store: Store, submission_id: str, identities: Sequence[PatientIdentity]
) -> bool:
    standing = results.of_submission(connection, submission_id)[-1:]
    if not standing:
        return False
    report = report_from_json(store.read(standing[0].report_sha256))
    return bool(names_without_patient([file.name for file in report.inputs], identities))
