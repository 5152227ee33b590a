"""What a walk along the audit trail tells of the record's rows, whatever stands in its entries."""

from __future__ import annotations

import pytest

from trial_core.domain.audit_chain import StoredEntry
from trial_core.domain.row_breaks import RowBreak, RowFlaw, breaks
from trial_core.domain.told_rows import ToldRows

AT = "2026-03-01T12:00:00.000000Z"
CONSENT_FORM = StoredEntry(
    sequence=1,
    at=AT,
    user_id="u",
    login="office",
    role=None,
    site_code=None,
    action="register consent form",
    entity="consent form",
    entity_id="1.0",
    details="{}",
    changes=None,
    reason=None,
    request_id=None,
    key_id=None,
    previous_hash="",
)
HELD = {"from_on": "2020-01-01", "registered_by": "u", "registered_at": AT}


def _told(entry: StoredEntry) -> ToldRows:
    told = ToldRows()
    assert list(told.among([entry])) == [entry]
    return told


@pytest.mark.parametrize("details", ["{}", "[]", "7", "[" * 9999, "not JSON"])
def test_entry_from_before_the_key__tells_that_its_row_is_there_and_nothing_else(details: str) -> None:
    # Whoever owns the database can write these: the seal behind tells, and nothing in them stops the walk.
    told = _told(CONSENT_FORM._replace(details=details))
    key = ("consent_form", "1.0")
    assert list(breaks(told.rows, [(key, HELD)], whole=True)) == []
    assert list(breaks(told.rows, [], whole=True)) == [RowBreak(*key, RowFlaw.GONE)]


@pytest.mark.parametrize(
    ("registered_at", "edited"),
    [
        (AT, False),
        ("2026-03-01T12:00:59.000000Z", False),
        ("2026-03-01T12:01:00.000000Z", True),
        ("soon", True),
    ],
)
def test_moments__are_compared_to_the_minute(registered_at: str, edited: bool) -> None:
    told = _told(CONSENT_FORM._replace(details='{"from_on":"2020-01-01"}', key_id="k"))
    held = [(("consent_form", "1.0"), HELD | {"registered_at": registered_at})]
    found = [each.columns for each in breaks(told.rows, held, whole=True)]
    assert found == ([("registered_at",)] if edited else [])


def test_result_from_before_the_key__is_known_to_be_there() -> None:
    finished = CONSENT_FORM._replace(action="finish plan check", entity="submission", entity_id="p")
    told = _told(finished._replace(details='{"codes":[],"state":"checked"}'))
    assert list(told.rows) == [("plan_check_result", "p/1")]
