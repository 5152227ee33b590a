"""Pictures of a course that was just checked, after its verdict is on record: it does not wait for them."""

from __future__ import annotations

import hashlib
import logging
import traceback
from typing import TYPE_CHECKING

from trial_core.domain.report_json import report_to_json
from trial_core.picture_store import PictureStore

if TYPE_CHECKING:
    from trial_core.store import Store
    from workers.pipelines.checked_course import CheckedCourse

_log = logging.getLogger(__name__)


def keep_pictures(store: Store, checked: CheckedCourse) -> None:
    """Keep the pictures of a checked course, found by its report; the files it was read from are still there.

    Never raises for a fault of the pictures: by now the job has ended well, and a page without pictures says
    that a new check makes them.
    """
    from workers.pipelines.display_volumes import pictures_of  # noqa: PLC0415 - only after a verdict

    report_sha256 = hashlib.sha256(report_to_json(checked.report)).hexdigest()
    try:
        pictures = PictureStore(store.folder)
        if pictures.find(report_sha256) is None:
            pictures.make_room()
            pictures.keep(report_sha256, lambda keep: pictures_of(checked, keep))
    except Exception as problem:  # noqa: BLE001 - the verdict stands, whatever went wrong with its pictures
        places = "".join(traceback.format_tb(problem.__traceback__))
        _log.error("No pictures were kept (%s) at:\n%s", type(problem).__name__, places)
