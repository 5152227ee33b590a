"""What a history cannot be used for as it stands: left out of the derivation, and asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from trial_core.domain.pfs_history import Assessment, PfsHistory
from trial_core.domain.queries import Query, QueryCode, in_order
from trial_core.domain.response import OverallResponse

_CORRECT_DATES = "Correct the date that is wrong."


def usable_history(history: PfsHistory) -> tuple[PfsHistory, tuple[Query, ...]]:
    """The history without what has no place in it, and the queries about it.

    Left out: what has no date, and what is dated before the start. Everything else counts as it stands,
    also where it contradicts something: a query says so, and nothing is chosen silently.
    """
    usable = replace(
        history,
        assessments=tuple(each for each in history.assessments if _is_placed(each, history.start)),
        therapies=tuple(
            each for each in history.therapies if _is_on_or_after(each.started_on, history.start)
        ),
        death_on=history.death_on if _is_on_or_after(history.death_on, history.start) else None,
    )
    queries = [
        *_about_baseline(history),
        *_about_assessments(history),
        *_about_therapies(history),
        *_about_death(history),
        *_about_order(usable),
        *_about_exit(history),
        *_about_clinical_progression(history),
    ]
    return usable, in_order(queries)


def _is_placed(assessment: Assessment, start: date) -> bool:
    days = [assessment.on] if not assessment.is_progression else [assessment.on, assessment.event_on]
    return all(_is_on_or_after(day, start) for day in days)


def _is_on_or_after(day: date | None, start: date) -> bool:
    return day is not None and day >= start


def _about_baseline(history: PfsHistory) -> Iterator[Query]:
    baseline = history.baseline
    if baseline is None or not baseline.adequate:
        return
    if baseline.on is None:
        yield _query(QueryCode.BASELINE, "baseline", "has no date and counts as none", "Enter its date.")
    elif baseline.on > history.start:
        message = f"of {baseline.on} lies after the start, {history.start}"
        yield _query(QueryCode.BASELINE, "baseline", message, "Correct the date, or say if it is adequate.")


def _about_assessments(history: PfsHistory) -> Iterator[Query]:
    for each in history.assessments:
        about = f"assessment {each.label}"
        if each.on is None:
            if each.is_adequate:
                yield _query(
                    QueryCode.DATE_MISSING, about, f"{each.overall} on no date is left out", "Enter its date."
                )
        elif not _is_placed(each, history.start):
            code = QueryCode.PROGRESSION_BEFORE_START if each.is_progression else QueryCode.BEFORE_START
            day = min(each.on, each.event_on or each.on)
            message = f"{each.overall} of {day} lies before the start, {history.start}, and is left out"
            yield _query(code, about, message, _CORRECT_DATES)
        elif each.event_on is not None and each.event_on > each.on:
            message = f"progression of {each.event_on} lies after its assessment of {each.on}"
            yield _query(QueryCode.PROGRESSION_DATE, about, message, _CORRECT_DATES)
    yield from _about_days(history)


def _about_days(history: PfsHistory) -> Iterator[Query]:
    by_day = defaultdict(set)
    for each in history.assessments:
        if each.on is not None:
            by_day[each.on].add(each.overall)
    for day, responses in by_day.items():
        if len(responses - {OverallResponse.NE}) > 1:
            words = " and ".join(sorted(responses - {OverallResponse.NE}))
            yield _query(
                QueryCode.SAME_DAY, f"assessments of {day}", f"{words} on one day", "Keep the right one."
            )


def _about_therapies(history: PfsHistory) -> Iterator[Query]:
    for each in history.therapies:
        about = f"therapy {each.label}"
        if each.started_on is None:
            if not each.per_protocol or not history.arm_has_radiotherapy:
                yield _query(
                    QueryCode.DATE_MISSING, about, "has no start and is left out", "Enter its start."
                )
        elif each.started_on < history.start:
            message = f"of {each.started_on} lies before the start, {history.start}, and is left out"
            action = "Correct the date, or say how it could be: therapy before the trial excludes a subject."
            yield _query(QueryCode.PRIOR_THERAPY, about, message, action)


def _about_death(history: PfsHistory) -> Iterator[Query]:
    if history.death_on is None:
        return
    if history.death_on < history.start:
        message = f"of {history.death_on} lies before the start, {history.start}, and is left out"
        yield _query(QueryCode.DEATH_BEFORE_START, "death", message, _CORRECT_DATES)
        return
    dated = [(f"assessment {each.label}", each.on) for each in history.assessments]
    dated += [(f"therapy {each.label}", each.started_on) for each in history.therapies]
    dated += [("clinical progression", on) for on in history.clinical_progressions]
    for about, on in dated:
        if on is not None and on > history.death_on:
            message = f"of {on} lies after the death of {history.death_on}"
            yield _query(QueryCode.AFTER_DEATH, about, message, _CORRECT_DATES)


def _about_order(history: PfsHistory) -> Iterator[Query]:
    progressions = [
        (each.event_on, each.on or each.event_on) for each in history.assessments if each.event_on
    ]
    if not progressions:
        return
    first, shown_on = min(progressions)
    for each in history.assessments:
        if each.is_progression or not each.is_adequate or each.on is None or each.on <= first:
            continue
        about = f"assessment {each.label}"
        if each.on > shown_on:
            message = f"{each.overall} of {each.on} follows the progression of {first}"
            yield _query(QueryCode.AFTER_PROGRESSION, about, message, "Say which one is right.")
        else:
            message = f"{each.overall} of {each.on}, but progression is dated {first}, before it"
            yield _query(QueryCode.PROGRESSION_DATE, about, message, _CORRECT_DATES)


def _about_exit(history: PfsHistory) -> Iterator[Query]:
    left = history.left
    if left is None:
        return
    if left.on < history.start:
        yield _query(
            QueryCode.BEFORE_START, str(left.kind), f"of {left.on} lies before the start", _CORRECT_DATES
        )
    for each in history.assessments:
        if each.on is not None and each.on > left.on:
            message = f"of {each.on} lies after {left.kind}, {left.on}; it counts as it stands"
            yield _query(
                QueryCode.AFTER_LEAVING,
                f"assessment {each.label}",
                message,
                "Say if it may be used, and why.",
            )


def _about_clinical_progression(history: PfsHistory) -> Iterator[Query]:
    if any(each.is_progression for each in history.assessments):
        return
    for on in history.clinical_progressions:
        yield _query(
            QueryCode.CLINICAL_PROGRESSION,
            f"clinical progression of {on}",
            "without imaging it is no progression",
            "Enter the imaging, or say that there is none.",
        )


def _query(code: QueryCode, about: str, message: str, action: str) -> Query:
    return Query(code=code, about=about, message=message, action=action)
