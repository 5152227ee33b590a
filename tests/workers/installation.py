"""A real installation for tests: SQLite, the store, one site, one oncologist and one enrolled subject."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.support.small_course import small_course_files
from tests.trial_core import enrolling
from trial_core.db.migrate import migrate
from trial_core.db.session import Database, utc_now
from trial_core.domain.access import SYSTEM, Actor, Role
from trial_core.domain.plan import JobTicket, SubmissionSummary
from trial_core.services import accounts, sites, submissions, uploads
from trial_core.settings import Settings, read_settings
from trial_core.store import Store
from workers.workplace import Workplace

SUBJECT = "S01-001"
PASSWORD = "a long enough password"


class MovedClock:
    """The database's clock, moved by the test."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@dataclass(frozen=True)
class Installation:
    """What a test works on."""

    settings: Settings
    db: Database
    store: Store
    actor: Actor

    @property
    def workplace(self) -> Workplace:
        """A worker's view of it."""
        return Workplace(self.settings, self.db, self.store)

    def submit(
        self, files: Mapping[str, bytes], *, subject: str = SUBJECT, records_only: bool = False
    ) -> JobTicket:
        """Submit files for a subject as a browser would."""
        submission = self.send(files, subject=subject, records_only=records_only)
        return uploads.complete_submission(self.db, self.actor, submission_id=submission)

    def send(self, files: Mapping[str, bytes], *, subject: str = SUBJECT, records_only: bool = False) -> str:
        """Send files for a subject and submit nothing: the submission's id."""
        submission = uploads.begin_submission(
            self.db, self.actor, subject_code=subject, records_only=records_only
        )
        for name, data in files.items():
            upload = uploads.begin_file(
                self.db, self.store, self.actor, submission_id=submission, name=name, size_bytes=len(data)
            )
            uploads.append_chunk(
                self.db,
                self.store,
                self.actor,
                upload_id=upload.upload_id,
                offset_bytes=0,
                stream=io.BytesIO(data),
            )
        return submission

    def summary(self, ticket: JobTicket) -> SubmissionSummary:
        """Give the submission as its page shows it."""
        return submissions.submission_view(self.db, self.actor, submission_id=ticket.submission_id).summary


def small_cfrt_files() -> dict[str, bytes]:
    """Give the small synthetic course but for its LDRT plan: half the work of a whole check."""
    return {name: data for name, data in small_course_files().items() if "LDRT" not in name}


@contextmanager
def installation(
    folder: Path, *, environment: Mapping[str, str] | None = None, now: Callable[[], datetime] | None = None
) -> Iterator[Installation]:
    """Make an installation in a folder and close it afterwards."""
    settings = read_settings({"DOSEGATE_DATA": str(folder / "data"), **(environment or {})})
    db = Database(settings.database_url, audit=settings.audit_outside(), now=now)
    try:
        migrate(db)
        yield Installation(settings, db, Store(settings.store_folder), _people_and_subject(db))
    finally:
        db.close()


def _people_and_subject(db: Database) -> Actor:
    sites.create_site(db, SYSTEM, code="S01", name="A hospital")
    actor = accounts.create_user(
        db,
        SYSTEM,
        login="oncologist",
        password=PASSWORD,
        role=Role.RADIATION_ONCOLOGIST,
        full_name="An oncologist",
        site_code="S01",
    )
    signer = enrolling.add_person(db, Role.INVESTIGATOR, "S01")
    enrolling.use_consent_form(db, enrolling.add_person(db, Role.ADMINISTRATOR))
    enrolling.enrol(db, actor, signer, SUBJECT, enrolling.protocol_of())
    return actor
