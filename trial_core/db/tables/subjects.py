"""Subjects, and what of the study they are enrolled in: its states, its consent forms."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Table, UniqueConstraint

from trial_core.db.tables.accounts import site, user_account
from trial_core.db.tables.declaring import instant, metadata, number, one_of, text
from trial_core.domain.study_state import StudyState
from trial_core.domain.subject import Arm, Phase, SubjectStatus

# A code is unique within its site: "exists already" must not tell one site about another.
subject = Table(
    "subject",
    metadata,
    text("id", primary_key=True),
    text("site_code", ForeignKey(site.c.code)),
    text("code"),
    text("status"),
    text("phase", nullable=True),
    text("arm", nullable=True),
    instant("created_at"),
    UniqueConstraint("site_code", "code"),
    one_of("status", SubjectStatus),
    one_of("phase", Phase),
    one_of("arm", Arm),
    sqlite_strict=True,
)

# The study of this installation: where its last transition led; none yet, it recruits the run-in.
study_transition = Table(
    "study_transition",
    metadata,
    number("sequence", primary_key=True),
    text("from_state"),
    text("to_state"),
    instant("at"),
    text("user_id"),
    text("reason"),
    one_of("from_state", StudyState),
    one_of("to_state", StudyState),
    sqlite_strict=True,
)

consent_form = Table(
    "consent_form",
    metadata,
    text("version", primary_key=True),
    text("from_on"),
    text("registered_by", ForeignKey(user_account.c.id)),
    instant("registered_at"),
    sqlite_strict=True,
)
