"""Queries on wrong answers to "whose files?": counted by set and person."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, insert, select, update

from trial_core.db.tables import wrong_answer


def count(connection: Connection, *, submission_id: str, user_id: str) -> int:
    """Say how many wrong answers a person gave for a set."""
    query = select(wrong_answer.c.answers).where(_chosen(submission_id, user_id))
    return connection.execute(query).scalar() or 0


def add(connection: Connection, *, submission_id: str, user_id: str) -> int:
    """Count one more and give the number."""
    answers = count(connection, submission_id=submission_id, user_id=user_id) + 1
    if answers == 1:
        connection.execute(
            insert(wrong_answer).values(submission_id=submission_id, user_id=user_id, answers=1)
        )
    else:
        connection.execute(
            update(wrong_answer).where(_chosen(submission_id, user_id)).values(answers=answers)
        )
    return answers


def _chosen(submission_id: str, user_id: str) -> ColumnElement[bool]:
    return (wrong_answer.c.submission_id == submission_id) & (wrong_answer.c.user_id == user_id)
