"""The report as PDF, downloaded: what the record says of it, in the reader's language, and for whom."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from tests.web.installation import Installation
from trial_core.services.submissions import submission_view
from web.words import Language
from web.words.catalogue import catalogue
from web.words.printed import printed_texts
from workers.reports.pdf import setting
from workers.reports.pdf.fonts import chinese_font

NOT_YET = "This verdict does not count yet"


def _pages(client: FlaskClient, submission_id: str, **headers: str) -> list[str]:
    answer = client.get(f"/submissions/{submission_id}/report.pdf", headers=headers)
    assert answer.status_code == 200
    assert answer.content_type == "application/pdf"
    return [page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages]


def test_report_pdf__says_on_every_page_whose_it_is_and_that_it_does_not_count_yet(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    pages = _pages(oncologist, checked)
    assert all("Subject S01-001, site S01, version 1" in page for page in pages)
    assert all(f"Submission {checked}" in page for page in pages)
    assert all(NOT_YET in page for page in pages)
    installation.confirm(checked)
    assert not any(NOT_YET in page for page in _pages(oncologist, checked))


def test_report_pdf__names_the_hash_of_the_report_that_is_kept(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    view = submission_view(installation.db, installation.people["oncologist"], submission_id=checked)
    assert str(view.summary.report_sha256) in " ".join(_pages(oncologist, checked))


def test_report_pdf__of_an_old_version_says_so_on_every_page(
    oncologist: FlaskClient, installation: Installation, checked: str
) -> None:
    installation.confirm(checked)
    _, job_id = installation.submit("S01-001", {"b.dcm": b"b"})
    installation.check(job_id, seed="b")
    assert all("Not the newest: version 2 replaced this one." in page for page in _pages(oncologist, checked))


def test_report_pdf__is_not_for_another_site(sign_in: Callable[[str], FlaskClient], checked: str) -> None:
    answer = sign_in("stranger").get(f"/submissions/{checked}/report.pdf")
    assert answer.status_code == 404
    assert sign_in("").get(f"/submissions/{checked}/report.pdf").status_code in (302, 303, 401)


@pytest.mark.skipif(chinese_font() is None, reason="this machine has no font for Chinese at a known place")
def test_report_pdf__is_in_the_readers_language(oncologist: FlaskClient, checked: str) -> None:
    text = "".join(_pages(oncologist, checked, **{"Accept-Language": "zh-CN"}))
    assert "疗程判定" in text
    assert "体积 (%)" in text
    for english in ("Verdict of the course", "Volume (%)", "Dose (Gy)"):
        assert english not in text


def test_every_text_of_the_printed_report__is_translated() -> None:
    known = catalogue(Language.CHINESE)
    texts = printed_texts()
    assert len(texts) > 100
    assert [each.where for each in texts if (each.context, each.ids[0]) not in known] == []


def test_report_pdf__that_cannot_be_set_says_so_and_what_to_take_instead(
    oncologist: FlaskClient, checked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting, "LONGEST_SECONDS", 0.001)
    answer = oncologist.get(f"/submissions/{checked}/report.pdf")
    assert answer.status_code == 500
    assert "could not be set as PDF. Take it as HTML" in answer.text
