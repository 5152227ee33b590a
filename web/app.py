"""The web application put together: one Dash app on one Flask server."""

from __future__ import annotations

from typing import Any

from dash import Dash


def create_app(settings: Any, db: Any, store: Any) -> Dash:
    """Build the application for one installation; `.server` is the WSGI application.

    Parameters
    ----------
    settings
        `trial_core.settings.Settings`: data folder, public address, limits.
    db
        What `trial_core.db.session` hands out: where services take their transactions from.
    store
        `trial_core.store`: bytes and read models by hash, and the staging area of uploads.
    """
    raise NotImplementedError
