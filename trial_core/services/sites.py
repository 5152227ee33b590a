"""Sites: create and list them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trial_core.db.repositories import accounts
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.errors import AlreadyExists, NotAName
from trial_core.services.authorise import require
from trial_core.services.journal import note

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


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
    require(actor, Permission.MANAGE_ACCOUNTS)
    if not _CODE.fullmatch(code):
        raise NotAName("site code", code, "use 1 to 32 letters, digits and . _ -, a letter or digit first")
    site = Site(code, name.strip())
    with db.transaction() as connection:
        if accounts.site_exists(connection, code):
            raise AlreadyExists("site", code)
        accounts.add_site(connection, code=code, name=site.name, at=db.now())
        note(connection, db, actor, action="create site", entity="site", entity_id=code, name=site.name)
    return site


def list_sites(db: Database, actor: Actor) -> tuple[Site, ...]:
    """List all sites by code; someone of a site sees that one."""
    with db.read() as connection:
        known = accounts.sites(connection)
    return tuple(Site(code, name) for code, name in known if actor.site_code in (None, code))
