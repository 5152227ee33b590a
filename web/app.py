"""The web application put together: one Dash app on one Flask server."""

from __future__ import annotations

from typing import Any

# A first cut loads it in one thread; Plotly looks at it, half loaded, in the others and fails.
import pandas  # noqa: F401
from dash import ClientsideFunction, Dash, Input, Output, html, set_props
from flask import Flask, abort, g, request

from trial_core.db.session import Database
from trial_core.errors import StoreFull, TrialError
from trial_core.settings import Settings
from trial_core.store import Store
from trial_core.system_errors import is_full_disk
from web import language
from web.components import frame
from web.components.notices import Tone, notice
from web.delivery import deliver_well
from web.door import sign_in
from web.door.callback_border import declared_kinds, guard_callbacks
from web.door.errors import fault_words, note_fault, say_errors
from web.door.security import CSRF_COOKIE, cookie_name, csrf_token, guard
from web.downloads import cut_csv, cut_tables, protocol_files, report_files, time_line_csv, trial_csv
from web.forms import sending
from web.forms.sending import register_checks
from web.house import House, actor, move_in, synthetic_words
from web.pictures import slices
from web.reading import audit
from web.routing import find, page_modules, table
from web.submitting import uploads
from web.watching import watch
from web.words import chosen_language, refusal_words, t

_BLUEPRINTS = (
    sign_in.pages,
    language.routes,
    uploads.routes,
    report_files.routes,
    slices.routes,
    time_line_csv.routes,
    trial_csv.routes,
    cut_csv.routes,
    cut_tables.routes,
    audit.routes,
    protocol_files.routes,
)
_PASSED_ON = ("/_dash-", "/_reload-hash", "/_favicon.ico", "/assets/")


def create_app(settings: Settings, db: Database, store: Store) -> Dash:
    """Build the application for one installation; `.server` is the WSGI application.

    Parameters
    ----------
    settings
        Data folder, address, limits.
    db
        Where services take their transactions from.
    store
        Bytes and read models by hash, and the staging area of uploads.
    """
    server = _server(House(settings, db, store))
    app = _dash(server, csrf_cookie=cookie_name(CSRF_COOKIE, https=settings.is_https))
    guard(app, server, House(settings, db, store))
    guard_callbacks(app, server, declared_kinds((sending, *page_modules())))
    deliver_well(server)
    server.before_request(_refuse_unknown_addresses)
    app.layout = _layout
    _register(app)
    return app


def _server(house: House) -> Flask:
    server = Flask("web", template_folder="templates", static_folder=None)
    server.config["MAX_CONTENT_LENGTH"] = uploads.REQUEST_BYTES
    server.secret_key = house.settings.secrets().session_key
    move_in(server, house)
    server.context_processor(lambda: {"synthetic": synthetic_words(), "t": t, "language": chosen_language()})
    say_errors(server)
    for blueprint in _BLUEPRINTS:
        server.register_blueprint(blueprint)
    watch(server)
    return server


def _dash(server: Flask, *, csrf_cookie: str) -> Dash:
    return _Dash(
        "web",
        server=server,
        title="Dosegate",
        update_title=None,
        serve_locally=True,
        csrf_token_name=csrf_cookie,
        suppress_callback_exceptions=True,  # pages come and go; their callbacks are registered all the same
        on_error=_say_fault,
        enable_mcp=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        index_string=_INDEX,
    )


class _Dash(Dash):
    """Dash, whose first page says in which language it is."""

    def interpolate_index(self, **parts: Any) -> str:
        """Give the page that loads everything else."""
        index: str = super().interpolate_index(**parts)
        return index.replace('<html lang="en">', f'<html lang="{chosen_language().tag}">', 1)


def _layout() -> Any:
    if "actor" not in g:
        return html.Div()  # Dash tries the layout once before the first request has passed the guard
    return frame.frame(actor(), csrf_token(g.session_token), synthetic=synthetic_words())


def _register(app: Dash) -> None:
    app.callback(
        Output(frame.Ids.PAGE, "children"),
        Output(frame.Ids.NAVIGATION, "children"),
        Output(frame.Ids.TITLE, "data"),
        Input(frame.Ids.LOCATION, "pathname"),
    )(show_page)
    app.clientside_callback(
        ClientsideFunction("dosegate", "title"),
        Output(frame.Ids.TITLE_SET, "data"),
        Input(frame.Ids.TITLE, "data"),
    )
    register_checks(app)
    for module in page_modules():
        if hasattr(module, "register"):
            module.register(app)


def show_page(path: str | None) -> tuple[Any, Any, str]:
    """Give the page of an address; a refusal is shown in its place, in words."""
    build = find(path or "/")
    try:
        page = _missing() if build is None else build()
    except TrialError as refusal:
        page = _refused(refusal_words(refusal))
    addresses = {each.address for each in table()}
    return page.body, frame.navigation(page.section, actor(), addresses), page.title


def _missing() -> frame.Page:
    return _refused(t("There is no such page. Choose one of the sections above."))


def _refused(message: str) -> frame.Page:
    title = t("This cannot be shown")
    return frame.Page(
        title, None, [frame.head(title), notice(Tone.STOP, t("Refused. "), message, alert=True)]
    )


def _say_fault(error: Exception) -> None:
    """Tell the person that a callback failed; a refusal in its own words, a fault with an id to quote."""
    refusal = StoreFull() if is_full_disk(error) else error
    message = refusal_words(refusal) if isinstance(refusal, TrialError) else fault_words(note_fault(error))
    set_props(
        frame.Ids.MESSAGES,
        {
            "sendNotifications": [
                {
                    "action": "show",
                    "title": t("Not done"),
                    "message": message,
                    "color": "red",
                    "autoClose": False,
                }
            ]
        },
    )


def _refuse_unknown_addresses() -> None:
    # Dash answers every address with its page; a wrong one must be a 404 for people and scripts alike
    is_ours = request.blueprint is not None
    if is_ours or request.path.startswith(_PASSED_ON):
        return
    if request.method not in ("GET", "HEAD") or find(request.path) is None:
        abort(404)


_INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <link rel="icon" href="/assets/gate.svg">
    {%css%}
    <script src="/assets/scheme.js"></script>
  </head>
  <body>
    {%app_entry%}
    <footer>
      {%config%}
      {%scripts%}
      {%renderer%}
    </footer>
  </body>
</html>"""
