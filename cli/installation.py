"""The installation that serve, worker and run work on: its settings, with refusals as exit status 2."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from cli.errors import CommandError

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
