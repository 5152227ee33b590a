"""`dosegate import-embedded`: move the study of an embedded installation to PostgreSQL, row by row."""

from __future__ import annotations

import os
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path

from cli.errors import CommandError
from cli.installation import settings_of_this_environment
from cli.keeping import say_restored, shown


def run(arguments: Namespace) -> int:
    """Import; the embedded installation stays as it is, and nobody may serve it meanwhile."""
    settings, folder = settings_of_this_environment(), Path(arguments.folder).absolute()
    if not folder.is_dir():
        raise CommandError(f"{folder} is no folder. Name the data folder of the embedded installation.")
    from trial_core.installation.embedded import import_embedded
    from workers.data_folder_lock import DataFolderInUseError, hold_data_folder

    try:
        with ExitStack() as held:
            for each in sorted({folder, settings.data_folder}):
                held.enter_context(hold_data_folder(each, f"an import (process {os.getpid()})"))
            progress = held.enter_context(shown())
            done = import_embedded(settings, folder, progress)
    except DataFolderInUseError as refusal:
        raise CommandError(str(refusal)) from refusal
    return say_restored(done)
