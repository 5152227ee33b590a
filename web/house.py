"""What every page reaches for: the installation's settings, database and store, and the person who asks."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g

from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.settings import Settings
from trial_core.store import Store
from web.words import later

_EXTENSION = "dosegate"
SYNTHETIC = later("Synthetic demo study: every subject, person, date and file in it is made up.")


@dataclass(frozen=True)
class House:
    """One installation, as the composition root handed it over."""

    settings: Settings
    db: Database
    store: Store


def move_in(server: Flask, house: House) -> None:
    """Make the installation known to a server, once."""
    server.extensions[_EXTENSION] = house


def house() -> House:
    """Give the installation of the server that answers this request."""
    found = current_app.extensions[_EXTENSION]
    assert isinstance(found, House)  # noqa: S101 - set by `move_in` alone; this tells the type checker
    return found


def synthetic_words() -> str | None:
    """Give what every page and report of the demo study says; None in any other installation."""
    return str(SYNTHETIC) if house().settings.is_demo else None


def actor() -> Actor:
    """Give the person who asks; the guard in `web.door.security` has let only signed-in people through."""
    found = g.actor
    assert isinstance(found, Actor)  # noqa: S101 - set by the guard alone; this tells the type checker
    return found
