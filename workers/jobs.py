"""One job from claim to end: heartbeat, pipeline, result and state in one transaction."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from trial_core.domain.jobs import JobKind
from trial_core.errors import LeaseLost, SettingError, StoreFull, TrialError
from trial_core.services import jobs
from trial_core.services.journal import on_request
from trial_core.services.watching import note_stages
from trial_core.system_errors import RecordSilent, is_full_disk
from workers.heartbeat import Heartbeat, StoppedError
from workers.plan_check_job import run_plan_check
from workers.precheck_job import run_precheck
from workers.recheck_job import run_recheck
from workers.worker_name import worker_name

if TYPE_CHECKING:
    from trial_core.domain.jobs import Claim
    from workers.workplace import Tell, Workplace

_log = logging.getLogger(__name__)

_NO_ROOM = "The server's disk is full: the check needs room for a copy of the files."
_MAY_GET_BETTER = (StoreFull, SettingError, RecordSilent)
"""Refusals that a person may mend while the job waits for its next attempt."""

_RUN = {
    JobKind.PLAN_CHECK: run_plan_check,
    JobKind.RECHECK: run_recheck,
    JobKind.PRECHECK: run_precheck,
}


def run_job(
    workplace: Workplace, job_id: str, *, tell: Tell | None = None, worker: str | None = None
) -> None:
    """Do one job, if it is still to be done: a job that another worker holds or has finished is left alone.

    Its entries in the audit trail bear its id as their request.

    Parameters
    ----------
    workplace
        What to work with.
    job_id
        The job's row.
    tell
        Also told of progress, as (stage, done, total).
    worker
        The name to claim it by; default: this process's.
    """
    with on_request(f"job-{job_id}"):
        try:
            claim = jobs.claim(workplace.db, job_id=job_id, worker=worker or worker_name())
            if claim is None:
                _log.info("Job %s is not to be had; left alone.", job_id)
                return
            _run_claimed(workplace, claim, tell)
        except LeaseLost:
            _log.warning("Job %s was given to another worker meanwhile; nothing was written.", job_id)
        except RecordSilent:
            _log.warning("Job %s: the record does not answer; it is tried again later.", job_id)


def _run_claimed(workplace: Workplace, claim: Claim, tell: Tell | None) -> None:
    with Heartbeat(workplace.db, claim, workplace.stop) as heartbeat:
        try:
            _RUN[claim.kind](workplace, heartbeat, tell)
            _note_stages(workplace, heartbeat)
        except LeaseLost:
            raise
        except StoppedError:
            _give_back(workplace, heartbeat)
        except TrialError as refusal:
            words = _NO_ROOM if isinstance(refusal, StoreFull) else refusal.message
            _fail(workplace, heartbeat, words, again=isinstance(refusal, _MAY_GET_BETTER))
        except (KeyboardInterrupt, SystemExit):
            _give_back(workplace, heartbeat)
            raise
        except Exception as problem:  # noqa: BLE001 - the border of a job: whatever it was must end on record
            _note_crash(claim, problem)
            _fail(workplace, heartbeat, _what_broke_off(problem), again=True)


def _note_stages(workplace: Workplace, heartbeat: Heartbeat) -> None:
    try:
        note_stages(workplace.db, heartbeat.claim.kind, heartbeat.stage_seconds())
    except (SQLAlchemyError, RecordSilent) as problem:  # the job is done all the same
        _log.warning("The times of job %s were not noted: %s", heartbeat.claim.job_id, type(problem).__name__)


def _what_broke_off(problem: Exception) -> str:
    if is_full_disk(problem):
        return _NO_ROOM
    return f"The check broke off ({type(problem).__name__})."


def _give_back(workplace: Workplace, heartbeat: Heartbeat) -> None:
    jobs.release(workplace.db, claim=heartbeat.claim)
    _log.info("Job %s: the worker was told to end; the next one does the work.", heartbeat.claim.job_id)


def _fail(workplace: Workplace, heartbeat: Heartbeat, error: str, *, again: bool) -> None:
    state = jobs.fail(workplace.db, claim=heartbeat.claim, error=error, again=again)
    _log.warning(
        "Job %s, attempt %d: %s Now %s.", heartbeat.claim.job_id, heartbeat.claim.attempt, error, state
    )


def _note_crash(claim: Claim, problem: Exception) -> None:
    # The places, not the message: a message may quote what stands in a patient's file.
    places = "".join(traceback.format_tb(problem.__traceback__))
    _log.error("Job %s broke off with %s at:\n%s", claim.job_id, type(problem).__name__, places)
