"""The doctor's look at the DICOM listener: whether one listens, who may send, who called last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from trial_core.domain.access import SYSTEM
from trial_core.services import presence
from trial_core.services.dicom_senders import list_senders
from workers.doctor.looks import Look, note, well, wrong

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.domain.receiving import ReceiverPresent, Sender

_START = "Start it: dosegate receive."
_ALLOW = "Let one send: dosegate receive --allow AE SITE ADDRESS, or Operations in the web application."


def look_at_receiver(db: Database) -> Iterator[Look]:
    """Look at who listens for planning systems, and at who may send."""
    there, at = presence.receivers(db), presence.time_told(db)
    may_send = [each for each in list_senders(db, SYSTEM) if each.retired_at is None]
    yield _senders(may_send, listens=bool(there))
    if not there:
        yield _nobody(may_send)
    for each in there:
        yield _silent(each, at) if presence.is_silent(each, at) else well("receiver", _said(each))


def _senders(may_send: list[Sender], *, listens: bool) -> Look:
    if not may_send and listens:
        return note("senders", "No system may send: every association is refused", _ALLOW)
    named = ", ".join(f"{each.ae_title} (site {each.site_code})" for each in may_send)
    return well("senders", f"{len(may_send)} may send: {named}" if may_send else "no system is registered")


def _nobody(may_send: list[Sender]) -> Look:
    if may_send:
        return note("receiver", "None listens: registered systems cannot send", _START)
    return well("receiver", "none listens, and no system is registered to send")


def _silent(there: ReceiverPresent, at: datetime) -> Look:
    since_s = (at - there.seen_at).total_seconds()
    said = f"{there.ae_title} on {there.place} has been silent for {since_s:.0f} s"
    return wrong("receiver", said, f"It was killed or its machine is away: look at its log. {_START}")


def _said(there: ReceiverPresent) -> str:
    tls = "with TLS" if there.with_tls else "without TLS"
    if there.called_at is None:
        called = f"no association since its start at {_minute(there.started_at)}"
    else:
        called = f"last association by {there.called_by} at {_minute(there.called_at)}"
    return f"{there.ae_title} listens on {there.place} {tls}; {called}"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
