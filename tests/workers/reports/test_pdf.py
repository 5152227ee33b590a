"""The printed report: complete, its strangers' texts as data, the same bytes, numbered pages."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.workers.reports.example import HOSTILE, LUNGS, a_report
from trial_core.domain.persons_word import WordKind
from trial_core.domain.report import CourseReport, OpenItem
from workers.reports.pdf import render
from workers.reports.pdf.fonts import chinese_font
from workers.reports.pdf.render import NO_CHINESE, render_pdf
from workers.reports.pdf.setting import NotSet, Setting, set_document
from workers.reports.pdf.words import Words

ROOT = Path(__file__).parents[3]
RENDER = """
import hashlib
from tests.workers.reports.example import a_report
from workers.reports.pdf.render import render_pdf
print(hashlib.sha256(render_pdf(a_report())).hexdigest())
"""
MARKUP = (
    '#import "@preview/x:1.0.0": *',
    '#read("/etc/passwd")',
    "$ x^2 $ *b* _i_ `r` \\ <label> @label",
    "= H // c /* d */",
    "]#panic()[",
)
A4_POINTS = (595.28, 841.89)


def pages_of(pdf: bytes) -> list[str]:
    """Give the text of every page, lines and spaces as one space."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def letters_of(report: CourseReport) -> str:
    """Give the text of the printed report without any white space: a name may go on in the next line."""
    return "".join("".join(pages_of(render_pdf(report))).split())


def with_structure(site_name: str, **facts: object) -> CourseReport:
    """Give the report with one row whose structure has this name in the files."""
    row = replace(LUNGS, site_structures=(site_name,), **facts)  # type: ignore[arg-type]  # facts of a row
    return replace(a_report(), results=(row,))


def test_pdf__is_a4_and_says_verdict_first_and_everything_after() -> None:
    reader = PdfReader(io.BytesIO(render_pdf(a_report())))
    for page in reader.pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(A4_POINTS, abs=0.01)
    text = " ".join(pages_of(render_pdf(a_report())))
    parts = (
        "Unacceptable deviation",
        "Needs attention",
        "Plans",
        "Delivery",
        "Structures",
        "Findings",
        "ab" * 32,
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    for said in (
        "45.004 Gy",
        "± 0.03",
        "2.70 to 31.00 Gy",
        "−0.004 Gy",
        "borderline",
        "needs review",
        "assumed",
    ):
        assert said in text, said


def test_pdf__lists_open_points_apart_and_what_is_said_of_many_files_once() -> None:
    item = OpenItem(key="k1", kind=WordKind.DOSE, plan_key="plan-1", words="its median is too low")
    aside = {"code": "object-set-aside", "severity": "info", "message": "A PET image.", "action": None}
    found = tuple({**aside, "file": f"{number}.dcm"} for number in range(300))
    text = " ".join(pages_of(render_pdf(replace(a_report(), open_items=(item,), findings=found))))
    assert text.index("Open points") < text.index("its median is too low") < text.index("A PET image.")
    assert "Nobody has spoken to it yet" in text
    assert text.count("A PET image.") == 1
    assert "and 299 other files, each" in text


def test_pdf__numbers_its_pages_and_names_report_and_protocol_on_each() -> None:
    pages = pages_of(render_pdf(a_report()))
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "TEST-01, version 3" in page
        assert re.search(r"Report [0-9a-f]{32}", page)
        assert "On no trial's record" in page


def test_pdf__repeats_the_headings_of_a_table_on_every_page() -> None:
    rows = tuple(replace(LUNGS, number=number) for number in range(1, 121))
    pages = pages_of(render_pdf(replace(a_report(), results=rows)))
    with_rows = [page for page in pages if page.count("Mean[Gy]") > 3]
    assert len(with_rows) > 2
    assert all(
        "No. Structure Metric and dose Ideal Limit Value Scale Margin Verdict" in page for page in with_rows
    )
    assert all("continued" in page for page in with_rows[1:])
    assert " ".join(pages).count("Mean[Gy]") == 120


@pytest.mark.parametrize("text", [HOSTILE, *MARKUP])
def test_pdf__shows_markup_as_text(text: str) -> None:
    report = replace(with_structure(text, reason=text), reasons=(text,))
    assert letters_of(report).count("".join(text.split())) >= 3


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("abc\u202edef", "abc‹U+202E›def"),
        ("nul\x00", "nul‹U+0000›"),
        ("zero\u200bwidth", "zero‹U+200B›width"),
        ("filler\u3164x", "filler‹U+3164›x"),
        ("private\ue000", "private‹U+E000›"),
        ("woman \U0001f9d1\u200d\u2695", "woman ‹U+1F9D1›‹U+200D›⚕"),
        ("tab\tand\nline", "tab and line"),
    ],
)
def test_pdf__writes_what_steers_or_has_no_glyph_by_its_number(name: str, shown: str) -> None:
    assert "".join(shown.split()) in letters_of(with_structure(name))


def test_pdf__breaks_a_long_name_and_keeps_it_whole_for_a_search() -> None:
    name = "PTV_Primary_5040_" + "x" * 60
    text = " ".join(pages_of(render_pdf(with_structure(name))))
    assert name in text.replace(" ", "")
    assert "\u200b" not in text


def test_pdf__of_texts_of_4000_characters_is_made_and_keeps_peoples_words_whole() -> None:
    words = " ".join(f"w{number}" for number in range(1000))
    report = replace(with_structure("N" * 4000, reason=words), reasons=("R" * 4000,))
    text = " ".join(pages_of(render_pdf(report)))
    assert "w0 w1" in text
    assert "w998 w999" in text
    assert text.replace(" ", "").count("R") >= 4000
    assert "… (4000)" in text


def test_pdf__is_the_same_bytes_in_another_process_time_zone_and_folder(tmp_path: Path) -> None:
    found = set()
    for seed, zone in (("0", "UTC"), ("77", "Asia/Shanghai")):
        environment = os.environ | {
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
        }
        done = subprocess.run(
            [sys.executable, "-c", RENDER],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1


def test_pdf__uses_no_font_of_the_machine_but_the_chinese_one() -> None:
    reader = PdfReader(io.BytesIO(render_pdf(with_structure("plain"))))
    names = {str(font["/BaseFont"]) for page in reader.pages for font in _fonts(page)}
    assert {name.partition("+")[2] for name in names} == {"DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"}


def _fonts(page: object) -> list[dict[str, object]]:
    resources = page["/Resources"]  # type: ignore[index]  # pypdf's pages are dictionaries
    return [font.get_object() for font in resources.get("/Font", {}).values()]


def test_pdf__shows_chinese_names_or_writes_them_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    if chinese_font() is not None:
        assert "脊髓" in letters_of(with_structure("脊髓"))
    monkeypatch.setattr(render, "chinese_font", lambda: None)
    assert "‹U+810A›‹U+9AD3›" in letters_of(with_structure("脊髓"))


def test_pdf__without_a_chinese_font_is_in_english_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    chinese = Words("zh-Hans", lambda _context, text: f"译{text}", sentence=lambda text: f"译{text}")
    monkeypatch.setattr(render, "chinese_font", lambda: None)
    pages = pages_of(render_pdf(a_report(), words=chinese))
    assert all(NO_CHINESE in page for page in pages)
    assert not any("U+8BD1" in page for page in pages)


def test_document_that_cannot_be_set__is_refused_with_what_to_do() -> None:
    with pytest.raises(NotSet, match="Take it as HTML") as refused:
        set_document("report.typ", {"lang": "en"}, Setting([], []))
    assert "report.typ" not in str(refused.value)
    assert refused.value.said
