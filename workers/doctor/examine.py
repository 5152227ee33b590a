"""Look at everything, one thing after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workers.doctor.folders import look_at_folders
from workers.doctor.looks import Look
from workers.doctor.machine import look_at_machine
from workers.doctor.services import look_at_services

if TYPE_CHECKING:
    from trial_core.settings import Settings


def examine(settings: Settings) -> Iterator[Look]:
    """Look at the machine, the data folder and the services, and say each as soon as it is known."""
    yield from look_at_machine()
    yield from look_at_folders(settings)
    yield from look_at_services(settings)
