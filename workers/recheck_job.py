"""The re-check as a job: stored bytes through today's protocol, with the words of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trial_core.protocols.reader import read_protocol
from trial_core.services.recheck import RecheckEnd, finish_recheck, recheck_work
from workers.picture_job import keep_pictures
from workers.pipelines.plan_check import check_with_doses
from workers.pipelines.submitted_course import submitted_course
from workers.plan_check_job import SCRATCH, progress_of, read_stored
from workers.scratch import scratch_folder

if TYPE_CHECKING:
    from workers.heartbeat import Heartbeat
    from workers.workplace import Tell, Workplace


def run_recheck(workplace: Workplace, heartbeat: Heartbeat, tell: Tell | None = None) -> None:
    """Check one submission again and end its job, together with its result, in one transaction.

    Raises
    ------
    LeaseLost, StoppedError, OtherFiles
        nothing was written.
    """
    progress = progress_of(heartbeat, tell)
    work = recheck_work(workplace.db, claim=heartbeat.claim)
    with scratch_folder(workplace.settings.data_folder / SCRATCH) as scratch:
        course = read_stored(workplace.store, work.files, scratch, progress)
        checked = check_with_doses(
            course, read_protocol(), accepted=work.accepted, names=work.names, progress=progress
        )
        end = finish_recheck(
            workplace.db,
            workplace.store,
            claim=heartbeat.claim,
            report=checked.report,
            accepted=work.accepted,
            course=submitted_course(course, checked.report),
        )
        if end in (RecheckEnd.NEW_RESULT, RecheckEnd.UNCHANGED):
            keep_pictures(workplace.store, checked)
