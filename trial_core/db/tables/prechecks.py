"""Before a set is submitted: names that people give to structures, and checks that do not count."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table

from trial_core.db.columns import Json
from trial_core.db.tables.accounts import user_account
from trial_core.db.tables.declaring import instant, metadata, text
from trial_core.db.tables.plans import plan_submission

# Fixed from the moment of submitting: an input of the check, as the files are.
given_name = Table(
    "given_name",
    metadata,
    text("submission_id", ForeignKey(plan_submission.c.id), primary_key=True),
    text("site_name", primary_key=True),
    text("structure"),
    text("said_by", ForeignKey(user_account.c.id)),
    instant("said_at"),
    sqlite_strict=True,
)

# One a submission, gone once it is submitted or given up. `asked_sha256`: of the files and names it is for.
precheck = Table(
    "precheck",
    metadata,
    text("submission_id", ForeignKey(plan_submission.c.id), primary_key=True),
    text("asked_sha256"),
    Column("content", Json, nullable=True),
    text("expected_state", nullable=True),
    Column("findings", Json, nullable=False),
    text("report_sha256", nullable=True, index=True),
    instant("finished_at", nullable=True),
    sqlite_strict=True,
)
