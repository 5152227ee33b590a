"""A demo study with synthetic subjects, put on record through services only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trial_core.settings import Settings


@dataclass(frozen=True)
class SignIn:
    """The demo account; `password` lies in `password_file` (mode 0600) from the first run on."""

    user_name: str
    password: str
    password_file: Path


def load_demo_study(settings: Settings, db: Any, store: Any, course_folder: Path) -> SignIn:
    """Put the demo study on record, once: a second call changes nothing and returns the same sign-in."""
    raise NotImplementedError
