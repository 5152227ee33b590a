"""What waits for the person who asks, by what their role may do: the most urgent first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from trial_core.domain.access import Permission, may
from trial_core.domain.serious_events import ReportClock
from trial_core.domain.study_state import StudyState
from trial_core.services import (
    allocation_lists,
    data_cuts,
    deaths,
    safety,
    sets_to_submit,
    study,
)
from trial_core.services.plans_waiting import PlanWait, WaitingPlan
from web.components.marks import Mark
from web.house import actor, house
from web.reading.once import accrued, glances
from web.reading.study_protocol import protocol
from web.words import t, tn

_URGENCY = (Mark.STOP, Mark.WARN, Mark.OPEN, Mark.PENDING)


@dataclass(frozen=True, kw_only=True)
class Todo:
    """One line: what waits, how urgent, and where it is done."""

    meant: Mark
    words: str
    href: str


def todos(waiting: Sequence[WaitingPlan]) -> tuple[Todo, ...]:
    """List what the person who asks can do today; `waiting` are the plans that wait, as they may see them."""
    found = [one for permission, source in _SOURCES if may(actor().role, permission) for one in source()]
    for permission, wait in _WAITS:
        if may(actor().role, permission):
            found += _plans(wait, waiting)
    return tuple(sorted(found, key=lambda one: _URGENCY.index(one.meant)))


def _serious() -> Iterator[Todo]:
    clocks = [each.clock for each in safety.serious_events(house().db, actor())]
    late, running = clocks.count(ReportClock.OVERDUE), clocks.count(ReportClock.RUNNING)
    if late:
        words = tn(
            "{n} serious event is not reported, its 24 hours are over",
            "{n} serious events are not reported, their 24 hours are over",
            late,
        )
        yield Todo(meant=Mark.STOP, words=words, href="/study#serious")
    if running:
        words = tn(
            "{n} serious event is to be reported within 24 hours",
            "{n} serious events are to be reported within 24 hours",
            running,
        )
        yield Todo(meant=Mark.WARN, words=words, href="/study#serious")


def _plans(wait: PlanWait, waiting: Sequence[WaitingPlan]) -> Iterator[Todo]:
    found = [each for each in waiting if each.waits_for is wait]
    if found:
        meant = Mark.WARN if any(each.overdue for each in found) else Mark.OPEN
        yield Todo(meant=meant, words=_wait_words(wait, found), href="#plans")


def _wait_words(wait: PlanWait, found: list[WaitingPlan]) -> str:
    n = len(found)
    match wait:
        case PlanWait.SUBMISSION:
            return tn("{n} subject has no plan on record", "{n} subjects have no plan on record", n)
        case PlanWait.PERSON:
            return tn(
                "{n} plan set: say whose files these are", "{n} plan sets: say whose files these are", n
            )
        case PlanWait.DECISION:
            return tn("{n} plan waits for a decision", "{n} plans wait for a decision", n)
        case PlanWait.NEW_PLAN:
            return tn("{n} rejected plan is to be replaced", "{n} rejected plans are to be replaced", n)


def _queries() -> Iterator[Todo]:
    found = glances()
    n = sum(len(each.open_queries) for each in found)
    if n:
        words = tn("{n} open query is to be answered", "{n} open queries are to be answered", n)
        yield Todo(meant=Mark.OPEN, words=words, href="#queries")


def _sets() -> Iterator[Todo]:
    found = sets_to_submit.sets_to_submit(house().db, actor())
    own, n = sum(each.is_own for each in found.checked), len(found.received)
    if own:
        words = tn(
            "{n} set of yours is checked and not submitted",
            "{n} sets of yours are checked and not submitted",
            own,
        )
        yield Todo(meant=Mark.OPEN, words=words, href="#sets")
    if n:
        words = tn("{n} set waits in the inbox", "{n} sets wait in the inbox", n)
        yield Todo(meant=Mark.OPEN, words=words, href="/inbox")


def _screening() -> Iterator[Todo]:
    sites = accrued().sites
    n = sum(each.in_screening for each in sites)
    if n:
        words = tn("{n} subject is in screening", "{n} subjects are in screening", n)
        yield Todo(meant=Mark.PENDING, words=words, href="/subjects")


def _deaths() -> Iterator[Todo]:
    listed = deaths.deaths_to_judge(house().db, actor())
    mine = [each for each in listed if each.waits and each.own is None and not each.own_site]
    if mine:
        words = tn(
            "{n} death waits for your adjudication", "{n} deaths wait for your adjudication", len(mine)
        )
        yield Todo(meant=Mark.STOP, words=words, href="/study#deaths")


def _study_steps() -> Iterator[Todo]:
    state = study.study_now(house().db).state
    if state is StudyState.HELD:
        yield Todo(meant=Mark.STOP, words=t("The study is held"), href="/study")
    if state not in (StudyState.RUN_IN, StudyState.OBSERVATION):
        return
    now = study.study_conditions(house().db, actor(), protocol=protocol())
    if state is StudyState.RUN_IN and now.run_in_enrolled == now.run_in_size:
        yield Todo(meant=Mark.OPEN, words=t("The run-in is full and can be closed"), href="/study")
    if state is StudyState.OBSERVATION and not now.missing_for_iib:
        yield Todo(meant=Mark.OPEN, words=t("Nothing is missing to open phase IIb"), href="/study")


def _lists() -> Iterator[Todo]:
    newest = {each.stratum: each for each in allocation_lists.list_states(house().db, actor())}
    n = sum(1 for each in newest.values() if each.exhausted)
    if n:
        words = tn("{n} randomisation list is used up", "{n} randomisation lists are used up", n)
        yield Todo(meant=Mark.WARN, words=words, href="/study#lists")


def _cuts() -> Iterator[Todo]:
    n = sum(1 for each in data_cuts.list_data_cuts(house().db, actor()) if not each.released)
    if n:
        words = tn("{n} data cut is not released", "{n} data cuts are not released", n)
        yield Todo(meant=Mark.PENDING, words=words, href="/outcomes")


_WAITS = (
    (Permission.SUBMIT_PLAN, PlanWait.SUBMISSION),
    (Permission.SUBMIT_PLAN, PlanWait.NEW_PLAN),
    (Permission.CONFIRM_IDENTITY, PlanWait.PERSON),
    (Permission.DECIDE_PLAN, PlanWait.DECISION),
)
_SOURCES: tuple[tuple[Permission, Callable[[], Iterator[Todo]]], ...] = (
    (Permission.REPORT_SAFETY, _serious),
    (Permission.ADJUDICATE, _deaths),
    (Permission.CONDUCT_STUDY, _study_steps),
    (Permission.SUBMIT_PLAN, _sets),
    (Permission.ENTER_CLINICAL, _queries),
    (Permission.MANAGE_SUBJECTS, _screening),
    (Permission.MANAGE_LISTS, _lists),
    (Permission.RELEASE_DATA_CUT, _cuts),
)
