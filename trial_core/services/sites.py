"""Sites: create and list them."""

from __future__ import annotations

from dataclasses import dataclass

from trial_core.db.repositories import accounts
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.names import CODE_RULE, LABEL_RULE, is_code, is_label
from trial_core.errors import AlreadyExists, NotAName
from trial_core.services.authorise import require
from trial_core.services.journal import note


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
    site = Site(code, name.strip())
    if not is_code(code):
        raise NotAName("site code", code, CODE_RULE)
    if not is_label(site.name):
        raise NotAName("site's name", site.name, LABEL_RULE)
    with db.transaction() as connection:
        if accounts.site_exists(connection, code):
            raise AlreadyExists("site", code)
        accounts.add_site(connection, code=code, name=site.name, at=db.now())
        note(
            connection,
            db,
            actor,
            action="create site",
            entity="site",
            entity_id=code,
            changes={"name": [None, site.name]},
        )
    return site


def list_sites(db: Database, actor: Actor) -> tuple[Site, ...]:
    """List all sites by code; someone of a site sees that one."""
    with db.read() as connection:
        known = accounts.sites(connection)
    return tuple(Site(code, name) for code, name in known if actor.site_code in (None, code))
