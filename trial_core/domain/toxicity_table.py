"""Worst grade of each term, per subject and per arm; tables of two CTCAE versions are never added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trial_core.domain.toxicity import (
    TREATMENT_EMERGENT_DAYS,
    AdverseEvent,
    Exposure,
    Treatment,
    emergent_grade,
)

GRADES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, kw_only=True)
class SubjectAtRisk:
    """A subject of the safety population: its arm and when it was treated."""

    code: str
    arm: str
    exposure: Exposure


@dataclass(frozen=True, kw_only=True)
class WorstGrades:
    """One row: of one term and arm, how many subjects had which worst grade.

    Attributes
    ----------
    subjects
        How many were at risk.
    with_grade
        Subjects with worst grade 1 to 5, each subject once.
    worst_of
        The worst grade of each subject that had the event, by code.
    """

    version: str
    term: str
    arm: str
    subjects: int
    with_grade: tuple[int, int, int, int, int]
    worst_of: tuple[tuple[str, int], ...]

    def at_least(self, grade: int) -> int:
        """Subjects with that worst grade or a higher one."""
        return sum(self.with_grade[grade - 1 :])


@dataclass(frozen=True, kw_only=True)
class ToxicityTable:
    """All rows, by version, term and arm; `poolable` says that they are of one CTCAE version."""

    versions: tuple[str, ...]
    rows: tuple[WorstGrades, ...]

    @property
    def poolable(self) -> bool:
        """Whether all events were graded by one version; v5.0 and v6.0 grade cytopenias differently."""
        return len(self.versions) <= 1


def worst_grade_table(
    events: Iterable[AdverseEvent],
    subjects: Sequence[SubjectAtRisk],
    *,
    emergent_only: bool = True,
    related_to: Treatment | None = None,
    window_days: int = TREATMENT_EMERGENT_DAYS,
) -> ToxicityTable:
    """The table of worst grades.

    Parameters
    ----------
    events
        Of any subjects; those of subjects not at risk are left out.
    emergent_only
        Count grades that emerged under treatment; else the worst grade ever.
    related_to
        Only events possibly, probably or definitely caused by this treatment.
    """
    at_risk = {subject.code: subject for subject in subjects}
    worst: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    names: dict[tuple[str, str], str] = {}
    for event in events:
        subject = at_risk.get(event.subject)
        grade = _grade(event, subject, emergent_only=emergent_only, window_days=window_days)
        if grade is None or not _is_wanted(event, related_to):
            continue
        key = event.version, event.term.casefold()
        names[key] = min(names.get(key, event.term), event.term)
        worst[key][event.subject] = max(grade, worst[key].get(event.subject, 0))
    rows = [
        _row((key[0], names[key]), arm, grades, at_risk)
        for key, grades in sorted(worst.items())
        for arm in sorted({subject.arm for subject in subjects})
    ]
    return ToxicityTable(versions=tuple(sorted({key[0] for key in worst})), rows=tuple(rows))


def _grade(
    event: AdverseEvent, subject: SubjectAtRisk | None, *, emergent_only: bool, window_days: int
) -> int | None:
    if subject is None or not event.grades:
        return None
    if emergent_only:
        return emergent_grade(event, subject.exposure, window_days=window_days)
    return event.worst_grade


def _is_wanted(event: AdverseEvent, related_to: Treatment | None) -> bool:
    if related_to is None:
        return True
    attribution = event.attribution.get(related_to)
    return attribution is not None and attribution.is_related


def _row(
    term: tuple[str, str], arm: str, grades: Mapping[str, int], at_risk: Mapping[str, SubjectAtRisk]
) -> WorstGrades:
    here = {code: grade for code, grade in grades.items() if at_risk[code].arm == arm}
    counts = [sum(1 for grade in here.values() if grade == each) for each in GRADES]
    return WorstGrades(
        version=term[0],
        term=term[1],
        arm=arm,
        subjects=sum(1 for subject in at_risk.values() if subject.arm == arm),
        with_grade=(counts[0], counts[1], counts[2], counts[3], counts[4]),
        worst_of=tuple(sorted(here.items())),
    )
