"""What the audit trail tells of the record's rows: which there are, and what stands in each.

The trail is sealed by a key outside the database, the rows are not: what an entry says of the row that it
was written with is compared with the row itself. So a form, a signature, an allocation, a result of a check
that was edited, removed or put in behind the services is found, though every entry holds.

Entries from before the key tell only that their row is there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from trial_core.domain.audit_chain import SIGN, StoredEntry
from trial_core.domain.leaving import LeavingKind
from trial_core.domain.plan import SubmissionState
from trial_core.domain.row_breaks import Key
from trial_core.domain.subject import Phase, SubjectStatus
from trial_core.domain.subject_forms import SubjectForm

_NEW_RESULT = "new result"
_BEGUN = ("begin submission", "begin records")
_OFF_RECORD = ("reject identity", "withdraw confirmed set")
_WITH_RESULT = (SubmissionState.CHECKED.value, SubmissionState.AWAITING_CONFIRMATION.value)


@dataclass
class ToldRows:
    """The rows that the entries of a walk tell of."""

    rows: dict[Key, dict[str, str | None]] = field(default_factory=dict)
    _counted: Counter[str] = field(default_factory=Counter)

    def among(self, entries: Iterable[StoredEntry]) -> Iterator[StoredEntry]:
        """Pass the entries on, and keep what each tells once the walk has gone past it."""
        for entry in entries:
            yield entry
            self.take(entry)

    def take(self, entry: StoredEntry) -> None:
        """Keep what one entry tells."""
        tell = _TELLING.get(SIGN if entry.action == SIGN else entry.entity)
        if tell is not None:
            tell(self, _Read(entry))

    def put(self, entry: StoredEntry, key: Key, fields: dict[str, str | None]) -> None:
        """Keep a row; of one that an entry from before the key tells, only that it is there."""
        self.rows[key] = {} if entry.key_id is None else fields

    def change(self, key: Key, **fields: str | None) -> None:
        """Keep what became of a row."""
        known = self.rows.get(key)
        if known:
            known.update(fields)

    def forget(self, key: Key, column: str) -> None:
        """Forget what was told of one column: it has changed, and nobody may say to what."""
        self.rows.get(key, {}).pop(column, None)

    def drop(self, table: str, submission_id: str) -> None:
        """Forget the rows of a submission that was taken off the record; they are counted anew."""
        for number in range(self._counted.pop(submission_id, 0)):
            self.rows.pop((table, f"{submission_id}/{number + 1}"), None)

    def next_of(self, kind: str) -> str:
        """Count the rows of a kind, from 1."""
        self._counted[kind] += 1
        return str(self._counted[kind])


def _read_json(text: str) -> dict[str, Any]:
    # Before the key whoever owned the database could write anything; the seal tells, and the walk goes on.
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class _Read:
    """An entry with its details read."""

    def __init__(self, entry: StoredEntry) -> None:
        self.entry = entry
        self.details = _read_json(entry.details)
        self.changes = _read_json(entry.changes or "{}")

    def text(self, name: str) -> str | None:
        value = self.details.get(name)
        return None if value is None else str(value)

    def new(self, name: str) -> str | None:
        """What a field was changed to."""
        value = self.changes.get(name)
        found = value[1] if isinstance(value, list) and len(value) > 1 else None
        return None if found is None else str(found)

    def texts(self, *names: str) -> dict[str, str | None]:
        return {name: self.text(name) for name in names}


def _form(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    verb = next((one for one in ("take back ", "correct ", "enter ") if entry.action.startswith(one)), None)
    if verb is None:
        return
    kind, void = entry.action.removeprefix(verb), verb == "take back "
    fields = {
        "subject_id": read.text("subject"),
        "kind": kind,
        **read.texts("occasion", "version", "content_sha256"),
        "content": read.text("content_sha256"),
        "void": "1" if void else "0",
        "reason": entry.reason,
        "entered_by": entry.user_id,
        "entered_at": entry.at,
    }
    told.put(entry, ("form_entry", entry.entity_id), fields)
    _where_it_puts_the_subject(told, read, kind, void=void)


def _where_it_puts_the_subject(told: ToldRows, read: _Read, kind: str, *, void: bool) -> None:
    change = partial(told.change, ("subject", read.text("subject") or ""))
    if kind == SubjectForm.ENROLMENT and "phase" in read.changes:
        change(status=SubjectStatus.ENROLLED.value, phase=read.changes["phase"][1])
    elif kind == SubjectForm.SCREENING_FAILURE:
        change(status=(SubjectStatus.SCREENING if void else SubjectStatus.SCREENING_FAILURE).value)
    elif kind == SubjectForm.LEAVING and read.text("occasion") == LeavingKind.WITHDRAWAL_OF_DATA_USE:
        change(status=(SubjectStatus.ENROLLED if void else SubjectStatus.WITHDRAWN).value)


def _signature(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    fields = {
        "entity": entry.entity,
        "entity_id": entry.entity_id,
        **read.texts("content_sha256", "meaning"),
        "user_id": entry.user_id,
        "role": entry.role,
        "signed_at": entry.at,
    }
    if "full_name" in read.details:
        fields["full_name"] = read.text("full_name")
    if "signature" in read.details:
        told.put(entry, ("signature", str(read.details["signature"])), fields)


def _study(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    if entry.action != "change the study's state":
        return
    fields = {
        "from_state": read.text("before"),
        "to_state": read.text("after"),
        "at": entry.at,
        "user_id": entry.user_id,
        "reason": entry.reason,
    }
    told.put(entry, ("study_transition", told.next_of("study_transition")), fields)


def _subject(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    if entry.action == "register subject":
        fields = {
            "site_code": entry.site_code,
            "code": read.text("code"),
            "status": SubjectStatus.SCREENING.value,
            "phase": None,
            "arm": None,
            "created_at": entry.at,
        }
        told.put(entry, ("subject", entry.entity_id), fields)
    elif entry.action == "randomise subject":
        arm = read.text("arm")
        fields = {
            "list_id": read.text("list"),
            "slot": read.text("slot"),
            "arm": arm,
            "revealed_by": entry.user_id,
            "revealed_at": entry.at,
        }
        told.put(entry, ("allocation", entry.entity_id), fields)
        enrolled = {"status": SubjectStatus.ENROLLED.value, "phase": Phase.IIB.value, "arm": arm}
        told.change(("subject", entry.entity_id), **enrolled)


def _list(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    if entry.action == "make randomisation list":
        fields = {**read.texts("stratum", "part", "commitment"), "created_at": entry.at}
        told.put(entry, ("allocation_list", entry.entity_id), fields)
    elif entry.action == "open randomisation list":
        fields = {"content": read.text("commitment"), "opened_by": entry.user_id, "opened_at": entry.at}
        told.put(entry, ("list_opening", entry.entity_id), fields)


def _consent_form(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    if entry.action == "register consent form":
        fields = {**read.texts("from_on"), "registered_by": entry.user_id, "registered_at": entry.at}
        told.put(entry, ("consent_form", entry.entity_id), fields)


def _terms(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    if entry.action == "import CTCAE terms":
        fields = {
            "number": told.next_of("term_list"),
            **read.texts("file"),
            "content": entry.entity_id,
            "imported_by": entry.user_id,
            "imported_at": entry.at,
        }
        told.put(entry, ("term_list", entry.entity_id), fields)


def _protocol(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    if entry.action == "install protocol version":
        fields = {
            "number": told.next_of("protocol_version"),
            **read.texts("sha256", "file"),
            "content": read.text("sha256"),
            "installed_by": entry.login,
            "installed_at": entry.at,
        }
        told.put(entry, ("protocol_version", f"{entry.entity_id}/{read.text('version')}"), fields)


def _cut(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    key = ("data_cut", entry.entity_id)
    if entry.action == "make data cut":
        released = {"released_by": None, "released_at": None}
        made = {"made_by": entry.user_id, "made_at": entry.at, **released}
        told.put(entry, key, {**read.texts("label", "cut_on", "manifest_sha256"), **made})
    elif entry.action == "release data cut":
        told.change(key, released_by=entry.user_id, released_at=entry.at)


def _submission(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    if entry.action in _BEGUN:
        fields = {
            "submitted_by": entry.user_id,
            "created_at": entry.at,
            "records_only": str(_BEGUN.index(entry.action)),
            # Entries of an older program do not say whose the plan is.
            **({"subject_id": read.text("subject")} if "subject" in read.details else {}),
        }
        told.put(entry, ("plan_submission", entry.entity_id), fields)
    _result(told, read)


def _result(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    if entry.action in _OFF_RECORD:
        told.drop("plan_check_result", entry.entity_id)
        return
    first = entry.action == "finish plan check" and read.text("state") in _WITH_RESULT
    if first or (entry.action == "finish re-check" and read.text("end") == _NEW_RESULT):
        key = ("plan_check_result", f"{entry.entity_id}/{told.next_of(entry.entity_id)}")
        # Entries of an older program do not say what the result was.
        sha256 = read.text("result_sha256")
        told.put(entry, key, {"row_sha256": sha256} if sha256 else {})


def _site(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    if entry.action == "create site":
        fields = {"name": read.new("name"), "created_at": entry.at}
        told.put(entry, ("site", entry.entity_id), fields)


def _user(told: ToldRows, read: _Read) -> None:
    entry = read.entry
    change = partial(told.change, ("user_account", entry.entity_id))
    if entry.action == "create user":
        fields = {"login": read.new("login"), "role": read.new("role"), "site_code": read.new("site")}
        fields |= {"created_at": entry.at, "deactivated_at": None, **_name_and_password(read)}
        told.put(entry, ("user_account", entry.entity_id), fields)
    elif entry.action in ("change role", "change site"):
        moved = {"role": "role", "site_code": "site"}
        change(**{column: read.new(name) for column, name in moved.items() if name in read.changes})
    elif entry.action in ("deactivate user", "reactivate user"):
        change(deactivated_at=entry.at if entry.action == "deactivate user" else None)
    elif entry.action in ("change password", "reset password"):
        told.forget(("user_account", entry.entity_id), "password_hash")
        change(**_name_and_password(read))


def _name_and_password(read: _Read) -> dict[str, str | None]:
    # Entries of an older program tell neither; of a password they tell the SHA-256 of its salted hash.
    told = {"full_name": "full_name", "password_hash": "kept_password_sha256"}
    return {column: read.text(name) for column, name in told.items() if name in read.details}


_TELLING: Mapping[str, Callable[[ToldRows, _Read], None]] = {
    SIGN: _signature,
    "consent form": _consent_form,
    "data cut": _cut,
    "form": _form,
    "list of terms": _terms,
    "protocol": _protocol,
    "randomisation list": _list,
    "study": _study,
    "subject": _subject,
    "site": _site,
    "submission": _submission,
    "user": _user,
}
"""By what an entry is about; a signature by itself, for it may be on anything."""
