"""`dosegate add-administrator`: the account that makes all others, first of all in a new installation."""

from __future__ import annotations

from argparse import Namespace
from contextlib import closing

from cli.installation import settings_of_this_environment
from cli.keeping import shown
from cli.output import say, show


def run(arguments: Namespace) -> int:
    """Make the account; its one-time password is standard output, this once."""
    settings = settings_of_this_environment()
    from trial_core.db.migrate import migrate
    from trial_core.db.session import Database
    from trial_core.domain.access import SYSTEM, Role
    from trial_core.services.accounts import create_user
    from trial_core.services.passwords import draw_password

    password = draw_password()
    with shown(), closing(Database(settings.database_url, audit=settings.audit_outside())) as db:
        migrate(db, settings.database_owner_url)
        made = create_user(
            db,
            SYSTEM,
            login=arguments.login,
            password=password,
            role=Role.ADMINISTRATOR,
            full_name=arguments.name,
            one_time=True,
        )
    say(f"Administrator {made.login!r} is made. Sign in within 7 days with this one-time password:")
    show([password])
    return 0
