"""A form on record in words: its name, what it holds, and what each version changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.criteria import Verdict
from trial_core.domain.plan_review import DecisionOutcome, Discipline, ReviewForm, ReviewOutcome
from trial_core.domain.subject_forms import SubjectForm
from web.components.verdict import sentence_case
from web.forms import Context, Field, FieldKind
from web.forms.reading import is_asked
from web.subject_entry.registry import entry_of_kind
from web.words import Later, apart, later, t, word_from

_BY_CONTENT: Mapping[str, str] = {
    ClinicalForm.ADVERSE_EVENT: "term",
    ClinicalForm.QUERY_ANSWER: "about",
    ClinicalForm.DEVIATION: "kind",
}
"""Forms whose occasion is a hash or an id: the field of the content that names them."""
_UNNAMED = (
    SubjectForm.ADJUDICATION,
    ClinicalForm.BASELINE,
    ClinicalForm.DEATH,
    SubjectForm.ELIGIBILITY,
    SubjectForm.STRATA,
    SubjectForm.ENROLMENT,
    SubjectForm.SCREENING_FAILURE,
)
_KINDS = (ClinicalForm, SubjectForm, ReviewForm)
_FIELDS: Mapping[str, Later] = {
    "submission_id": later("Number of the set"),
    "judged_sha256": later("SHA-256 of the content"),
    "discipline": later("Discipline"),
    "outcome": later("Outcome"),
    "verdict": later("Verdict"),
    "reason": later("Reason"),
    "not_contoured": later("Confirmed as absent"),
    "comments": later("Comment"),
    "item": later("About"),
    "words": later("Words"),
}
"""Of forms that have no entry: reviews of plans and decisions on them."""
_VALUES: Mapping[str, Sequence[type[StrEnum]]] = {
    "discipline": (Discipline,),
    "outcome": (ReviewOutcome, DecisionOutcome),
    "verdict": (Verdict,),
}


def kind_words(kind: str) -> str:
    """Name a kind of form."""
    set_of = next(each for each in _KINDS if kind in set(each))
    return sentence_case(word_from(set_of, kind))


def which_words(version: FormVersion) -> str:
    """Say which form of its kind it is; empty where a subject has one."""
    if version.kind in _UNNAMED:
        return ""
    if version.kind in _BY_CONTENT:
        return str(version.content.get(_BY_CONTENT[version.kind], ""))
    if version.kind in set(ReviewForm):
        return _of_which_set(version)
    if version.kind == ClinicalForm.FRACTION:
        plan, _, number = version.occasion.rpartition("/")
        return t("{plan}, fraction {number}", plan=plan, number=number.lstrip("0"))
    if version.kind == SubjectForm.SERIOUS_REPORT:
        return t("report {number}", number=version.occasion.rpartition("/")[2])
    return version.occasion.lstrip("0") if version.kind == ClinicalForm.CYCLE else version.occasion


def _of_which_set(version: FormVersion) -> str:
    """Name the set as lists do, by the beginning of its number, and what of it the form is about."""
    submission, _, about = version.occasion.partition("/")
    if about in set(Discipline):
        about = word_from(Discipline, about)
    return ", ".join(filter(None, (t("set {number}", number=submission[:8]), about)))


def content_words(code: str, version: FormVersion) -> dict[str, str]:
    """Give what a version holds, by the labels that its form has."""
    entry = entry_of_kind(version.kind)
    if entry is None:
        return dict(_flat(version.content))
    context = Context({"code": code, "form": version.id}, 0)
    fields = [each for each in entry.form.fields(context) if each.kind is not FieldKind.PASSWORD]
    return _answers(fields)


def _answers(fields: Sequence[Field]) -> dict[str, str]:
    values = {each.name: each.value for each in fields}
    found = {}
    for each in fields:
        words = value_words(each)
        if words and is_asked(each, values):
            found[f"{each.section}: {each.label}" if each.section else each.label] = words
    return found


def value_words(field: Field) -> str:
    """Give the value of a field as people read it, with its unit."""
    if field.kind in (FieldKind.YES_NO, FieldKind.TICK):
        return {"yes": t("Yes"), "no": t("No")}.get(str(field.value), "")
    labels = {each.value: each.label for each in field.options}
    values = field.value if isinstance(field.value, tuple) else (field.value,)
    words = ", ".join(apart(labels.get(each, each)) for each in values if each)
    return f"{words} {field.unit}".strip() if words else ""


def _flat(content: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Forms that have no entry are shown by the names of their fields."""
    for name, value in content.items():
        label = f"{before}{_FIELDS.get(name) or sentence_case(name.replace('_', ' '))}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{label}: ")
        elif isinstance(value, list):
            for number, each in enumerate(value, start=1):
                inner = each if isinstance(each, Mapping) else {"": each}
                yield from _flat(inner, f"{label} {number}: ")
        elif value not in (None, ""):
            yield label.removesuffix(": "), _value(name, str(value))


def _value(name: str, value: str) -> str:
    known = (each for each in _VALUES.get(name, ()) if value in set(each))
    return next((sentence_case(word_from(each, value)) for each in known), value)


Change = tuple[str, str, str]
"""Label, before, after."""


def changes(code: str, versions: Sequence[FormVersion]) -> dict[int, tuple[Change, ...]]:
    """Give what each version changed, by its number; of the first one, everything that it holds."""
    found = {}
    before: dict[str, str] = {}
    for version in versions:
        after = {} if version.void else content_words(code, version)
        labels = dict.fromkeys([*before, *after])
        found[version.version] = tuple(
            (label, before.get(label, "–"), after.get(label, "–"))
            for label in labels
            if before.get(label) != after.get(label)
        )
        before = after
    return found
