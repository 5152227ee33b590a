"""Change the language of one's pages: a form of the frame, and back to the page one came from."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from trial_core.services import own_settings
from web.door.security import local_path
from web.house import actor, house
from web.words import Language, t

routes = Blueprint("language", __name__)


@routes.post("/language")
def change() -> Response:
    """Keep the language that was chosen, and show the page anew in it."""
    chosen = request.form.get("language", "")
    if chosen not in set(Language):
        abort(400, t("There are no pages in this language. Choose one of those at the top of the page."))
    own_settings.keep_language(house().db, actor(), chosen)
    return redirect(local_path(urlsplit(request.referrer or "/").path), code=303)
