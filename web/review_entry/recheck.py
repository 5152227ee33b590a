"""The form by which a reviewer has one plan checked again: by the protocol and the program of now."""

from __future__ import annotations

from trial_core.services.recheck import request_recheck
from web.forms import Answers, Context, Field, FieldKind, Form, Saved
from web.forms.fields import REASON
from web.house import actor, house
from web.words import t
from workers.queue import ring

LONGEST = 500


def _fields(_context: Context) -> tuple[Field, ...]:
    hint = t(
        "The same files are checked by the protocol and the program in use. Where the new result says "
        "something else, reviews and decision no longer stand. The reason stands on the audit trail."
    )
    return (Field(REASON, t("Reason"), FieldKind.LONG_TEXT, hint, required=True, longest=LONGEST),)


def _ask(context: Context, answers: Answers) -> Saved:
    ticket = request_recheck(
        house().db, actor(), submission_id=context["submission"], reason=answers.reason or ""
    )
    ring(house().settings, ticket.job_id)
    return Saved(t("asked; the course is checked again, load this page anew in a minute"))


RECHECK_ONE = Form("recheck-this-plan", _fields, _ask)
