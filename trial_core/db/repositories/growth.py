"""How far each subject's record has grown: it only ever does, so an equal answer means an equal record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

from sqlalchemy import Connection, func, select

from trial_core.db.tables import allocation, form_entry, plan_check_result, plan_submission


def of_subjects(connection: Connection) -> dict[str, Hashable]:
    """Give, of every subject with anything on record, something that differs after any change to it.

    Forms and results are only added, and an allocation is revealed once; a submission changes its state.
    """
    grown: dict[str, list[Hashable]] = defaultdict(list)
    entered = func.count(), func.max(form_entry.c.entered_at), func.max(form_entry.c.id)
    for row in connection.execute(
        select(form_entry.c.subject_id, *entered).group_by(form_entry.c.subject_id)
    ):
        grown[row[0]].append(tuple(row[1:]))
    for row in connection.execute(select(allocation.c.subject_id, allocation.c.revealed_at)):
        grown[row[0]].append(row[1])
    checked = select(
        plan_submission.c.subject_id,
        plan_submission.c.id,
        plan_submission.c.state,
        func.count(plan_check_result.c.number),
    ).outerjoin(plan_check_result, plan_check_result.c.submission_id == plan_submission.c.id)
    columns = plan_submission.c.subject_id, plan_submission.c.id, plan_submission.c.state
    for row in connection.execute(checked.group_by(*columns).order_by(plan_submission.c.id)):
        grown[row[0]].append(tuple(row[1:]))
    return {subject_id: tuple(parts) for subject_id, parts in grown.items()}
