"""Reads how a trial is conducted: eligibility, visits, PFS, response, toxicity, delivery, strata."""

from __future__ import annotations

from collections.abc import Iterator

from trial_core.domain.conduct import Assumption, Conduct, ConductPart, Stratum, ToxicityRules
from trial_core.domain.delivery import DeliveryRules
from trial_core.domain.eligibility import EligibilityQuestion, Measure, QuestionKind
from trial_core.domain.lesions import RecistRules
from trial_core.domain.pfs import NewTherapy, PfsRules
from trial_core.domain.visit_schedule import Stretch, VisitSchedule
from trial_core.protocols.provenance import PROVENANCE_KEYS, assumption, read_provenance
from trial_core.protocols.section import Section
from trial_core.protocols.trial_parts import unique

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MEASURE_KEYS = ("name", "unit", "minimum", "maximum", "yes_from", "yes_to", "whole")
_PFS_KEYS = ("new_therapy", "missed_visits", "radiotherapy_without_plan_is_new")
_RESPONSE_KEYS = ("primary_is_target", "confirmation_days", "minimum_stable_days")
_DELIVERY_KEYS = ("weekdays", "minor_above_percent", "major_above_percent")
_KEYS: dict[ConductPart, tuple[str, ...]] = {
    ConductPart.ELIGIBILITY: ("rows",),
    ConductPart.OBSERVATION: ("days",),
    ConductPart.VISITS: ("stretches", "window_days"),
    ConductPart.PFS: _PFS_KEYS,
    ConductPart.RESPONSE: _RESPONSE_KEYS,
    ConductPart.TOXICITY: ("ctcae", "window_days"),
    ConductPart.DELIVERY: _DELIVERY_KEYS,
    ConductPart.RANDOMISATION: ("strata",),
    ConductPart.SURVIVAL: ("landmark_days",),
}
_LABELS = {
    ConductPart.ELIGIBILITY: "Eligibility",
    ConductPart.OBSERVATION: "Observation of the run-in",
    ConductPart.VISITS: "Tumour assessments",
    ConductPart.PFS: "Progression-free survival",
    ConductPart.RESPONSE: "Tumour response",
    ConductPart.TOXICITY: "Toxicity",
    ConductPart.DELIVERY: "Delivery of radiotherapy",
    ConductPart.RANDOMISATION: "Strata of the randomisation",
    ConductPart.SURVIVAL: "Landmarks of survival",
}


def read_conduct(file: Section) -> Conduct | None:
    """The section `conduct`; None where a protocol has none and only plans are checked."""
    if not file.has("conduct"):
        return None
    section = file.section("conduct", [part.value for part in ConductPart])
    parts = {part: section.section(part.value, (*keys, *PROVENANCE_KEYS)) for part, keys in _KEYS.items()}
    return Conduct(
        questions=tuple(_questions(parts[ConductPart.ELIGIBILITY])),
        observation_days=parts[ConductPart.OBSERVATION].count("days"),
        pfs=_pfs(parts[ConductPart.PFS], _schedule(parts[ConductPart.VISITS])),
        response=_response(parts[ConductPart.RESPONSE]),
        toxicity=_toxicity(parts[ConductPart.TOXICITY]),
        delivery=_delivery(parts[ConductPart.DELIVERY]),
        strata=tuple(_strata(parts[ConductPart.RANDOMISATION])),
        landmark_days=_landmarks(parts[ConductPart.SURVIVAL]),
        assumptions=tuple(_assumptions(parts)),
    )


def _assumptions(parts: dict[ConductPart, Section]) -> Iterator[Assumption]:
    for part, section in parts.items():
        provenance = read_provenance(section)
        for sentence in assumption(_LABELS[part], provenance):
            yield Assumption(part=part, sentence=sentence)


def _questions(section: Section) -> Iterator[EligibilityQuestion]:
    ids: list[str] = []
    for row in section.sections("rows", ("id", "kind", "text", "measure")):
        ids.append(row.text("id"))
        unique(row, "id", ids)
        yield EligibilityQuestion(
            id=ids[-1],
            kind=row.choice("kind", QuestionKind),
            text=row.text("text"),
            measure=_measure(row.section("measure", _MEASURE_KEYS)) if row.has("measure") else None,
        )


def _measure(section: Section) -> Measure:
    measure = Measure(
        name=section.text("name"),
        unit=section.text("unit", default=""),
        minimum=section.number("minimum"),
        maximum=section.number("maximum"),
        yes_from=section.optional_number("yes_from"),
        yes_to=section.optional_number("yes_to"),
        whole=section.flag("whole", default=True),
    )
    if measure.minimum >= measure.maximum:
        section.problem("minimum", f"is {measure.minimum:g}, not below the maximum of {measure.maximum:g}")
    bounds = [each for each in (measure.yes_from, measure.yes_to) if each is not None]
    if not bounds:
        section.problem("yes_from", "or yes_to is needed: which values mean yes")
    for bound in bounds:
        if not measure.minimum <= bound <= measure.maximum:
            section.problem("yes_from" if bound == measure.yes_from else "yes_to", "lies outside the range")
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        section.problem("yes_from", f"is {bounds[0]:g}, above yes_to: no value would mean yes")
    return measure


def _schedule(section: Section) -> VisitSchedule:
    stretches = tuple(_stretches(section))
    window_days = section.count("window_days")
    if any(2 * window_days >= each.every_days for each in stretches):
        section.problem("window_days", f"is {window_days}; windows of two visits would touch")
    return VisitSchedule(stretches=stretches, window_days=window_days)


def _stretches(section: Section) -> Iterator[Stretch]:
    """The stretches; each ends at one of its own visits, and only the last goes on."""
    ended, last_day = False, 0
    for row in section.sections("stretches", ("every_weeks", "to_week")):
        every = max(row.count("every_weeks"), 1)  # one that was refused divides nothing by 0
        until = row.count("to_week") * 7 if row.has("to_week") else None
        if ended:
            row.problem("every_weeks", "follows a stretch that never ends")
        elif until is not None and (until <= last_day or (until - last_day) % (7 * every)):
            row.problem("to_week", f"is no visit of every {every} weeks after week {last_day // 7}")
        ended, last_day = until is None, until or last_day
        yield Stretch(every_days=7 * every, until_day=until)
    if not ended:
        section.problem("stretches", "must go on: the last one has no to_week")


def _pfs(section: Section, schedule: VisitSchedule) -> PfsRules:
    return PfsRules(
        schedule=schedule,
        new_therapy=section.choice("new_therapy", NewTherapy),
        missed_visits=section.flag("missed_visits"),
        radiotherapy_without_plan_is_new=section.flag("radiotherapy_without_plan_is_new"),
    )


def _response(section: Section) -> RecistRules:
    return RecistRules(
        primary_is_target=section.flag("primary_is_target"),
        confirmation_days=section.count("confirmation_days"),
        minimum_stable_days=section.count("minimum_stable_days"),
    )


def _toxicity(section: Section) -> ToxicityRules:
    return ToxicityRules(ctcae_version=section.text("ctcae"), window_days=section.count("window_days"))


def _delivery(section: Section) -> DeliveryRules:
    days = section.known_texts("weekdays", _WEEKDAYS, "day of the week")
    section.not_empty("weekdays")
    minor, major = section.positive("minor_above_percent"), section.positive("major_above_percent")
    if minor >= major > 0:
        section.problem("minor_above_percent", f"is {minor:g}, not below major_above_percent, {major:g}")
    return DeliveryRules(
        weekdays=tuple(sorted({_WEEKDAYS.index(day) for day in days if day in _WEEKDAYS})),
        minor_above_percent=minor,
        major_above_percent=major,
    )


def _strata(section: Section) -> Iterator[Stratum]:
    ids: list[str] = []
    for row in section.sections("strata", ("id", "label", "levels")):
        ids.append(row.text("id"))
        unique(row, "id", ids)
        levels = row.texts("levels", default=())
        row.not_empty("levels")
        yield Stratum(id=ids[-1], label=row.text("label"), levels=levels)


def _landmarks(section: Section) -> tuple[int, ...]:
    days = section.counts("landmark_days")
    if list(days) != sorted(set(days)):
        section.problem("landmark_days", "must be in order, each once")
    return days
