"""The subjects of a data cut, each with its populations, PFS and survival: what its figures are made of."""

from __future__ import annotations

from typing import Any

from trial_core.db.columns import canonical_json
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.overall_survival import SurvivalResult
from trial_core.domain.pfs import PfsResult
from trial_core.domain.populations import memberships
from trial_core.domain.subject_outcome import population_facts
from trial_core.services.authorise import require
from trial_core.services.cut_outcomes import Derived, derive
from trial_core.services.data_cuts import open_cut
from trial_core.store import Store


def subjects_of_cut(db: Database, store: Store, actor: Actor, *, label: str) -> bytes:
    """List every subject of a cut with all that is derived of it and why, as canonical JSON.

    Of a subject that withdrew the use of its data, who it is and that it is in no population, and no more.
    It names subjects of every site with their arms: the statistician's alone, also of a released cut.

    Raises
    ------
    NotAuthorised, UnknownDataCut, StoredBytesMissing, StoredBytesChanged, CutBroken
    """
    require(actor, Permission.SEE_OUTCOME_BY_ARM)
    with db.read() as connection:
        cut = open_cut(connection, store, actor, label=label)
    return canonical_json([_subject(each) for each in derive(cut)]).encode("ascii")


def _subject(each: Derived) -> dict[str, Any]:
    who = each.record.subject
    return {
        "site": who.site,
        "subject": who.code,
        "phase": None if who.phase is None else who.phase.value,
        "group": who.group,
        "stratum": each.subject.stratum,
        "populations": _populations(each),
        **({} if each.record.data_use_withdrawn else _outcome(each)),
    }


def _outcome(each: Derived) -> dict[str, Any]:
    outcome = each.outcome
    return {
        "pfs": {variant.value: _pfs(result) for variant, result in outcome.pfs},
        "overall_survival": None if outcome.survival is None else _survival(outcome.survival),
        "best_response": None if outcome.best is None else outcome.best.value,
        "best_response_confirmed": None if outcome.best_confirmed is None else outcome.best_confirmed.value,
        "open_queries": [
            {
                "code": open_query.query.code.value,
                "about": open_query.query.about,
                "message": open_query.query.message,
            }
            for open_query in outcome.open_queries
        ],
    }


def _populations(each: Derived) -> dict[str, Any]:
    facts = population_facts(each.record)
    if facts is None:
        return {}
    return {
        membership.population.value: {"member": membership.member, "reasons": list(membership.reasons)}
        for membership in memberships(facts)
    }


def _pfs(result: PfsResult) -> dict[str, Any]:
    return {
        "origin": result.origin.value,
        "start": result.start.isoformat(),
        "on": result.on.isoformat(),
        "days": result.days,
        "event": result.event,
        "reason": result.reason.value,
        "rule": result.rule,
    }


def _survival(result: SurvivalResult) -> dict[str, Any]:
    return {
        "origin": result.origin.value,
        "start": result.start.isoformat(),
        "on": result.on.isoformat(),
        "days": result.days,
        "event": result.event,
    }
