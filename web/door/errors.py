"""Refusals as answers: a status, what happened, what to do, and an id to quote when it is our fault."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from dash.exceptions import DependencyException
from flask import Flask, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response

from trial_core import access_errors, errors, submission_errors
from trial_core.system_errors import RecordAway, RecordBusy, is_full_disk
from web.door.security import wants_json
from web.words import later, refusal_words, t
from workers.reports.pdf.setting import NotSet

log = logging.getLogger(__name__)

STATUS_OF: dict[type[errors.TrialError], int] = {
    errors.NotSignedIn: 401,
    errors.SignInRefused: 401,
    errors.NotAuthorised: 403,
    errors.UploadOfAnother: 403,
    errors.UnknownSite: 404,
    errors.UnknownSubject: 404,
    errors.UnknownSubmission: 404,
    errors.UnknownUpload: 404,
    errors.AlreadyExists: 409,
    errors.WrongState: 409,
    errors.WrongOffset: 409,
    errors.UploadIncomplete: 409,
    errors.SubjectNotEligibleForPlan: 409,
    errors.SubjectWithoutRecords: 409,
    errors.UploadTooLarge: 413,
    errors.UploadBusy: 423,
    errors.AccountLocked: 429,
    errors.TooManyWrongAnswers: 429,
    errors.StoreFull: 507,
    RecordAway: 503,
    RecordBusy: 503,
    access_errors.PasswordMustBeChanged: 401,
    access_errors.OwnWork: 403,
    access_errors.OwnAccount: 403,
    access_errors.UnknownUser: 404,
    access_errors.SubjectAtSeveralSites: 409,
    access_errors.LastAdministrator: 409,
    submission_errors.SetChanged: 409,
    submission_errors.SubmittedOtherwise: 409,
}

_TITLES = {
    400: later("This request cannot be used"),
    401: later("You are not signed in"),
    403: later("This is not allowed"),
    404: later("There is no such page"),
    405: later("This is not allowed"),
    409: later("This cannot be done now"),
    413: later("Too large"),
    423: later("Busy"),
    429: later("Please wait"),
    503: later("Busy"),
    507: later("The server's disk is full"),
}

_HTTP_WORDS = {
    404: later("The address may be mistyped, or the page was removed. Go back to the first page."),
    405: later("This address cannot be used that way. Go back to the first page."),
    413: later("One request may carry 8 MiB at most. Reload the page and upload again."),
}


_FAULT_TITLE = later("Something went wrong")


def say_errors(server: Flask) -> None:
    """Turn refusals, HTTP errors and faults into answers people and scripts can use."""
    server.register_error_handler(errors.TrialError, _refusal)
    server.register_error_handler(HTTPException, _http_error)
    # Dash's own answer to an asset that it does not have is a fault
    server.register_error_handler(DependencyException, lambda _: _http_error(NotFound()))
    server.register_error_handler(NotSet, _not_set)
    server.register_error_handler(Exception, _fault)


def note_fault(error: BaseException) -> str:
    """Log a fault and return the id to quote. The log names the kind and place, never the data."""
    reference = secrets.token_hex(4)
    log.error("fault %s: %s at %s", reference, type(error).__name__, _place(error))
    return reference


def fault_words(reference: str) -> str:
    """Say that the program failed, and what to quote."""
    return t(
        "Something went wrong here; nothing was changed. Try again; if it happens again, quote {reference}.",
        reference=reference,
    )


def _refusal(error: errors.TrialError) -> tuple[Response | str, int]:
    return _answer(_status_of(error), refusal_words(error), **_facts(error))


def _http_error(error: HTTPException) -> tuple[Response | str, int]:
    status = error.code or 500
    return _answer(status, str(_HTTP_WORDS.get(status) or error.description or ""))


def _not_set(error: NotSet) -> tuple[Response | str, int]:
    reference = note_fault(error)
    words = t(
        "The report could not be set as PDF. Take it as HTML, and quote {reference} to the administrator.",
        reference=reference,
    )
    return _answer(500, words, reference=reference)


def _fault(error: Exception) -> tuple[Response | str, int]:
    if is_full_disk(error):
        return _refusal(errors.StoreFull())
    reference = note_fault(error)
    return _answer(
        500,
        fault_words(reference),
        reference=reference,
    )


def _answer(status: int, message: str, **facts: Any) -> tuple[Response | str, int]:
    if wants_json():
        return jsonify(message=message, **facts), status
    title = str(_TITLES.get(status, _FAULT_TITLE))
    return render_template("error.html", title=title, message=message, path=request.path), status


def _status_of(error: errors.TrialError) -> int:
    return next((STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF), 400)


def _facts(error: errors.TrialError) -> dict[str, Any]:
    return {"received": error.expected_bytes} if isinstance(error, errors.WrongOffset) else {}


def _place(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return "?" if frame is None else f"{frame.tb_frame.f_globals.get('__name__', '?')}:{frame.tb_lineno}"
