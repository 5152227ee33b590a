"""Sites: create and list them."""

from __future__ import annotations

from dataclasses import dataclass

from trial_core.db.session import Database
from trial_core.domain.access import Actor


@dataclass(frozen=True)
class Site:
    """A hospital of the trial."""

    code: str
    name: str


def create_site(db: Database, actor: Actor, *, code: str, name: str) -> Site:
    """Create a site.

    Raises
    ------
    NotAuthorised, AlreadyExists, NotAName
    """
    raise NotImplementedError


def list_sites(db: Database, actor: Actor) -> tuple[Site, ...]:
    """List all sites by code; someone of a site sees that one."""
    raise NotImplementedError
