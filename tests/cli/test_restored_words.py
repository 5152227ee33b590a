"""What a restore says of a trail that is broken, and of a record that was edited before it was taken out."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.keeping import BROKEN, say_restored
from trial_core.anchor_lines import Anchors
from trial_core.domain.audit_chain import AuditHead
from trial_core.domain.row_breaks import RowBreak, RowFlaw
from trial_core.installation.restore import Restored
from trial_core.services.audit_trail import Verification

EDITED = RowBreak("form_entry", "7f3a", RowFlaw.EDITED, ("content",))


@pytest.mark.parametrize(
    ("rows", "missing", "words", "status"),
    [
        ((), (), "The audit trail is whole: 12 entries", 0),
        ((EDITED,), (), "is whole (12 entries), and the record is not what it tells", BROKEN),
        ((EDITED,), ("audit_entry_append_only",), "is broken; it holds up to entry 12", BROKEN),
    ],
)
def test_restore__says_what_is_wrong(
    capsys: pytest.CaptureFixture[str],
    rows: tuple[RowBreak, ...],
    missing: tuple[str, ...],
    words: str,
    status: int,
) -> None:
    trail = Verification(AuditHead(12, "ab"), None, Anchors(lines=1), missing, rows=rows)
    done = Restored(Path("backup"), rows=3, files=2, begun_anew=0, trail=trail)
    assert say_restored(done) == status
    assert words in capsys.readouterr().err
