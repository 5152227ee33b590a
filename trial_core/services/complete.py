"""Whether every file of a set has arrived, under names that can stand beside one another."""

from __future__ import annotations

from trial_core.domain.file_names import file_and_folder_at_once
from trial_core.domain.plan import UploadProgress
from trial_core.errors import UnsafeFileName, UploadIncomplete


def require_complete(sent: tuple[UploadProgress, ...]) -> None:
    """Refuse a set that is empty, has files of which something is missing, or names that clash.

    Raises
    ------
    UploadIncomplete, UnsafeFileName
    """
    missing = tuple(file.name for file in sent if not file.complete)
    if missing or not sent:
        raise UploadIncomplete(missing)
    clash = file_and_folder_at_once(file.name for file in sent)
    if clash is not None:
        raise UnsafeFileName(clash, "another file uses it as a folder")
