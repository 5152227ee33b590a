"""The clinical forms of a subject: their kinds, and the contents that no other module of the domain has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial_core.domain.lesions import Lesion
from trial_core.domain.pfs_history import Baseline
from trial_core.domain.queries import Query, QueryCode

DEATH_OCCASION = "death"
BASELINE_OCCASION = "baseline"
_KEY_CHARACTERS = 32


class ClinicalForm(StrEnum):
    """Kinds of clinical forms; the value is the form's kind on record, what it holds stands beside it."""

    ADVERSE_EVENT = "adverse event"  # toxicity.AdverseEvent; occasion: its id
    BASELINE = "baseline assessment"  # BaselineForm
    VISIT = "tumour assessment"  # readings.Visit; occasion: its label
    RESPONSE_BY_HAND = "response set by hand"  # response.SetByHand; occasion: the visit's label
    THERAPY = "anticancer therapy"  # pfs_history.Therapy; occasion: its label
    CONTACT = "contact"  # Contact; occasion: its day
    DEATH = "death"  # Death
    CLINICAL_PROGRESSION = "clinical progression"  # ClinicalProgression; occasion: its day
    CYCLE = "systemic cycle"  # systemic.Cycle; occasion: its number
    FRACTION = "fraction typed in"  # delivery_forms.TypedFraction; occasion: its plan, a slash, its number
    RADIOTHERAPY_END = "end of radiotherapy"  # delivery_forms.RadiotherapyEnd; occasion: the regimen
    DEVIATION = "deviation acknowledged"  # delivery_forms.DeviationAcknowledged; occasion: its key
    VIOLATION = "eligibility violation"  # EligibilityViolation; occasion: the criterion
    QUERY_ANSWER = "query answer"  # QueryAnswer; occasion: the query's key


@dataclass(frozen=True, kw_only=True)
class BaselineForm:
    """The tumour assessment before treatment, and the lesions it found."""

    assessment: Baseline
    lesions: tuple[Lesion, ...]


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A day on which the subject was known to be alive, and how it was known."""

    on: date
    how: str = ""


@dataclass(frozen=True, kw_only=True)
class Death:
    """The subject's death; `cause` in words, without anything that names a person."""

    on: date
    cause: str = ""


@dataclass(frozen=True, kw_only=True)
class ClinicalProgression:
    """Progression that was seen without imaging: no PD by itself."""

    on: date
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class EligibilityViolation:
    """A criterion of the protocol that was found violated after enrolment, and how it was found."""

    criterion: str
    found_on: date
    words: str


@dataclass(frozen=True, kw_only=True)
class QueryAnswer:
    """What a person said to a query; it answers this wording and no other."""

    code: QueryCode
    about: str
    message: str
    answer: str


def query_key(query: Query) -> str:
    """The occasion under which a query's answer stands: of its code, what it is about and its message.

    A query that comes back in other words, because the record has changed, is open again.
    """
    text = "\x1f".join((query.code.value, query.about, query.message))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_CHARACTERS]
