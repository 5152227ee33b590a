"""What a treatment plan is called where only its SOP Instance UID is known."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trial_core.domain.delivery import DeliverySummary
from web.words import name_words

_SHOWN = 8
_UID = re.compile(r"\d[\d.]+\d")


def plan_name(plan: str, courses: Sequence[DeliverySummary]) -> str:
    """Name a plan by its course; of several of one course, by the end of its UID, too."""
    course = next((each.course for each in courses if plan in each.course.plans), None)
    if course is None:
        return plan
    name = name_words(course.regimen)
    return name if len(course.plans) == 1 else f"{name} …{plan[-_SHOWN:]}"


def with_plan_names(words: str, courses: Sequence[DeliverySummary]) -> str:
    """Put the names of plans where words have their UIDs."""
    return _UID.sub(lambda found: plan_name(found[0], courses), words)
