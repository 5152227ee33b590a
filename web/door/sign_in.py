"""Sign in and out: plain pages, before and without Dash."""

from __future__ import annotations

import hmac
import secrets

from flask import Blueprint, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from trial_core.access_errors import PasswordMustBeChanged, SamePassword
from trial_core.errors import AccountLocked, SignInRefused, TrialError, WeakPassword
from trial_core.services import accounts
from web.door.security import (
    FORM_COOKIE,
    close_session,
    cookie,
    delete_cookie,
    local_path,
    open_session,
    set_cookie,
)
from web.house import house
from web.words import refusal_words, t

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
def show() -> Response:
    """Show the form, to whom a page led here because the session had ended with what happened."""
    ended = t("Your session has ended, and the last step was not done. Sign in to go on where you were.")
    message = ended if request.args.get("ended") else ""
    return _form(local_path(request.args.get("next")), message=message)


@pages.post("/sign-in")
def sign_in() -> Response:
    """Check name and password and open a session."""
    next_path = local_path(request.form.get("next"))
    login = request.form.get("login", "").strip()
    if not _form_is_ours():
        return _form(next_path, login, t("The form had expired. Sign in again."), status=403)
    try:
        token = _token(login)
    except PasswordMustBeChanged as refusal:
        return _form(next_path, login, refusal_words(refusal), status=_status(refusal), choose=True)
    except (SignInRefused, AccountLocked) as refusal:
        return _form(next_path, login, refusal_words(refusal), status=_status(refusal))
    except (WeakPassword, SamePassword, NotTheSameTwice) as refusal:
        return _form(next_path, login, refusal_words(refusal), status=400, choose=True)
    response = redirect(next_path, code=303)
    open_session(response, token)
    delete_cookie(response, FORM_COOKIE)
    return response


@pages.post("/sign-out")
def sign_out() -> Response:
    """Revoke the session on the server and take the cookies away."""
    accounts.sign_out(house().db, token=g.session_token)
    response = redirect("/sign-in", code=303)
    close_session(response)
    return response


class NotTheSameTwice(TrialError):  # noqa: N818 - named for what is so, as all refusals
    """A new password that was not typed the same way twice."""

    def __init__(self) -> None:
        super().__init__(t("The two new passwords differ. Type the same one twice."))


def _token(login: str) -> str:
    """Sign in, with a password of one's own first where the one that was typed is good for once."""
    password, new = request.form.get("password", ""), request.form.get("new_password", "")
    if "new_password" in request.form:
        if new != request.form.get("new_password_again", ""):
            raise NotTheSameTwice
        accounts.replace_one_time_password(
            house().db, login=login, password=password, new_password=new, origin=_origin()
        )
        password = new
    return accounts.sign_in(house().db, login=login, password=password, origin=_origin())


def _origin() -> str:
    """Where the request comes from: failures lock a name there, and nowhere else."""
    return request.remote_addr or ""


def _form(
    next_path: str, login: str = "", message: str = "", status: int = 200, *, choose: bool = False
) -> Response:
    token = secrets.token_urlsafe(24)
    page = render_template(
        "sign_in.html",
        next_path=next_path,
        login=login,
        message=message,
        form_token=token,
        choose_password=choose,
    )
    response = make_response(page, status)
    set_cookie(response, FORM_COOKIE, token)
    return response


def _form_is_ours() -> bool:
    ours = cookie(FORM_COOKIE)
    return bool(ours) and hmac.compare_digest(ours.encode(), request.form.get("form_token", "").encode())


def _status(refusal: TrialError) -> int:
    return 429 if isinstance(refusal, AccountLocked) else 401
