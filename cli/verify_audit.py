"""`dosegate verify-audit`: is the audit trail what was written, to the byte and to its last entry?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.arguments import STANDARD_OUTPUT
from cli.errors import CommandError, Finding, RefusalCode
from cli.installation import settings_of_an_installation
from cli.output import check_writable, put_on_standard_output, say, show, to_json, write_whole

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.services.audit_trail import Verification
    from trial_core.settings import Settings

BROKEN = 1
_ROWS_NAMED = 100


def run(arguments: Namespace) -> int:
    """Verify and say; 0 where the trail is whole, 1 where it is broken."""
    if arguments.json and arguments.json != STANDARD_OUTPUT:
        check_writable(Path(arguments.json), "--json")
    settings = settings_of_an_installation(", so there is no audit trail to verify")
    found = _verification(settings, arguments.anchor)
    if found.whole and not found.anchored:
        raise _unanchored(found)
    _put(found, arguments.json)
    return 0 if found.whole else BROKEN


def _verification(settings: Settings, anchor_file: str | None) -> Verification:
    from trial_core.errors import TrialError
    from trial_core.services.audit_trail import verify

    db = _database(settings)
    try:
        return verify(db, anchor_files=None if anchor_file is None else [Path(anchor_file)])
    except TrialError as problem:
        raise CommandError(problem.message, code=RefusalCode.INPUT_UNUSABLE) from problem
    finally:
        db.close()


def _database(settings: Settings) -> Database:
    from trial_core.db.session import Database
    from trial_core.errors import SettingError

    try:
        return Database(settings.database_url, audit=settings.audit_outside())
    except SettingError as problem:
        raise CommandError(problem.message, code=RefusalCode.INPUT_UNUSABLE) from problem


def _unanchored(found: Verification) -> CommandError:
    return CommandError(
        f"The {found.head.count} entries hold together, but nothing outside the database says how many there "
        "were: a trail that was cut off looks the same. Name a copy of audit-anchors.jsonl, or a file with a "
        "line of count and head from a signed report: --anchor FILE.",
        code=RefusalCode.INPUT_UNUSABLE,
    )


def _put(found: Verification, target: str | None) -> None:
    if target == STANDARD_OUTPUT:
        put_on_standard_output(to_json(_document(found)))
    elif target:
        write_whole(Path(target), to_json(_document(found)), "--json")
    else:
        show(_lines(found))
    if target:
        say("whole" if found.whole else "broken")


def _document(found: Verification) -> Mapping[str, Any]:
    broken, last = found.broken, found.anchors.last
    return {
        "whole": found.whole,
        "entries": found.head.count,
        "head": found.head.hash,
        "first_bad_entry": broken.sequence if broken else None,
        "bad_rows": len(found.rows),
        "anchors": {
            "count": found.anchors.lines,
            "last": {"entries": last.count, "head": last.head} if last else None,
        },
        "findings": list(_findings(found)),
    }


def _lines(found: Verification) -> Iterator[str]:
    if found.whole:
        last = found.anchors.last
        yield f"The audit trail is whole: {found.head.count} entries, head {found.head.hash}."
        if last:
            yield f"Anchors outside the database: {found.anchors.lines}; the last counts {last.count}."
        for finding in _findings(found):
            yield f"! {finding['message']}"
        return
    if found.only_rows_differ:
        yield f"The audit trail is whole ({found.head.count} entries), and the record is not what it tells."
    else:
        yield f"The audit trail is broken. It holds up to entry {found.head.count}."
    for finding in _findings(found):
        yield finding["message"]
    yield "Stop the server, keep a copy of database and data folder as they are, and compare with the backup."


def _findings(found: Verification) -> Iterator[Finding]:
    if found.broken:
        yield _finding(f"audit-{found.broken.flaw.name.lower().replace('_', '-')}", found.broken.message)
    for trigger in found.triggers_missing:
        yield _finding(
            "audit-trigger-missing",
            f"The trigger {trigger} is missing, off or another: entries can be changed and removed.",
        )
    for name in found.files_lost:
        yield _finding(
            "audit-anchors-lost",
            f"{name} is gone from the data folder, and every commit leaves it there: entries may have been "
            "cut off at the end. Compare with a copy of it kept elsewhere: --anchor FILE.",
        )
    if found.signatures_unlogged:
        yield _finding(
            "audit-signatures-unlogged",
            f"{found.signatures_unlogged} signatures on record have no entry: the trail was cut off "
            "behind them.",
        )
    if found.signatures_gone:
        yield _finding(
            "audit-signatures-gone",
            f"{found.signatures_gone} signatures have an entry and are no longer on record: somebody "
            "removed them.",
        )
    if found.signature_not_anchored:
        yield _finding(
            "audit-signature-not-anchored",
            f"Entry {found.signature_not_anchored} is the last signature, and the data folder's anchors do "
            "not know it: they were cut off, or the disk took nothing then. Compare with a report that "
            "prints it: --anchor FILE.",
        )
    yield from _of_rows(found)
    for where in found.anchors.forged:
        yield _finding("audit-anchor-forged", f"{where}: this anchor was not written with the trail's key.")
    for where in found.anchors.torn:
        yield _finding(
            "audit-anchor-torn",
            f"{where}: ends in the middle, after a crash or by somebody's hand, and was not counted.",
            severity="warning",
        )


def _of_rows(found: Verification) -> Iterator[Finding]:
    for row in found.rows[:_ROWS_NAMED]:
        yield _finding(f"record-{row.flaw.name.lower()}", row.message)
    left = len(found.rows) - _ROWS_NAMED
    if left > 0:
        yield _finding("record-more", f"{left} more rows of the record are not what the trail tells.")


def _finding(code: str, message: str, *, severity: str = "error") -> Finding:
    nowhere = {"file": None, "element": None, "structure": None}
    return {"code": code, "severity": severity, **nowhere, "message": message, "action": None}
