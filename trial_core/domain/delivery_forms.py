"""What people enter about delivery: a fraction without machine record, a regimen's end, a deviation seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from trial_core.domain.consent import Consent, had_consented
from trial_core.domain.delivered_fractions import BeamRecord, DeliveredFraction, DeliverySource
from trial_core.domain.delivery_deviations import DeliveryDeviation, DeliveryDeviationKind
from trial_core.domain.queries import Query, QueryCode

_KEY_CHARACTERS = 32
_COMPARE = "Compare with the record-and-verify system, and correct the record that is wrong."


@dataclass(frozen=True, kw_only=True)
class TypedFraction:
    """A fraction that a person enters; `plan` is its SOP Instance UID, or a name where none was submitted."""

    plan: str
    fraction: int
    on: date
    partial: bool = False


@dataclass(frozen=True, kw_only=True)
class RadiotherapyEnd:
    """The regimen will not go on, whether complete or not, and why."""

    regimen: str
    on: date
    words: str


@dataclass(frozen=True, kw_only=True)
class DeviationAcknowledged:
    """What a person said to a deviation, and to which of its fractions."""

    kind: DeliveryDeviationKind
    plan: str
    fractions: tuple[int, ...]
    words: str


@dataclass(frozen=True, kw_only=True)
class ListedDeviation:
    """A deviation on the subject's list; `left` are fractions that nobody has said anything to."""

    key: str
    deviation: DeliveryDeviation
    words: str
    left: tuple[int, ...]


def as_record(typed: TypedFraction) -> BeamRecord:
    """A typed fraction among the treatment records, marked as such."""
    return BeamRecord(
        record=f"typed in: {typed.plan}, fraction {typed.fraction}",
        plan=typed.plan,
        fraction=typed.fraction,
        beam=None,
        on=typed.on,
        termination="OPERATOR" if typed.partial else "NORMAL",
        source=DeliverySource.TYPED_IN,
    )


def fraction_problem(
    typed: TypedFraction,
    *,
    consents: Sequence[Consent],
    enrolled_on: date | None,
    died_on: date | None,
    today: date,
) -> tuple[str, str] | None:
    """Say which field of a typed fraction cannot be, and why; None where it can."""
    if not typed.plan.strip():
        return "plan", "it is empty. Choose the plan, or write its name where it was not submitted."
    if typed.fraction < 1:
        return "fraction", f"{typed.fraction} is no fraction number. Fractions are counted from 1."
    problem = _day_problem(typed.on, consents=consents, enrolled_on=enrolled_on, died_on=died_on, today=today)
    return None if problem is None else ("day", problem.message)


@dataclass(frozen=True)
class _DayProblem:
    """Why a fraction cannot be of a day, by the code of the query that it is of a machine's record."""

    code: QueryCode
    message: str


def _day_problem(
    on: date, *, consents: Sequence[Consent], enrolled_on: date | None, died_on: date | None, today: date
) -> _DayProblem | None:
    if on > today:
        return _DayProblem(QueryCode.IN_FUTURE, f"{on} lies in the future. Correct it.")
    if died_on is not None and on > died_on:
        words = f"{on} is after the death of {died_on}. Correct the date that is wrong."
        return _DayProblem(QueryCode.AFTER_DEATH, words)
    if not had_consented(consents, on):
        words = f"on {on} there was no consent. Correct the date, or enter the consent first."
        return _DayProblem(QueryCode.NO_CONSENT, words)
    if enrolled_on is not None and on < enrolled_on:
        words = f"{on} is before the enrolment of {enrolled_on}. Correct the date that is wrong."
        return _DayProblem(QueryCode.BEFORE_START, words)
    return None


def day_queries(
    fractions: Iterable[DeliveredFraction],
    *,
    consents: Sequence[Consent],
    enrolled_on: date | None,
    died_on: date | None,
    today: date,
) -> Iterator[Query]:
    """What a machine recorded on a day on which it cannot be: the fraction counts, and is a query."""
    for each in fractions:
        if each.on is None:
            continue
        problem = _day_problem(
            each.on, consents=consents, enrolled_on=enrolled_on, died_on=died_on, today=today
        )
        if problem is not None:
            about = f"plan {each.plan}, fraction {each.fraction}"
            yield Query(code=problem.code, about=about, message=problem.message, action=_COMPARE)


def typed_otherwise(records: Iterable[BeamRecord]) -> Iterator[Query]:
    """Fractions whose typed day is none of those that the machine recorded."""
    known = tuple(records)
    machine: dict[tuple[str, int | None], set[date | None]] = {}
    for each in known:
        if each.source is DeliverySource.DICOM:
            machine.setdefault((each.plan, each.fraction), set()).add(each.on)
    for each in known:
        days = machine.get((each.plan, each.fraction))
        if each.source is DeliverySource.TYPED_IN and days and each.on not in days:
            yield Query(
                code=QueryCode.FRACTION_DAYS,
                about=f"plan {each.plan}, fraction {each.fraction}",
                message=f"was typed in for {each.on}, and the machine recorded another day, which counts",
                action=_COMPARE,
            )


def deviation_key(deviation: DeliveryDeviation) -> str:
    """The occasion under which a deviation is acknowledged: of its kind and plan."""
    text = "\x1f".join((deviation.kind.value, deviation.plan))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_CHARACTERS]


def listed(
    deviations: Iterable[DeliveryDeviation], said: Iterable[DeviationAcknowledged]
) -> tuple[ListedDeviation, ...]:
    """The subject's list: every deviation with what was said to it; further fractions are open again."""
    known = {(each.kind, each.plan): each for each in said}
    found = []
    for deviation in deviations:
        word = known.get((deviation.kind, deviation.plan))
        left = set(deviation.fractions) - set(word.fractions if word else ())
        found.append(
            ListedDeviation(
                key=deviation_key(deviation),
                deviation=deviation,
                words=word.words if word else "",
                left=tuple(sorted(left)),
            )
        )
    return tuple(found)
