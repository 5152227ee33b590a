"""Dose and outcome of a data cut: one tidy table, and what the models predicted beside what was observed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from trial_core.code_version import code_version
from trial_core.db.columns import canonical_json
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.dose_metrics import DoseMetric
from trial_core.domain.dose_states import DoseState, dose_state
from trial_core.domain.pfs import PfsVariant
from trial_core.domain.subject import Phase
from trial_core.domain.toxicity import AdverseEvent, emergent_grade
from trial_core.services.authorise import require
from trial_core.services.cut_content import Cut
from trial_core.services.cut_outcomes import Derived, derive
from trial_core.services.data_cuts import open_cut
from trial_core.services.dose_models import EDIC, LUNGS, LYMAN, MEAN, QUANTEC, V20, is_sum, predictions
from trial_core.store import Store

PNEUMONITIS, LYMPHOPENIA = "Pneumonitis", "Lymphocyte count decreased"
_ALSO_CALLED = {LYMPHOPENIA: "Lymphopenia"}
"""The same term in v6.0, whose grades are other ones: beside those of v5.0 they are not counted together."""
SYMPTOMATIC_GRADE = 2
SEVERE_LYMPHOPENIA_GRADE = 4
HEADING = (
    "cut",
    "phase",
    "site",
    "subject",
    "arm",
    "scope",
    "plan",
    "regimen",
    "fractions",
    "structure",
    "metric",
    "alpha_beta_gy",
    "unit",
    "value",
    "dose_state",
    "dose_reason",
    "pneumonitis_grade",
    "lymphopenia_grade",
    "ctcae_versions",
    "pfs_days",
    "pfs_event",
    "pfs_reason",
    "open_queries",
    "code_version",
    "audit_anchor",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """One row's dose part and its subject."""

    subject: Derived
    metric: DoseMetric | None
    state: DoseState


def dose_outcome_csv(db: Database, store: Store, actor: Actor, *, label: str) -> bytes:
    """Give one row a subject and metric, with its toxicity and PFS, as UTF-8 CSV.

    A subject without any metric has one row that says why. Figures are unrounded, texts cannot be formulas.
    It names subjects of every site: the statistician's alone, also of a released cut.

    Raises
    ------
    NotAuthorised, UnknownDataCut, StoredBytesMissing, StoredBytesChanged, CutBroken
    """
    require(actor, Permission.SEE_OUTCOME_BY_ARM)
    with db.read() as connection:
        cut = open_cut(connection, store, actor, label=label)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADING)
    for cell in _cells(derive(cut)):
        writer.writerow([_shown(value) for value in _row(cut, cell)])
    return text.getvalue().encode("utf-8")


def dose_response_of_cut(db: Database, store: Store, actor: Actor, *, label: str) -> bytes:
    """Give predicted beside observed counts by phase and arm, as canonical JSON; it names no subject.

    Raises
    ------
    NotAuthorised, UnknownDataCut, StoredBytesMissing, StoredBytesChanged, CutBroken
    """
    with db.read() as connection:
        cut = open_cut(connection, store, actor, label=label)
    return canonical_json(dose_response_to_json(cut)).encode("ascii")


def dose_response_to_json(cut: Cut) -> dict[str, Any]:
    """Compute it from an opened cut: of each group those with a dose, and why the others have none."""
    subjects = [each for each in derive(cut) if not each.record.data_use_withdrawn]
    groups: dict[str, dict[str, list[Derived]]] = {phase.value: {} for phase in Phase}
    for each in subjects:
        who = each.record.subject
        if who.phase is not None and who.start is not None:
            groups[who.phase.value].setdefault(who.group, []).append(each)
    return {
        phase: {
            group: _group(members, cut.manifest.rules.toxicity.window_days)
            for group, members in sorted(found.items())
        }
        for phase, found in groups.items()
    }


def _group(subjects: Sequence[Derived], window_days: int) -> dict[str, Any]:
    cells = list(_cells(subjects))
    observed = partial(_against, cells, window_days=window_days)
    return {
        "subjects": len(subjects),
        "pneumonitis": [
            observed(scope, name, PNEUMONITIS, SYMPTOMATIC_GRADE)
            for scope, name in sorted(
                {
                    (cell.metric.scope, cell.metric.metric)
                    for cell in cells
                    if cell.metric is not None and _is_about_lungs(cell.metric)
                }
            )
        ],
        "lymphopenia": observed(None, EDIC, LYMPHOPENIA, SEVERE_LYMPHOPENIA_GRADE),
        "without_dose": dict(sorted(Counter(_why_none(cells)).items())),
    }


def _is_about_lungs(metric: DoseMetric) -> bool:
    return is_sum(metric) and metric.structure == LUNGS and metric.metric in (MEAN, V20, QUANTEC, LYMAN)


def _against(
    cells: Sequence[_Cell], scope: str | None, name: str, term: str, grade: int, *, window_days: int
) -> dict[str, Any]:
    """A figure of those who have it, by whether they had the event; a probability's sum is expected.

    Who was never treated had no time to have it and is left out. Of two CTCAE versions nothing is counted.
    """
    having = [
        (cell.metric.value, worst, _versions(cell.subject.record, term))
        for cell in cells
        if cell.metric is not None
        and cell.metric.metric == name
        and (scope is None or cell.metric.scope == scope)
        and cell.metric.value is not None
        and (worst := _grade(cell.subject.record, term, window_days)) is not None
    ]
    versions = sorted({version for _value, _worst, each in having for version in each})
    poolable = len(versions) <= 1
    values = {
        event: sorted(value for value, worst, _ in having if (worst >= grade) is event)
        for event in (True, False)
    }
    return {
        "figure": name,
        "scope": scope,
        "event": f"{term}, grade {grade} or higher, treatment-emergent",
        "n": len(having),
        "ctcae_versions": versions,
        "observed": len(values[True]) if poolable else None,
        "expected": sum(sorted(each[0] for each in having)) if name in (QUANTEC, LYMAN) else None,
        "with_event": values[True] if poolable else None,
        "without_event": values[False] if poolable else None,
    }


def _why_none(cells: Iterable[_Cell]) -> Iterator[str]:
    for cell in cells:
        if cell.metric is None:
            yield cell.state.value


def _cells(subjects: Iterable[Derived]) -> Iterator[_Cell]:
    for each in subjects:
        if each.record.data_use_withdrawn:
            continue
        metrics = (*each.subject.dose, *predictions(each.subject.dose))
        for metric in metrics or (None,):
            yield _Cell(subject=each, metric=metric, state=dose_state(each.record, metric))


def _row(cut: Cut, cell: _Cell) -> Iterator[str | int | float | None]:
    who, metric = cell.subject.record.subject, cell.metric
    yield from (cut.manifest.label, None if who.phase is None else who.phase.value, who.site, who.code)
    yield who.group
    if metric is None:
        yield from (None,) * 9
    else:
        yield from (metric.scope, metric.plan, metric.regimen, metric.fractions)
        yield from (metric.structure, metric.metric, metric.alpha_beta_gy, metric.unit, metric.value)
    yield from (cell.state.value, metric.reason if metric is not None else "")
    yield from _outcome(cell.subject, cut.manifest.rules.toxicity.window_days)
    yield from (code_version(), cut.anchor)


def _outcome(subject: Derived, window_days: int) -> Iterator[str | int | None]:
    record, pfs = subject.record, subject.outcome.pfs_of(PfsVariant.PRIMARY)
    yield from (_grade(record, term, window_days) for term in (PNEUMONITIS, LYMPHOPENIA))
    yield " ".join(sorted({event.version for event in record.events}))
    yield from (None, None, None) if pfs is None else (pfs.days, int(pfs.event), pfs.reason.value)
    yield len(subject.outcome.open_queries)


def _grade(record: ClinicalRecord, term: str, window_days: int) -> int | None:
    """The worst emergent grade of a term, 0 where there was none; None of who was never treated."""
    if record.exposure.first_on is None:
        return None
    grades = [
        emergent_grade(event, record.exposure, window_days=window_days) or 0
        for event in _of_term(record, term)
    ]
    return max(grades, default=0)


def _versions(record: ClinicalRecord, term: str) -> frozenset[str]:
    return frozenset(event.version for event in _of_term(record, term))


def _of_term(record: ClinicalRecord, term: str) -> list[AdverseEvent]:
    names = {term.casefold(), _ALSO_CALLED.get(term, term).casefold()}
    return [event for event in record.events if event.term.strip().casefold() in names]


def _shown(value: str | float | None) -> str:
    """A cell: numbers in full, texts never as a formula of a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return repr(value)
