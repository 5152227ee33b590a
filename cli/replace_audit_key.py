"""`dosegate replace-audit-key`: another key of the audit trail; the old one verifies the old entries."""

from __future__ import annotations

from argparse import Namespace
from contextlib import closing

from cli.errors import CommandError, RefusalCode
from cli.installation import settings_of_an_installation
from cli.keeping import shown
from cli.output import say


def run(_arguments: Namespace) -> int:
    """Replace the key of an installation whose server is stopped, and seal the trail with the new one."""
    settings = settings_of_an_installation(", so there is no key to replace")
    from trial_core.db.session import Database
    from trial_core.services.audit_trail import seal_old_entries, verify
    from workers.data_folder_lock import DataFolderInUseError, hold_data_folder

    try:
        with shown(), hold_data_folder(settings.data_folder, "dosegate replace-audit-key"):
            with closing(Database(settings.database_url, audit=settings.audit_outside())) as db:
                before = verify(db)
            if not before.whole:
                # Sealed now, what is broken would be covered by the new key.
                words = (
                    "The audit trail is broken. Look at it with `dosegate verify-audit` before anything else."
                )
                raise CommandError(words, code=RefusalCode.INPUT_UNUSABLE)
            settings.replace_audit_key()
            with closing(Database(settings.database_url, audit=settings.audit_outside())) as db:
                seal_old_entries(db)
    except DataFolderInUseError as problem:
        raise CommandError(str(problem), code=RefusalCode.INPUT_UNUSABLE) from problem
    say(
        f"{before.head.count} entries stay as they are, under the old key; those to come bear the new one. "
        "Back up secrets.json now, and start every server and worker of this installation again."
    )
    return 0
