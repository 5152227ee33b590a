"""`dosegate migrate`: create the tables of the database, or bring them up to date."""

from __future__ import annotations

from argparse import Namespace
from contextlib import closing

from cli.installation import settings_of_this_environment
from cli.keeping import shown
from cli.output import say


def run(_arguments: Namespace) -> int:
    """Migrate and say from where to where."""
    settings = settings_of_this_environment()
    from trial_core.db.migrate import migrate, revision
    from trial_core.db.session import Database
    from trial_core.services.audit_trail import seal_old_entries
    from trial_core.services.protocol_versions import record_own_protocol

    with (
        shown(),
        closing(Database(settings.database_url, audit=settings.audit_outside(), zone=settings.zone)) as db,
    ):
        before = revision(db)
        migrate(db, settings.database_owner_url)
        seal_old_entries(db)
        record_own_protocol(db)
        after = revision(db)
    say(f"The database is at {after}." if before == after else f"The database went from {before} to {after}.")
    return 0
