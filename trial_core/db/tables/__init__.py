"""Every table of the record, by room; `migrations/` must produce exactly these."""

from __future__ import annotations

from trial_core.db.tables.accounts import session, sign_in_failure, site, user_account, user_setting
from trial_core.db.tables.audit import audit_entry
from trial_core.db.tables.clinical import data_cut, form_entry, signature, term_list
from trial_core.db.tables.declaring import metadata
from trial_core.db.tables.nodes import receiver_presence, stage_time, worker_presence
from trial_core.db.tables.plans import (
    job,
    plan_check_result,
    plan_submission,
    subject_identity,
    submission_file,
    submission_object,
    wrong_answer,
)
from trial_core.db.tables.prechecks import given_name, precheck
from trial_core.db.tables.protocols import protocol_version
from trial_core.db.tables.randomisation import allocation, allocation_list, list_opening, sealed_slot
from trial_core.db.tables.receiving import dicom_sender, received_object, received_set
from trial_core.db.tables.subjects import consent_form, study_transition, subject

__all__ = [
    "allocation",
    "allocation_list",
    "audit_entry",
    "consent_form",
    "data_cut",
    "dicom_sender",
    "form_entry",
    "given_name",
    "job",
    "list_opening",
    "metadata",
    "plan_check_result",
    "plan_submission",
    "precheck",
    "protocol_version",
    "received_object",
    "received_set",
    "receiver_presence",
    "sealed_slot",
    "session",
    "sign_in_failure",
    "signature",
    "site",
    "stage_time",
    "study_transition",
    "subject",
    "subject_identity",
    "submission_file",
    "submission_object",
    "term_list",
    "user_account",
    "user_setting",
    "worker_presence",
    "wrong_answer",
]
