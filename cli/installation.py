"""The installation that a command works on: its settings, with refusals as exit status 2."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from cli.errors import CommandError, RefusalCode

if TYPE_CHECKING:
    from trial_core.settings import Settings


def settings_of_this_environment(port: int | None = None) -> Settings:
    """Read the settings; `port` wins over DOSEGATE_PORT.

    Raises
    ------
    CommandError
        a variable holds what cannot be used.
    """
    from trial_core.errors import SettingError
    from trial_core.settings import read_settings

    os.umask(0o077)  # what this process writes concerns patients: nobody else on the machine reads it
    try:
        settings = read_settings()
    except SettingError as problem:
        raise CommandError(str(problem)) from problem
    return dataclasses.replace(settings, port=port) if port else settings


def settings_of_an_installation(so: str = "") -> Settings:
    """Read the settings of an installation that is there; `so` says what follows where none is.

    Raises
    ------
    CommandError
        a variable holds what cannot be used, or no server has been started on this data folder.
    """
    from trial_core.db.session import sqlite_file

    settings = settings_of_this_environment()
    file = sqlite_file(settings.database_url)
    if not settings.has_secrets or (file is not None and not file.is_file()):
        raise CommandError(
            f"{settings.data_folder} holds no installation{so}. "
            "Set DOSEGATE_DATA (and DOSEGATE_DATABASE_URL) to those of the server.",
            code=RefusalCode.INPUT_UNUSABLE,
        )
    return settings
