"""Addresses to pages: one table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from web.components.frame import Page
from web.pages import (
    home,
    report,
    subject,
    subject_new,
    subject_screening,
    subject_submit,
    subjects,
    submission,
)

_CODE = r"(?P<code>[^/]{1,64})"
_ID = r"(?P<submission_id>[0-9A-Za-z-]{1,64})"


@dataclass(frozen=True)
class Route:
    """An address pattern and the page it shows; named groups become the page's arguments."""

    pattern: re.Pattern[str]
    page: Callable[..., Page]


ROUTES = (
    Route(re.compile(r"/"), home.page),
    Route(re.compile(r"/subjects"), subjects.page),
    Route(re.compile(r"/subjects/new"), subject_new.page),
    Route(re.compile(rf"/subjects/{_CODE}"), subject.page),
    Route(re.compile(rf"/subjects/{_CODE}/screening"), subject_screening.page),
    Route(re.compile(rf"/subjects/{_CODE}/submit"), subject_submit.page),
    Route(re.compile(rf"/submissions/{_ID}"), submission.page),
    Route(re.compile(rf"/submissions/{_ID}/report"), report.page),
)


def find(path: str) -> Callable[[], Page] | None:
    """Give the page of an address, ready to be built, or None."""
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match is not None:
            return lambda: route.page(**match.groupdict())
    return None
