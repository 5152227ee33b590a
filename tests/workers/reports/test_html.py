"""The HTML report: complete, escaped, self-contained, and the same bytes for the same report."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.workers.reports.example import CORD, HOSTILE, a_report
from trial_core.domain.criteria import Verdict
from trial_core.domain.persons_word import WordKind
from trial_core.domain.report import OpenItem
from workers.reports.html import render_html

ROOT = Path(__file__).parents[3]
RENDER = """
import hashlib
from tests.workers.reports.example import a_report
from workers.reports.html import render_html
print(hashlib.sha256(render_html(a_report()).encode()).hexdigest())
"""
VOID = {"meta", "br", "link", "img", "hr", "input"}


class _Document(HTMLParser):
    """Reads a document strictly: each element is closed, each id is used once."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"an event handler: {name}"
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "xlink:href"):
                self.links.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def document() -> _Document:
    return _Document(render_html(a_report()))


def test_render_html__is_well_formed_with_unique_ids(document: _Document) -> None:
    assert document.open == []
    assert len(set(document.ids)) == len(document.ids)


def test_render_html__has_no_script_and_fetches_nothing(document: _Document) -> None:
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(document.tags)
    assert all(link.startswith("#") and link[1:] in document.ids for link in document.links)
    assert "url(" not in re.sub(r"url\(#dvh[0-9]+-p[0-9a-f]{10}\)", "", render_html(a_report()))


def test_render_html__escapes_every_name_that_comes_from_files(document: _Document) -> None:
    assert "<script" not in render_html(a_report())
    assert document.text.count(HOSTILE) >= 6


def test_render_html__is_the_same_in_another_process_with_another_clock_and_hash_seed() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TZ": "Asia/Shanghai"}
    hashes = {
        subprocess.run(
            [sys.executable, "-c", RENDER],
            env={**environment, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "words",
    [
        "Verdict of the course Unacceptable deviation",
        "TEST-01",
        "ab" * 32,
        "Regimens: a guess",
        "1 settings of this protocol file are assumed",
        "≤ 45",
        "45.004",
        "−0.004",
        "± 0.03",
        "borderline",
        "2.70 to 31.00 Gy",
        "α/β 2 Gy · required · assumed",
        "partly outside the dose grid, and the verdict depends on the dose there",
        "Not contoured",
        "50.4 Gy in 28 of 28 fractions, 1.8 Gy each",
        "Failed: unacceptable",
        "Not known: note only",
        "Conformity index PTVp 0.812",
        "no dose",
        "needs review",
        "3400.00 cc",
        "21.60 Gy",
        "not used: no",
        "2.5 MB",
        "0" * 64,
        "no: every criterion of this plan waits for an explanation",
    ],
)
def test_render_html__says(document: _Document, words: str) -> None:
    assert words in document.text


def test_render_html__shows_each_row_with_its_number_and_verdict(document: _Document) -> None:
    for row in a_report().results:
        assert f"{row.number} {row.structure}" in document.text


def test_render_html__puts_what_needs_attention_worst_first(document: _Document) -> None:
    part = document.text[
        document.text.index("Needs attention") : document.text.index("Findings in the files")
    ]
    order = [part.index(words) for words in ("SpinalCord", "Liver", "PTV_Primary", "Fractions", "Approval")]
    assert order == sorted(order)
    assert "Lungs" not in part
    assert "Machine" not in part


def test_render_html__puts_errors_before_notes(document: _Document) -> None:
    assert document.text.index("is wrong") < document.text.index("A note")


def test_render_html__draws_one_plot_for_each_dose_with_curves(document: _Document) -> None:
    assert render_html(a_report()).count('class="dvh"') == 2
    assert "Plan CFRT" in document.text
    assert "Sum of the plans, EQD2" in document.text


def test_render_html__of_an_empty_course_says_so() -> None:
    empty = replace(
        a_report(), verdict=Verdict.NOT_EVALUABLE, plans=(), results=(), counted=(), sums=(), curves=()
    )
    bare = replace(empty, structures=(), delivery=(), findings=())
    text = _Document(render_html(bare)).text
    assert "Not evaluable" in text
    assert "No criterion could be applied." in text
    assert "The files hold no plan." in text


def test_render_html__of_a_calm_course_says_so() -> None:
    calm = replace(CORD, value=20.0, margin=25.0, verdict=Verdict.PER_PROTOCOL, borderline=False)
    plan = replace(a_report().plans[0], checks=())
    report = replace(a_report(), results=(calm,), plans=(plan,), sums=(), verdict=Verdict.PER_PROTOCOL)
    assert "each criterion is met, none is borderline" in _Document(render_html(report)).text


def test_render_html__says_which_sums_need_review_and_which_items_were_judged_in_part() -> None:
    report = a_report()
    liver = next(item for item in report.counted if item.structure == "Liver")
    partly = replace(liver, verdict=Verdict.PER_PROTOCOL, incomplete=True)
    text = _Document(render_html(replace(report, counted=(partly,)))).text
    assert "Needs review: Plan 'CFRT' is in the sum by registration." in text
    assert (
        "Incomplete: Liver Mean[Gy] is per protocol where it could be judged, and not evaluable in: sum, EQD2"
        in text
    )
    assert "Sum of the plans, EQD2 needs review" in text


def test_render_html__of_a_plain_course_has_no_reservation() -> None:
    text = _Document(render_html(replace(a_report(), sums=()))).text
    assert "needs review" not in text.lower()
    assert "incomplete" not in text.lower()


def test_render_html__lists_open_points_apart_and_says_which_nobody_has_spoken_to() -> None:
    waits = OpenItem(
        key="k1", kind=WordKind.DOSE, plan_key="plan-1", words="its median is too low", said_by="", said=""
    )
    spoken = replace(waits, key="k2", words="it is in percent", said_by="Dr. Ma", said="as was planned")
    text = _Document(render_html(replace(a_report(), open_items=(waits, spoken)))).text
    assert text.index("Open points") < text.index("its median is too low") < text.rindex("Findings")
    assert "1 open point waits for a person’s word" in text
    assert "nobody yet: not judged" in text
    assert "Dr. Ma: as was planned" in text
    assert "Open points" not in _Document(render_html(a_report())).text


def test_render_html__says_what_is_said_of_many_files_once() -> None:
    said = {"code": "object-set-aside", "severity": "info", "message": "A PET image.", "action": None}
    aside = {**said, "element": None, "structure": None}
    found = tuple({**aside, "file": f"{number}.dcm"} for number in range(300))
    text = _Document(render_html(replace(a_report(), findings=found))).text
    assert text.count("A PET image.") == 1
    assert "0.dcm and 299 other files, each" in text
