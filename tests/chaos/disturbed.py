"""One run: sets are submitted through the web and checked, while what runs is killed at random moments."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tests.chaos.person import Person
from tests.chaos.victims import Hospital
from tests.workers.installation import SUBJECT, Installation
from trial_core.domain.jobs import ATTEMPTS_CAP, JobState
from trial_core.services import uploads
from trial_core.system_errors import RecordAway, RecordBusy
from workers.queue import ring

IN_HAND = 6
"""So many sets are under way at once, as at a trial's busiest hour."""
_UNANSWERED = (SQLAlchemyError, RecordBusy, RecordAway)


@dataclass(frozen=True)
class Rate:
    """How often something is killed, how long a server stays away, what is killed, and how often at most."""

    shortest_s: float
    longest_s: float
    away_s: float
    victims: Sequence[str]
    most: int | None = None


@dataclass
class Killer:
    """Kills until told to stop, from a thread of its own; the same seed, the same order of victims."""

    home: Installation
    hospital: Hospital
    rate: Rate
    chance: random.Random
    killed: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    problem: BaseException | None = None

    def run(self) -> None:
        """Kill every kind once before any is killed again."""
        ahead: list[str] = []
        try:
            while not self.over.wait(self.chance.uniform(self.rate.shortest_s, self.rate.longest_s)):
                ahead = ahead or self.chance.sample(list(self.rate.victims), len(self.rate.victims))
                if not self._last_attempt_under_way():
                    self._kill(ahead[-1])
                    self.killed.append(ahead.pop())
                if len(self.killed) == self.rate.most:
                    return
        except BaseException as problem:  # noqa: BLE001 - a thread's: the test raises it
            self.problem = problem

    def _kill(self, victim: str) -> None:
        hospital = self.hospital
        match victim:
            case "worker":
                hospital.workers.kill_a_child(self.chance)
            case "workers":
                hospital.workers.kill()
            case "web process":
                hospital.web.kill_a_child(self.chance)
            case "web":
                hospital.web.kill()
            case "redis":
                hospital.redis.kill()
                self._stay_away()
                hospital.redis.start()
            case "postgres":
                hospital.postgres.kill()
                self._stay_away()
                hospital.postgres.start()

    def _stay_away(self) -> None:
        time.sleep(self.chance.uniform(0, self.rate.away_s))

    def _last_attempt_under_way(self) -> bool:
        """Tell whether the next death could be a job's third, after which it stops as it should."""
        asked = text("SELECT count(*) FROM job WHERE attempts >= :last AND state IN ('running', 'waiting')")
        try:
            with self.home.db.read() as connection:
                return bool(connection.execute(asked, {"last": ATTEMPTS_CAP - 1}).scalar())
        except _UNANSWERED:
            return True


@dataclass(frozen=True)
class Sent:
    """A set that the server acknowledged: which, and its submission."""

    course: int
    submission_id: str


def submit_all(
    home: Installation,
    hospital: Hospital,
    courses: Sequence[Mapping[str, bytes]],
    limit_s: float,
) -> list[Sent]:
    """Send every set, have it looked into, then submit it; return once all jobs are over."""
    person = Person(hospital.port, home.actor.login)
    sent, looked_into, submitted = list[Sent](), set[str](), set[str]()
    end = time.monotonic() + limit_s
    while len(submitted) < len(courses) or not _all_over(home, submitted):
        assert time.monotonic() < end, f"{len(submitted)} of {len(courses)} are submitted\n{hospital.logs()}"
        if len(sent) < min(len(courses), len(_over(home, submitted)) + IN_HAND):
            sent.append(Sent(len(sent), person.submit(SUBJECT, courses[len(sent)])))
        for each in (each for each in sent if each.submission_id not in submitted):
            looked_into |= _over(home, {each.submission_id}, "precheck")
            if each.submission_id in looked_into and _complete(home, each.submission_id):
                submitted.add(each.submission_id)
        _take_back_what_the_dead_held(home)
        time.sleep(0.05)
    return sent


def _complete(home: Installation, submission_id: str) -> bool:
    try:
        ticket = uploads.complete_submission(home.db, home.actor, submission_id=submission_id)
    except _UNANSWERED:
        return False
    ring(home.settings, ticket.job_id)
    return True


def _all_over(home: Installation, submissions: set[str]) -> bool:
    return _over(home, submissions) == submissions


def _over(home: Installation, submissions: set[str], kind: str = "plan_check") -> set[str]:
    """Which of the submissions have a job of a kind that is over; none while the database is away."""
    asked = text("SELECT submission_id FROM job WHERE kind = :kind AND state IN ('done', 'failed')")
    try:
        with home.db.read() as connection:
            return set(connection.execute(asked, {"kind": kind}).scalars()) & submissions
    except _UNANSWERED:
        return set()


def _take_back_what_the_dead_held(home: Installation) -> None:
    """Shorten the wait for a lease: who has missed two heartbeats is taken for dead."""
    asked = text(
        "UPDATE job SET lease_expires_at = heartbeat_at WHERE state = :state"
        " AND CAST(heartbeat_at AS timestamptz) < now() - interval '25 seconds'"
    )
    try:
        with home.db.transaction() as connection:
            connection.execute(asked, {"state": JobState.RUNNING.value})
    except _UNANSWERED:
        return
