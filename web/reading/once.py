"""What several parts of one page show is read once for the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g

from trial_core.services import accrual, everybody
from trial_core.services.accrual import Accrual
from trial_core.services.everybody import SubjectAtAGlance
from web.house import actor, house
from web.reading.study_protocol import protocol


def glances() -> tuple[SubjectAtAGlance, ...]:
    """Give the enrolled subjects in the reach of the person who asks, at a glance.

    Raises
    ------
    NotAuthorised, FormUnreadable, ProtocolLacks
    """
    found: tuple[SubjectAtAGlance, ...] = _once(
        "glances", lambda: everybody.subjects_at_a_glance(house().db, actor(), protocol=protocol())
    )
    return found


def accrued() -> Accrual:
    """Give the accrual as the person who asks may see it.

    Raises
    ------
    NotAuthorised
    """
    found: Accrual = _once("accrual", lambda: accrual.accrual(house().db, actor(), protocol=protocol()))
    return found


def _once(name: str, read: Callable[[], Any]) -> Any:
    """Keep for this request what it has read: `g` is the request's own, and so one person's."""
    kept = g.setdefault("read_once", {})
    if name not in kept:
        kept[name] = read()
    return kept[name]
