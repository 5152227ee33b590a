"""What a data cut holds: every subject's forms by version and hash, as canonical bytes; and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from trial_core.db.columns import canonical_json
from trial_core.db.form_content import content_sha256, from_plain, to_plain
from trial_core.db.repositories import follow_up as rows
from trial_core.db.repositories import forms
from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.clinical_record import ClinicalRecord, SubjectFacts, record_until
from trial_core.domain.conduct import Conduct, ToxicityRules
from trial_core.domain.dose_metrics import DoseMetric
from trial_core.domain.lesions import RecistRules
from trial_core.domain.pfs import PfsRules
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject import Arm, Phase
from trial_core.follow_up_errors import CutBroken
from trial_core.services.clinical_reading import record_of
from trial_core.services.conduct_of import conduct_of
from trial_core.services.delivered import fraction_days
from trial_core.services.major_deviations import major_deviations
from trial_core.services.screening import failed_criteria
from trial_core.services.stored_dose import dose_metrics
from trial_core.services.subject_facts import facts_of
from trial_core.store import Store

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class FrozenForm:
    """One form as the cut froze it: where it stands on record, and the hash of its content."""

    id: str
    kind: str
    occasion: str
    version: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class FrozenSubject:
    """One subject in a cut.

    Attributes
    ----------
    stratum
        Of its randomisation list.
    fraction_days
        Days of radiotherapy, from treatment records and typed fractions.
    major_deviations
        Of its radiotherapy, in words.
    failed_criteria
        Of its eligibility form as it stood; cuts from before did not have them.
    dose
        Of its verified plan check.
    """

    id: str
    code: str
    site: str
    phase: Phase
    arm: Arm | None
    randomised_on: date | None
    stratum: str | None
    forms: tuple[FrozenForm, ...]
    fraction_days: tuple[date, ...] = ()
    major_deviations: tuple[str, ...] = ()
    failed_criteria: tuple[str, ...] = ()
    dose: tuple[DoseMetric, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CutRules:
    """The protocol's rules that the figures of a cut are derived by, frozen with it.

    Cuts from before the protocol file had landmarks were made with those that stand here.
    """

    pfs: PfsRules
    response: RecistRules
    toxicity: ToxicityRules
    landmark_days: tuple[int, ...] = (183, 365, 730)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everything a cut is made of."""

    format: int
    label: str
    cut_on: date
    protocol_id: str
    protocol_version: str
    protocol_sha256: str
    rules: CutRules
    subjects: tuple[FrozenSubject, ...]


@dataclass(frozen=True, kw_only=True)
class CutSubject:
    """A subject as it was on the day of the cut."""

    record: ClinicalRecord
    stratum: str | None
    dose: tuple[DoseMetric, ...]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A cut opened again: what its manifest says, and the records its forms make.

    `anchor`: count and head of the audit trail when it was made, as `verify-audit --anchor` takes them.
    """

    manifest: Manifest
    sha256: str
    subjects: tuple[CutSubject, ...]
    anchor: str = ""


def freeze(connection: Connection, store: Store, protocol: Protocol, *, label: str, cut_on: date) -> bytes:
    """Give the manifest of everything that stands now, as bytes that depend on nothing else.

    Raises
    ------
    ProtocolLacks, FormUnreadable
    """
    conduct = conduct_of(protocol)
    manifest = Manifest(
        format=FORMAT,
        label=label,
        cut_on=cut_on,
        protocol_id=protocol.id,
        protocol_version=protocol.version,
        protocol_sha256=protocol.sha256,
        rules=_rules(conduct),
        subjects=tuple(
            _frozen(connection, store, protocol, each, cut_on) for each in rows.enrolled(connection)
        ),
    )
    return canonical_json(to_plain(manifest)).encode("ascii")


def thaw(connection: Connection, store: Store, sha256: str) -> Cut:
    """Read a cut again from its manifest; every form must still be what it was.

    Raises
    ------
    StoredBytesMissing, StoredBytesChanged, CutBroken
    """
    try:
        manifest = from_plain(json.loads(store.read(sha256)), Manifest)
    except ValueError as error:
        raise CutBroken("The manifest") from error
    ids = [form.id for subject in manifest.subjects for form in subject.forms]
    contents = {form.id: form for form in forms.by_ids(connection, ids)}
    subjects = tuple(_thawed(each, manifest.cut_on, contents) for each in manifest.subjects)
    return Cut(manifest=manifest, sha256=sha256, subjects=subjects)


def _rules(conduct: Conduct) -> CutRules:
    return CutRules(
        pfs=conduct.pfs,
        response=conduct.response,
        toxicity=conduct.toxicity,
        landmark_days=conduct.landmark_days,
    )


def _frozen(
    connection: Connection, store: Store, protocol: Protocol, subject_id: str, cut_on: date
) -> FrozenSubject:
    facts = facts_of(connection, subject_id)
    standing = forms.standing(connection, subject_id=subject_id)
    days = fraction_days(connection, subject_id)
    record_of(facts, standing, days)  # a form that cannot be read is said now, not when figures are made
    if facts.phase is None:
        raise CutBroken(f"Subject {facts.label} without a phase")
    return FrozenSubject(
        id=subject_id,
        code=facts.code,
        site=facts.site,
        phase=facts.phase,
        arm=facts.arm,
        randomised_on=facts.randomised_on,
        stratum=rows.stratum_of(connection, subject_id),
        forms=tuple(_frozen_form(form) for form in standing),
        fraction_days=days,
        major_deviations=major_deviations(connection, conduct_of(protocol), subject_id, today=cut_on),
        failed_criteria=failed_criteria(connection, subject_id, protocol),
        dose=dose_metrics(connection, store, subject_id),
    )


def _frozen_form(form: FormVersion) -> FrozenForm:
    return FrozenForm(
        id=form.id,
        kind=form.kind,
        occasion=form.occasion,
        version=form.version,
        sha256=form.content_sha256,
    )


def _thawed(subject: FrozenSubject, cut_on: date, contents: Mapping[str, FormVersion]) -> CutSubject:
    facts = SubjectFacts(
        code=subject.code,
        site=subject.site,
        phase=subject.phase,
        arm=subject.arm,
        randomised_on=subject.randomised_on,
        major_deviations=subject.major_deviations,
        failed_criteria=subject.failed_criteria,
    )
    standing = [_same(form, contents.get(form.id)) for form in subject.forms]
    record = record_until(record_of(facts, standing, subject.fraction_days), cut_on)
    return CutSubject(record=record, stratum=subject.stratum, dose=subject.dose)


def _same(frozen: FrozenForm, form: FormVersion | None) -> FormVersion:
    what = f"Form {frozen.kind} ({frozen.occasion}), version {frozen.version},"
    if form is None or (form.kind, form.occasion, form.version) != (
        frozen.kind,
        frozen.occasion,
        frozen.version,
    ):
        raise CutBroken(what)
    if content_sha256(form.content) != frozen.sha256:
        raise CutBroken(what)
    return form
