"""Text that somebody else wrote, kept from turning round the words beside it."""

from __future__ import annotations

import re

_TURNS = re.compile("[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]")
"""Letters and marks that are written, or have others written, from right to left."""
_ISOLATES = re.compile("[\u2066-\u2069]")
_APART = re.compile("\u2068[^\u2066-\u2069]*\u2069")
_BEGIN, _END = "\u2068", "\u2069"


def apart(text: str) -> str:
    """Give a text that stands in a line of ours: one that could turn the line round is isolated.

    First strong isolate and pop directional isolate (Unicode Standard Annex 9) close whatever stands between
    them; isolates of the text itself are left out, for one of them could end ours. What is isolated already
    stays as it is.
    """
    if not _TURNS.search(_APART.sub("", text)):
        return text
    return f"{_BEGIN}{_ISOLATES.sub('', text)}{_END}"
