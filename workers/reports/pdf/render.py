"""Set the printed report: fixed fonts, no clock, no network; what comes from outside is never markup."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass
from functools import cache
from typing import Any

from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_to_json
from workers.reports.pdf.content import printed
from workers.reports.pdf.fonts import MAIN, MONO, ChineseFont, Printable, chinese_font, main_folder
from workers.reports.pdf.record import Record
from workers.reports.pdf.setting import TEMPLATES, Setting, set_document
from workers.reports.pdf.words import ENGLISH, Words

_DRAWING = "svg"
_VARIABLE = re.compile(r"var\(--([a-z0-9-]+)\)")
_COLOUR = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6})")
_SHAPE = re.compile(r'<symbol id="shape-(\w+)" (viewBox="[^"]+")>(.+?)</symbol>')


def render_pdf(report: CourseReport, *, record: Record | None = None, words: Words = ENGLISH) -> bytes:
    """Return the report as PDF, A4, tagged for screen readers, and for archives where its date is known.

    Parameters
    ----------
    record
        What the patient's record says of it; None for a check by itself.
    words
        The reader's language. Without a font for Chinese the report is in English and says so.

    Raises
    ------
    NotSet
        The typesetter failed.
    """
    chinese = chinese_font()
    readable = words if words.tag == ENGLISH.tag or chinese is not None else ENGLISH
    document = printed(report, record, readable, report_sha256=_sha256(report, record))
    if readable is not words:
        document["bands"].append({"shape": "absent", "words": NO_CHINESE})
    return _set(document, chinese)


NO_CHINESE = "In English: this server has no font for Chinese. Ask the administrator for one."


def _sha256(report: CourseReport, record: Record | None) -> str:
    """Give the hash of the report's JSON: of the bytes that are kept, where they are on record."""
    kept = None if record is None else record.view.summary.report_sha256
    return kept or hashlib.sha256(report_to_json(report)).hexdigest()


def _set(document: dict[str, Any], chinese: ChineseFont | None) -> bytes:
    printable = Printable(chinese)
    data = {**_plain(document, printable), "palette": _palette(), "shapes": _shapes()}
    used = chinese if printable.chinese else None
    data["fonts"] = {"main": [MAIN, *([used.family] if used else [])], "mono": MONO}
    folders = [main_folder(), *([used.file.parent] if used else [])]
    standards = ["ua-1"] if document["date"] is None else ["ua-1", "a-2a"]
    return set_document("report.typ", data, Setting([str(each) for each in folders], standards))


def _plain(value: Any, printable: Callable[[str], str]) -> Any:
    """Turn values into what JSON has; every text in them becomes printable, drawings get their colours."""
    if isinstance(value, str):
        return printable(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value), printable)
    if isinstance(value, dict):
        return dict(_items(value, printable))
    if isinstance(value, list | tuple):
        return [_plain(each, printable) for each in value]
    return value


def _items(value: dict[str, Any], printable: Callable[[str], str]) -> Iterator[tuple[str, Any]]:
    for key, each in value.items():
        yield key, _coloured(each) if key == _DRAWING else _plain(each, printable)


def _coloured(svg: str) -> str:
    """Put the colours of paper in the place of a drawing's variables."""
    return _VARIABLE.sub(lambda found: _palette()[found[1]], svg)


@cache
def _palette() -> dict[str, str]:
    """Read the colours of the HTML report as it is in the light."""
    light = (TEMPLATES / "report.css").read_text(encoding="utf-8").partition("@media")[0]
    return dict(_COLOUR.findall(light))


@cache
def _shapes() -> dict[str, str]:
    """Read the shapes of the HTML report, each a drawing of its own in its own colour."""
    found = _SHAPE.findall((TEMPLATES / "marks.html.j2").read_text(encoding="utf-8"))
    return {
        name: f'<svg xmlns="http://www.w3.org/2000/svg" {box}><g fill="{_palette()[name]}">{path}</g></svg>'
        for name, box, path in found
    }
