"""What a worker works with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.settings import Settings
    from trial_core.store import Store

Tell = Callable[[str, int, int], None]
"""Takes progress: the stage, the steps done and the steps in all."""


@dataclass(frozen=True)
class Workplace:
    """The installation's settings, database and store, and the sign to stop."""

    settings: Settings
    db: Database
    store: Store
    stop: threading.Event = field(default_factory=threading.Event)
