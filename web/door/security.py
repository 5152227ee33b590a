"""The guard at the door: sessions, CSRF, hosts and headers, before any page or callback."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import quote, unquote, urlsplit

from dash import Dash
from flask import Flask, Response, abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from trial_core.errors import NotSignedIn
from trial_core.services import accounts, own_settings
from trial_core.services.journal import on_request
from web.house import House, house
from web.words import t
from web.words.language import settle_language

SESSION_COOKIE = "dosegate_session"
FORM_COOKIE = "dosegate_form"
CSRF_COOKIE = "_csrf_token"
CSRF_HEADER = "X-CSRFToken"
CSRF_FIELD = "_csrf_token"
SHOWN_TO_HEADER = "X-Shown-To"
"""Whose page asks, by login: another person may have signed in meanwhile, in another window."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PREFIXES = ("/assets/", "/_dash-component-suites/")
OPEN_PATHS = frozenset({"/sign-in", "/_favicon.ico", "/health/live", "/health/ready", "/metrics"})

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def guard(app: Dash, server: Flask, home: House) -> None:
    """Put the guard before every request and the headers on every response."""
    names = _host_names(home.settings.host, home.settings.public_host)
    server.before_request(_begin_request)
    server.teardown_request(_end_request)
    server.before_request(lambda: _refuse_other_hosts(names))
    server.before_request(_refuse_other_origins)
    server.before_request(_require_session)
    server.before_request(_refuse_page_of_another)
    server.before_request(_require_csrf)
    server.after_request(_give_csrf_again)
    server.after_request(_headers_of(app, https=home.settings.is_https))


def csrf_token(session_token: str) -> str:
    """Derive the CSRF token of a session: bound to it, so that a planted cookie is worth nothing."""
    return hashlib.sha256(b"dosegate-csrf:" + session_token.encode()).hexdigest()


def cookie_name(name: str, *, https: bool) -> str:
    """Give a cookie's name: by https with the prefix that no other host and no plain page can set."""
    return f"__Host-{name}" if https else name


def cookie(name: str) -> str:
    """Give a cookie's value, empty where there is none."""
    return request.cookies.get(cookie_name(name, https=_is_https()), "")


def set_cookie(response: AnyResponse, name: str, value: str, *, hidden: bool = True) -> None:
    """Set a cookie of this site; `hidden` from scripts."""
    bears = cookie_name(name, https=_is_https())
    response.set_cookie(bears, value, httponly=hidden, samesite="Strict", secure=_is_secure())


def delete_cookie(response: AnyResponse, name: str) -> None:
    """Take a cookie away, with what it was set with: else a browser keeps one that bears the prefix."""
    bears = cookie_name(name, https=_is_https())
    response.delete_cookie(bears, samesite="Strict", secure=_is_secure())


def open_session(response: AnyResponse, session_token: str) -> None:
    """Set a session's two cookies: its token, hidden from scripts, and the CSRF token they send back."""
    set_cookie(response, SESSION_COOKIE, session_token)
    set_cookie(response, CSRF_COOKIE, csrf_token(session_token), hidden=False)


def close_session(response: AnyResponse) -> None:
    """Take both cookies away."""
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        delete_cookie(response, name)


def _is_https() -> bool:
    return house().settings.is_https


def _is_secure() -> bool:
    return _is_https() or request.is_secure


def local_path(wanted: str | None) -> str:
    """Give a path of this site to go on to after sign-in, or "/" for anything else: no open redirect."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//"):
        return "/"
    if "\\" in wanted or not wanted.isprintable():
        return "/"
    parts = urlsplit(wanted)
    return "/" if parts.scheme or parts.netloc else wanted


def wants_json() -> bool:
    """Tell whether a script asks: it gets JSON and a status, a person gets a page."""
    return (
        request.path.startswith(("/_dash-", "/uploads"))
        or request.accept_mimetypes.best == "application/json"
    )


def _begin_request() -> None:
    """Let the audit entries of this request bear its id, which the answer bears, too."""
    g.request_id = secrets.token_hex(8)
    g.audited = ExitStack()
    g.audited.enter_context(on_request(g.request_id))


def _end_request(_problem: BaseException | None) -> None:
    audited = g.pop("audited", None)
    if audited is not None:
        audited.close()


def _is_open() -> bool:
    return request.path in OPEN_PATHS or request.path.startswith(OPEN_PREFIXES)


def _require_session() -> AnyResponse | None:
    g.session_token = cookie(SESSION_COOKIE)
    if _is_open():
        return None
    try:
        actor = accounts.actor_of(house().db, token=g.session_token)
        settle_language(own_settings.language(house().db, actor))
        g.actor = actor
    except NotSignedIn as error:
        if wants_json() or request.method not in SAFE_METHODS:
            raise
        del error
        return redirect("/sign-in?next=" + quote(request.path))
    return None


def _require_csrf() -> None:
    if request.method in SAFE_METHODS or _is_open():
        return  # The sign-in form has no session yet; it brings its own token (web.sign_in).
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not hmac.compare_digest(sent.encode(), csrf_token(g.session_token).encode()):
        abort(403, t("The request did not carry this session's token. Reload the page and try again."))


def _refuse_page_of_another() -> None:
    """Nothing is done in one person's name from a page that bears another's."""
    shown_to = request.headers.get(SHOWN_TO_HEADER)
    if shown_to is None or "actor" not in g or unquote(shown_to) == g.actor.login:
        return
    abort(412, t("Another person has signed in in this browser. Nothing was changed; load this page anew."))


def _give_csrf_again(response: Response) -> Response:
    """Give a page that is loaded anew the token that its browser has lost: "reload the page" has to help."""
    is_page = request.method in SAFE_METHODS and response.mimetype == "text/html" and "actor" in g
    if is_page and cookie(CSRF_COOKIE) != csrf_token(g.session_token):
        set_cookie(response, CSRF_COOKIE, csrf_token(g.session_token), hidden=False)
    return response


def _refuse_other_origins() -> None:
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    if origin is not None and _host_of(origin) not in (request.host, house().settings.public_host):
        abort(403, t("The request came from another site. Open Dosegate itself and try again."))


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # no address at all
        return ""


def _refuse_other_hosts(names: frozenset[str] | None) -> None:
    # A server on the loopback answers to loopback names only: no DNS rebinding.
    if names is not None and (urlsplit(f"//{request.host}").hostname or "") not in names:
        abort(400, t("This address is not Dosegate's. Open the one that was printed when it was started."))


def _host_names(bound_to: str, public_host: str | None) -> frozenset[str] | None:
    """Give the names that this server answers to; None where only a proxy knows them."""
    public = frozenset({urlsplit(f"//{public_host}").hostname or ""}) if public_host else frozenset()
    loopback = frozenset({"localhost", "127.0.0.1", "::1"})
    try:
        is_loopback = ipaddress.ip_address(bound_to).is_loopback
    except ValueError:
        is_loopback = bound_to == "localhost"
    if is_loopback:
        return loopback | {bound_to} | public
    return loopback | public if public else None


def _headers_of(app: Dash, *, https: bool) -> Callable[[Response], Response]:
    def add(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", _content_policy(app))
        if https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if not request.path.startswith(OPEN_PREFIXES):
            response.headers["Cache-Control"] = "no-store"
        return response

    return add


def _content_policy(app: Dash) -> str:
    scripts = " ".join(
        ["'self'", *app.csp_hashes()]
    )  # asked anew each time: callbacks may add inline scripts
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",  # plotly and the grid set style attributes
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
