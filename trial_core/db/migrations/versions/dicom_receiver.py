"""What comes over the DICOM network: senders, sets, objects."""

import sqlalchemy as sa
from alembic import op

from trial_core.db.columns import Instant, Json, whole_number

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATES = "'arriving', 'waiting', 'submitted', 'discarded'"
_WHY = (
    "'it holds no plan', 'its files give no PatientID', "
    "'no confirmed set of a subject at this site bears its PatientID', "
    "'confirmed sets of several subjects at this site bear its PatientID', "
    "'name or birth date contradict the confirmed set that bears its PatientID', "
    "'the trial takes no plan for the subject that it matches'"
)


def upgrade() -> None:
    """Add the three tables."""
    _add_senders()
    _add_sets()
    _add_objects()


def _add_senders() -> None:
    op.create_table(
        "dicom_sender",
        sa.Column("ae_title", sa.Text(), nullable=False),
        sa.Column("addresses", Json(), nullable=False),
        sa.Column("site_code", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["site_code"], ["site.code"], name="fk_dicom_sender_site_code"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_dicom_sender_user_id"),
        sa.PrimaryKeyConstraint("ae_title", name="pk_dicom_sender"),
        sqlite_strict=True,
    )


def _add_sets() -> None:
    op.create_table(
        "received_set",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ae_title", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("waits_because", sa.Text(), nullable=True),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("touched_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("submission_id", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("content", Json(), nullable=True),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_received_set_state")),
        sa.CheckConstraint(f"waits_because IN ({_WHY})", name=op.f("ck_received_set_waits_because")),
        sa.ForeignKeyConstraint(["ae_title"], ["dicom_sender.ae_title"], name="fk_received_set_ae_title"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["plan_submission.id"], name="fk_received_set_submission_id"
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name="fk_received_set_decided_by"),
        sa.PrimaryKeyConstraint("id", name="pk_received_set"),
        sqlite_strict=True,
    )
    op.create_index("ix_received_set_state_touched_at", "received_set", ["state", "touched_at"], unique=False)


def _add_objects() -> None:
    op.create_table(
        "received_object",
        sa.Column("set_id", sa.Text(), nullable=False),
        sa.Column("sop_instance_uid", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", whole_number(), nullable=False),
        sa.Column("sop_class_uid", sa.Text(), nullable=False),
        sa.Column("modality", sa.Text(), nullable=False),
        sa.Column("plan_label", sa.Text(), nullable=True),
        sa.Column("dated", sa.Text(), nullable=True),
        sa.Column("patient_id_hmac", sa.Text(), nullable=True),
        sa.Column("name_hmac", sa.Text(), nullable=True),
        sa.Column("birth_date_hmac", sa.Text(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["received_set.id"], name="fk_received_object_set_id"),
        sa.PrimaryKeyConstraint("set_id", "sop_instance_uid", "sha256", name="pk_received_object"),
        sqlite_strict=True,
    )
    op.create_index("ix_received_object_sha256", "received_object", ["sha256"], unique=False)
