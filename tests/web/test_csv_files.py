"""Tables for spreadsheets: every cell is what it says, none is computed."""

from __future__ import annotations

import csv
import io

import pytest

from web.downloads.csv_files import csv_answer, csv_text


@pytest.mark.parametrize(
    "hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\ufeff=1", "＝1"]
)
def test_text__that_a_spreadsheet_would_compute_is_shown_as_text(hostile: str) -> None:
    (row,) = list(csv.reader(io.StringIO(csv_text(["a"], [[hostile]]), newline="")))[1:]
    assert row == [f"'{hostile}"]
    assert csv_text([hostile], []).lstrip('"').startswith("'")


def test_number__keeps_its_sign_and_all_its_digits() -> None:
    text = csv_text(["a", "b"], [[-1.25, 7], [0.1 + 0.2, None]])
    assert text == "a,b\r\n-1.25,7\r\n0.30000000000000004,\r\n"


def test_text__with_commas_quotes_and_lines_comes_back_as_it_was() -> None:
    words = 'one, "two"\nthree'
    assert list(csv.reader(io.StringIO(csv_text(["a"], [[words]]), newline=""))) == [["a"], [words]]


def test_answer__is_a_file_whose_name_can_be_none_of_a_path() -> None:
    answer = csv_answer('../a"b\r\nc', ["名"], [["值"]])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a-b-c.csv"'
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
