"""Move the embedded installation of a data folder to the services that the settings name."""

from __future__ import annotations

import tempfile
from pathlib import Path

from trial_core.db.session import sqlite_file
from trial_core.installation.backup import Progress, back_up_rows
from trial_core.installation.refusals import AlreadyServices
from trial_core.installation.restore import Restored, put_in
from trial_core.settings import Settings, read_settings
from trial_core.store import Store


def import_embedded(settings: Settings, folder: Path, progress: Progress) -> Restored:
    """Copy rows, keys, anchors and bytes of an embedded installation; it stays as it is.

    The caller sees to it that nobody works on it meanwhile. Its data folder may be that of the settings: then
    the bytes stay where they are and are compared with their hashes.

    Raises
    ------
    AlreadyServices, NoInstallation
        and whatever `restore` raises.
    """
    if sqlite_file(settings.database_url) is not None:
        raise AlreadyServices
    embedded = read_settings({"DOSEGATE_DATA": str(folder)})
    with tempfile.TemporaryDirectory(prefix="import-", dir=settings.data_folder) as scratch:
        backup = back_up_rows(embedded, Path(scratch), progress)
        return put_in(settings, backup, Store(embedded.store_folder), progress)
