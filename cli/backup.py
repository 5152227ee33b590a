"""`dosegate backup`: add a backup of this moment to a folder of backups, while the server runs."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from cli.installation import settings_of_this_environment
from cli.keeping import shown
from cli.output import say


def run(arguments: Namespace) -> int:
    """Back up and say what it came to."""
    settings = settings_of_this_environment()
    from trial_core.installation.backup import back_up

    with shown() as progress:
        made = back_up(settings, Path(arguments.folder), progress)
    say(f"{made.rows} rows and {made.files} files ({made.new_files} new) are in {made.folder}.")
    say(f"Audit trail: {made.audit.count} entries, head {made.audit.hash}.")
    say("It holds the installation's keys: guard it like the installation.")
    return 0
