"""The figures of a data cut: the same cut gives the same bytes, whatever was entered since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trial_core.code_version import code_version
from trial_core.db.columns import canonical_json
from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.pfs import PfsReason, PfsResult, PfsVariant, require_one_origin
from trial_core.domain.populations import Population, members
from trial_core.domain.response import OverallResponse
from trial_core.domain.subject import Arm, Phase
from trial_core.domain.subject_outcome import SubjectOutcome, derive_outcome, population_facts
from trial_core.services.cut_content import Cut, CutSubject
from trial_core.services.cut_toxicity import toxicity_to_json
from trial_core.services.data_cuts import open_cut
from trial_core.statistics.trial_endpoint import Observed, endpoint_to_json, incidence_to_json
from trial_core.store import Store

REFERENCE = Arm.B.value
CAUSES = ("progression", "death without progression")
_CAUSE_OF = {PfsReason.PROGRESSION: 1, PfsReason.DEATH: 2, PfsReason.THERAPY_AS_EVENT: 1}
_ANALYSED = {Phase.IIA: Population.RUN_IN, Phase.IIB: Population.INTENTION_TO_TREAT}


@dataclass(frozen=True, kw_only=True)
class Derived:
    """A subject of a cut with what its record comes to."""

    subject: CutSubject
    outcome: SubjectOutcome

    @property
    def record(self) -> ClinicalRecord:
        """Its record as of the cut."""
        return self.subject.record


def outcome_of_cut(db: Database, store: Store, actor: Actor, *, label: str) -> bytes:
    """Give every figure of a cut as canonical JSON, IIa and IIb each by itself, never pooled.

    It counts subjects and names none.

    Raises
    ------
    NotAuthorised, UnknownDataCut, StoredBytesMissing, StoredBytesChanged, CutBroken
    """
    with db.read() as connection:
        cut = open_cut(connection, store, actor, label=label)
    return canonical_json(outcome_to_json(cut)).encode("ascii")


def outcome_to_json(cut: Cut) -> dict[str, Any]:
    """Compute the figures of an opened cut."""
    subjects = derive(cut)
    return {
        "cut": {
            "label": cut.manifest.label,
            "cut_on": cut.manifest.cut_on.isoformat(),
            "manifest_sha256": cut.sha256,
            "audit_anchor": cut.anchor,
            "code_version": code_version(),
            "protocol": [
                cut.manifest.protocol_id,
                cut.manifest.protocol_version,
                cut.manifest.protocol_sha256,
            ],
        },
        "phases": {
            phase.value: _phase(
                [each for each in subjects if each.record.subject.phase is phase],
                phase,
                cut.manifest.rules.landmark_days,
            )
            for phase in Phase
        },
        "populations": _populations(subjects),
        "toxicity": toxicity_to_json([each.record for each in subjects], cut.manifest.rules.toxicity),
    }


def derive(cut: Cut) -> tuple[Derived, ...]:
    """Derive every subject of a cut, in its order."""
    rules, cut_on = cut.manifest.rules, cut.manifest.cut_on
    return tuple(
        Derived(subject=each, outcome=derive_outcome(each.record, rules, today=cut_on))
        for each in cut.subjects
    )


def analysed(subjects: Iterable[Derived], phase: Phase) -> list[Derived]:
    """Give the subjects of a phase that its outcomes are analysed in: the run-in, or intention to treat."""
    population = _ANALYSED[phase]
    return [each for each in subjects if each.record.subject.phase is phase and _is_member(each, population)]


def _phase(subjects: Sequence[Derived], phase: Phase, landmark_days: Sequence[int]) -> dict[str, Any]:
    population, chosen = _ANALYSED[phase], analysed(subjects, phase)
    reference = REFERENCE if phase is Phase.IIB and _has_two_groups(chosen) else None
    return {
        "population": population.value,
        "n": len(chosen),
        "provisional": sum(1 for each in chosen if each.outcome.open_queries),
        "progression_free_survival": {
            variant.value: endpoint_to_json(
                _pfs(chosen, variant), reference=reference, landmark_days=landmark_days
            )
            for variant in PfsVariant
        },
        "pfs_reasons": {variant.value: _reasons(chosen, variant) for variant in PfsVariant},
        "overall_survival": endpoint_to_json(
            _survival(chosen), reference=reference, landmark_days=landmark_days
        ),
        "cumulative_incidence": incidence_to_json(
            _pfs(chosen, PfsVariant.PRIMARY), causes=CAUSES, landmark_days=landmark_days
        ),
        "best_response": _best_responses(chosen),
    }


def _has_two_groups(subjects: Iterable[Derived]) -> bool:
    return {each.record.subject.group for each in subjects} == {arm.value for arm in Arm}


def _is_member(each: Derived, population: Population) -> bool:
    facts = population_facts(each.record)
    return facts is not None and bool(members([facts], population))


def _with_pfs(subjects: Iterable[Derived], variant: PfsVariant) -> Iterator[tuple[Derived, PfsResult]]:
    for each in subjects:
        result = each.outcome.pfs_of(variant)
        if result is not None:
            yield each, result


def _pfs(subjects: Sequence[Derived], variant: PfsVariant) -> list[Observed]:
    found = list(_with_pfs(subjects, variant))
    require_one_origin([result for _each, result in found])
    return [
        Observed(
            group=each.record.subject.group,
            days=result.days,
            cause=_CAUSE_OF[result.reason] if result.event else 0,
            stratum=each.subject.stratum,
        )
        for each, result in found
    ]


def _survival(subjects: Iterable[Derived]) -> list[Observed]:
    return [
        Observed(
            group=each.record.subject.group,
            days=each.outcome.survival.days,
            cause=int(each.outcome.survival.event),
            stratum=each.subject.stratum,
        )
        for each in subjects
        if each.outcome.survival is not None
    ]


def _reasons(subjects: Sequence[Derived], variant: PfsVariant) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for each, result in _with_pfs(subjects, variant):
        counts.setdefault(each.record.subject.group, Counter())[result.reason.value] += 1
    return {group: dict(sorted(counter.items())) for group, counter in sorted(counts.items())}


def _best_responses(subjects: Iterable[Derived]) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = {}
    for each in subjects:
        group = each.record.subject.group
        for name, best in (("plain", each.outcome.best), ("confirmed", each.outcome.best_confirmed)):
            empty = {response.value: 0 for response in OverallResponse}
            counts = found.setdefault(name, {}).setdefault(group, empty)
            if best is not None:
                counts[best.value] += 1
    return found


def _populations(subjects: Iterable[Derived]) -> dict[str, dict[str, int]]:
    counts = {population.value: Counter[str]() for population in Population}
    for each in subjects:
        for population in Population:
            if _is_member(each, population):
                counts[population.value][each.record.subject.group] += 1
    return {name: dict(counter) for name, counter in counts.items()}
