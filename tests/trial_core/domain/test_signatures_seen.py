"""Which signatures a walk along the audit trail passes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trial_core.domain.audit_chain import SignaturesSeen, StoredEntry


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda entry: entry, {"s"}),
        (lambda entry: entry._replace(action="enter visit"), set()),
        (lambda entry: entry._replace(details="[" * 9999), set()),
        (lambda entry: entry._replace(details="[]"), set()),
        (lambda entry: entry._replace(details='{"signature":7}'), set()),
    ],
)
def test_signatures_seen__are_those_of_entries_that_say_so(
    change: Callable[[StoredEntry], StoredEntry], seen: set[str]
) -> None:
    entry = StoredEntry(
        **dict.fromkeys(StoredEntry._fields, ""),  # type: ignore[arg-type]
    )._replace(sequence=1, action="sign", details='{"signature":"s"}')
    walked = SignaturesSeen()
    list(walked.among([change(entry)]))
    assert walked.ids == seen
