"""Data cuts as the pages read them: authorised each time, computed once.

A cut is frozen: its figures are computed once for each kind of reader and kept; `repeated` does it anew.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from trial_core.db.repositories.data_cuts import DataCut
from trial_core.domain.access import Permission, may
from trial_core.services.cut_outcomes import outcome_of_cut
from trial_core.services.cut_pictures import pictures_of_cut
from trial_core.services.data_cuts import readable_cut
from trial_core.services.dose_outcome import dose_response_of_cut
from web.house import actor, house

CUTS_KEPT = 16


@dataclass(frozen=True)
class CutFigures:
    """Everything that the figures of a cut are drawn from; `sha256` is of the outcomes' bytes."""

    cut: DataCut
    outcome: dict[str, Any]
    pictures: dict[str, Any]
    dose: dict[str, Any]
    sha256: str


def figures_of(cut_id: str) -> CutFigures:
    """Give the figures of a cut to the person who asks.

    Raises
    ------
    NotAuthorised, UnknownDataCut, StoredBytesMissing, StoredBytesChanged, CutBroken
    """
    cut = readable_cut(house().db, actor(), cut_id=cut_id)
    named = may(actor().role, Permission.SEE_OUTCOME_BY_ARM)
    return _computed(str(house().db.engine.url), cut, named=named)


def repeated(cut_id: str) -> str:
    """Open the cut again, compute its outcomes anew, and give the SHA-256 of their bytes.

    Raises
    ------
    NotAuthorised, UnknownDataCut, StoredBytesMissing, StoredBytesChanged, CutBroken
    """
    cut = readable_cut(house().db, actor(), cut_id=cut_id)
    return hashlib.sha256(_outcome_bytes(cut.label)).hexdigest()


# Asked only after `readable_cut` has let the reader in; whether subjects are named is a part of the key.
@lru_cache(maxsize=CUTS_KEPT)
def _computed(_database: str, cut: DataCut, *, named: bool) -> CutFigures:
    home, who, outcome = house(), actor(), _outcome_bytes(cut.label)
    pictures = pictures_of_cut(home.db, home.store, who, label=cut.label)
    dose = dose_response_of_cut(home.db, home.store, who, label=cut.label)
    return CutFigures(
        cut=cut,
        outcome=json.loads(outcome),
        pictures=json.loads(pictures),
        dose=json.loads(dose),
        sha256=hashlib.sha256(outcome).hexdigest(),
    )


def _outcome_bytes(label: str) -> bytes:
    return outcome_of_cut(house().db, house().store, actor(), label=label)
