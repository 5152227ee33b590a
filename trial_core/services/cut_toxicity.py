"""The toxicity tables of a data cut: worst grades by arm as treated, of any cause and by treatment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.conduct import ToxicityRules
from trial_core.domain.toxicity import Treatment
from trial_core.domain.toxicity_table import ToxicityTable
from trial_core.services.toxicity_tables import toxicity_table

ANY_CAUSE = "any cause"


def toxicity_to_json(records: Iterable[ClinicalRecord], rules: ToxicityRules) -> dict[str, Any]:
    """Emergent worst grades, each subject once a term; counts alone, no subject is named."""
    chosen = tuple(records)
    tables = {ANY_CAUSE: toxicity_table(chosen, rules)}
    for treatment in Treatment:
        tables[treatment.value] = toxicity_table(chosen, rules, related_to=treatment)
    return {name: _table(table) for name, table in tables.items()}


def _table(table: ToxicityTable) -> dict[str, Any]:
    return {
        "versions": list(table.versions),
        "poolable": table.poolable,
        "rows": [
            {
                "version": row.version,
                "term": row.term,
                "arm": row.arm,
                "subjects": row.subjects,
                "with_grade": list(row.with_grade),
            }
            for row in table.rows
        ],
    }
