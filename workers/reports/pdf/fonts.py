"""Fonts of the printed report: those that come with our libraries, and a Chinese one where there is one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MAIN, MONO = "DejaVu Sans", "DejaVu Sans Mono"
"""Both come with matplotlib, which the lock pins: the same glyphs on every machine."""

_MAIN_FILES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
_LONG_RUN = re.compile(r"\S{13,}")
_PIECE = re.compile(r"(?:[^-_./\\,;:=+]{1,20}[-_./\\,;:=+]*|[-_./\\,;:=+]+)(?=\S)")
_UNSEEN = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0})
_UNSEEN_RANGES = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_HASH = re.compile(r"[0-9a-f]{32,64}")
BREAK = "\u200b"
"""Between two characters where a line may end; put in by `Printable` alone, for it takes away all others.

The template sets nothing in its place, so that a search of the PDF finds the whole word.
"""


@dataclass(frozen=True)
class ChineseFont:
    """A font with Chinese characters: its family and its file."""

    family: str
    file: Path


CHINESE = (
    ChineseFont("Noto Sans CJK SC", Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")),
    ChineseFont("Noto Sans CJK SC", Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc")),
    ChineseFont("WenQuanYi Micro Hei", Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")),
    ChineseFont("Droid Sans Fallback", Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf")),
)
"""Where one is looked for, best first; nothing else of a machine's fonts is ever used."""


def chinese_font(known: Iterable[ChineseFont] = CHINESE) -> ChineseFont | None:
    """Give the first Chinese font that is there."""
    return next((font for font in known if font.file.is_file()), None)


def main_folder() -> Path:
    """Give the folder with the main fonts."""
    from matplotlib import get_data_path  # noqa: PLC0415  a quarter of a second, and only a report needs it

    return Path(get_data_path()) / "fonts" / "ttf"


class Printable:
    """Turns any text into one of which every character has a glyph and none is hidden.

    A character without a glyph and one that shows nothing but steers (right-to-left marks, controls) are
    written by their number, as `‹U+202E›`; white space is a space. Long words may be broken anywhere.
    `chinese` tells whether a text so far needed the Chinese font.
    """

    def __init__(self, chinese: ChineseFont | None) -> None:
        self.chinese = False
        self._main = frozenset.intersection(*(_characters(main_folder() / name) for name in _MAIN_FILES))
        self._chinese = frozenset() if chinese is None else _characters(chinese.file)

    def __call__(self, text: str) -> str:
        """Give the text as it is printed."""
        shown = "".join(map(self._shown, unicodedata.normalize("NFC", text)))
        return _LONG_RUN.sub(_with_breaks, shown)

    def _shown(self, character: str) -> str:
        if character.isascii() and character.isprintable():
            return character
        if character.isspace():
            return " "
        kind = unicodedata.category(character)
        if kind[0] == "C" or _is_unseen(ord(character)):
            return f"‹U+{ord(character):04X}›"
        if ord(character) in self._main:
            return character
        # Marks above and below letters are drawn in the letter's own font alone: only the main one has them.
        if kind[0] != "M" and ord(character) in self._chinese:
            self.chinese = True
            return character
        return f"‹U+{ord(character):04X}›"


def _is_unseen(code: int) -> bool:
    """Tell whether a letter or mark shows nothing (Unicode's Default_Ignorable_Code_Point, and U+2800)."""
    return code in _UNSEEN or any(code in each for each in _UNSEEN_RANGES)


@cache
def _characters(file: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415  see `main_folder`

    return frozenset(FT2Font(str(file)).get_charmap())


def _with_breaks(run: re.Match[str]) -> str:
    if _HASH.fullmatch(run[0]):
        return run[0]
    return _PIECE.sub(lambda piece: piece[0] + BREAK, run[0])
