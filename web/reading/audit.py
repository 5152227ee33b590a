"""What somebody asks of the audit trail, and what their role reads of it; the same as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from trial_core.domain.access import Permission, may
from trial_core.services import audit_search, audit_trail, operations
from trial_core.services.audit_search import Asked, FoundEntry, FoundPage
from web.downloads.csv_files import csv_stream
from web.house import actor, house

ADDRESS = "/operations/audit"
FIELDS = ("login", "action", "subject", "from_on", "to_on")
_COLUMNS = (
    *("number", "at_utc", "user", "role", "site_of_user", "action", "about", "about_id"),
    *("subject_site", "subject", "changes", "details", "reason", "request"),
)

routes = Blueprint("audit", __name__)


class WrongDay(ValueError):  # noqa: N818 - named for what is so
    """A day of the search that is none, or the last before the first; `field` is where it was typed."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def reads_all() -> bool:
    """Tell whether the person reads every entry, and not those of the installation alone."""
    return may(actor().role, Permission.SEE_AUDIT_TRAIL)


def asked_of(given: Mapping[str, str | None]) -> Asked:
    """Read what was typed.

    Raises
    ------
    WrongDay
    """
    texts = {name: (given.get(name) or "").strip() for name in FIELDS}
    first, last = _day(texts, "from_on"), _day(texts, "to_on")
    if first and last and last < first:
        raise WrongDay("to_on")
    return Asked(
        login=texts["login"].lower(),
        action=texts["action"],
        subject=texts["subject"],
        from_on=first,
        to_on=last,
    )


def found_page(asked: Asked, *, before: int | None = None, after: int | None = None) -> FoundPage:
    """Give the page that the person's role may read."""
    read = audit_search.read_trail if reads_all() else audit_search.read_operations_trail
    return read(house().db, actor(), asked, before=before, after=after)


def verified() -> audit_trail.Verification:
    """Walk the trail for either role."""
    return (audit_search.verify_trail if reads_all() else operations.check_trail)(house().db, actor())


def file_address(given: Mapping[str, str | None]) -> str:
    """Give the address of everything that fits, as a file."""
    asked = {name: given[name] or "" for name in FIELDS if given.get(name)}
    return f"{ADDRESS}.csv?{urlencode(asked)}" if asked else f"{ADDRESS}.csv"


@routes.get(f"{ADDRESS}.csv")
def trail_file() -> Response:
    """Give every entry that fits, not only a page of them."""
    try:
        asked = asked_of(request.args)
    except WrongDay as problem:
        return Response(f"{problem.field}: no day as 2026-01-31, or before the first.", 400)
    read = audit_search.every_entry if reads_all() else audit_search.every_operations_entry
    rows = _rows(read(house().db, actor(), asked))
    return csv_stream("audit-trail", _COLUMNS, rows)


def _day(texts: Mapping[str, str], field: str) -> date | None:
    try:
        return date.fromisoformat(texts[field]) if texts[field] else None
    except ValueError as problem:
        raise WrongDay(field) from problem


def _rows(found: Iterator[FoundEntry]) -> Iterator[tuple[str | int | None, ...]]:
    for each in found:
        one, (site, code) = each.entry, each.subject or (None, None)
        who = (one.login, one.role, one.site_code)
        what = (one.action, one.entity, one.entity_id, site, code)
        why = (_json(one.changes), _json(one.details), one.reason, one.request_id)
        yield (one.sequence, f"{one.at:%Y-%m-%dT%H:%M:%S.%fZ}", *who, *what, *why)


def _json(value: Any) -> str | None:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else None
