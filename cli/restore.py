"""`dosegate restore`: put a backup into an empty database and a new data folder, every byte compared."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from cli.errors import CommandError
from cli.installation import settings_of_this_environment
from cli.keeping import say_restored, shown


def run(arguments: Namespace) -> int:
    """Restore; 1 where the audit trail that was backed up is broken."""
    settings = settings_of_this_environment()
    from trial_core.installation.restore import restore
    from workers.data_folder_lock import DataFolderInUseError, hold_data_folder

    try:
        with (
            hold_data_folder(settings.data_folder, f"a restore (process {os.getpid()})"),
            shown() as progress,
        ):
            done = restore(settings, Path(arguments.folder), progress)
    except DataFolderInUseError as refusal:
        raise CommandError(str(refusal)) from refusal
    return say_restored(done)
