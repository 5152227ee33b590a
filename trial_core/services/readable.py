"""Texts that people type: what no database stores and nobody can read is refused before it is written."""

from __future__ import annotations

import unicodedata

from trial_core.follow_up_errors import TextUnusable

LONGEST_TEXT = 2_000
_LINE_BREAKS = ("\n", "\t")


def require_readable(field: str, text: str) -> None:
    """Refuse control characters, half characters and whole documents; an empty text is for others to judge.

    Raises
    ------
    TextUnusable
    """
    hidden = any(unicodedata.category(each) in ("Cc", "Cs") and each not in _LINE_BREAKS for each in text)
    if hidden or len(text) > LONGEST_TEXT:
        raise TextUnusable(field, LONGEST_TEXT)
