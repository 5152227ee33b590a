"""Follow-up from CSV: many spellings of the same file, and a clear refusal of whatever is not clear."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.errors import CommandError, RefusalCode
from cli.survival_csv import FollowUpRows, SurvivalColumns, read_survival_csv

COLUMNS = SurvivalColumns("t", "e", "g")
STRATIFIED = SurvivalColumns("t", "e", "g", ("s1", "s2"))


def _read(folder: Path, data: str | bytes, columns: SurvivalColumns = COLUMNS) -> FollowUpRows:
    file = folder / "follow-up.csv"
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_survival_csv(str(file), columns)


@pytest.mark.parametrize(
    "data",
    [
        "t,e,g\n1.5,1,A\n20,0,B\n",
        "t,e,g\r\n1.5,1,A\r\n20,0,B\r\n",
        "t;e;g\n1.5;1;A\n20;0;B\n",
        "t\te\tg\n1.5\t1\tA\n20\t0\tB",
        b"\xef\xbb\xbft,e,g\n1.5,1,A\n20,0,B\n",
        '"t","e","g"\n"1.5","1","A"\n"2e1","0","B"\n',
        "t,e,g\n 1.5 ,TRUE,A\n+20.,False,B\n",
        "\nt,e,g\n1.5,1.0,A\n\n20,0.0,B\n,,\n",
        "g,x,e,x,t\nA,?,1,?,1.5\nB,?,0,?,20\n",
    ],
)
def test_every_spelling__is_the_same_follow_up(tmp_path: Path, data: str | bytes) -> None:
    assert _read(tmp_path, data) == FollowUpRows((1.5, 20.0), (True, False), ("A", "B"), None, ())


def test_groups__are_the_text_of_their_cells(tmp_path: Path) -> None:
    found = _read(tmp_path, 't,e,g\n1,1,1\n1,1,01\n1,1, a\n1,1,a\n1,1,"a,b"\n1,1,肺\n')
    assert found.groups == ("1", "01", " a", "a", "a,b", "肺")


def test_row_without_a_group__is_left_out_with_its_line(tmp_path: Path) -> None:
    found = _read(tmp_path, "t,e,g\n1,1,A\n2,1,\n3,1,NA\n4,0,B\n")
    assert found.durations == (1.0, 4.0)
    assert found.without_group == (3, 4)


def test_stratum__is_missing_where_one_of_its_cells_is(tmp_path: Path) -> None:
    found = _read(tmp_path, "t,e,g,s1,s2\n1,1,A,x,1\n2,1,B,x,NA\n3,1,B, ,1\n4,1,A,x,2\n", STRATIFIED)
    assert found.strata == (("x", "1"), None, None, ("x", "2"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "empty"),
        (" \n\n", "empty"),
        ("t,e,g\n", "no rows"),
        ("t,e\n1,1\n", "no column 'g'"),
        ("T,e,g\n1,1,A\n", "no column 't'"),
        ("t,e,g,g\n1,1,A,B\n", "2 columns are called 'g'"),
        ("t,e,g\n1,1,A,9\n", "line 2 has 4 cells and the header 3"),
        ("t,e,g\n1,1,A\n2,1\n", "line 3 has 2 cells"),
        ('t,e,g\n1,1,"A\n2,1,B\n', "Check its quotes"),
        ('t,e,g\n1,1,"A"B\n', "Check its quotes"),
        ("t,e,g\n-1,1,A\n", "line 2, column 't': '-1' is negative"),
        ("t,e,g\n1,1,A\nx,1,B\n", "line 3, column 't': 'x' is not a number"),
        ("t;e;g\n1,5;1;A\n", "decimals with a point"),
        ("t,e,g\ninf,1,A\n", "'inf' is not a number"),
        ("t,e,g\nnan,1,A\n", "'nan' is not a number"),
        ("t,e,g\n1e999,1,A\n", "too large"),
        ("t,e,g\n1e7,1,A\n", "over 1,000,000 days"),
        ("t,e,g\n1_000,1,A\n", "'1_000' is not a number"),
        ("t,e,g\n\u0661,1,A\n", "is not a number"),
        ("t,e,g\n,1,A\n", "is missing"),
        ("t,e,g\n1,NA,A\n", "column 'e': 'NA' is missing"),
        ("t,e,g\n1,1,A\n2,2,B\n", "neither 1 (event) nor 0 (censored)"),
        ("t,e,g\n1,0.5,A\n", "neither 1 (event) nor 0 (censored)"),
        ("t,e,g\n1,dead,A\n", "'dead' is not a number"),
        ("t,e,g\n1,1,\n", "no row has a group"),
        ("t,e,g\n" + "".join(f"1,1,{number}\n" for number in range(51)), "51 different cells"),
        (b"\xff\xfet\x00,\x00", "not UTF-8"),
        (b"t,e,g\n1,1,\xe9\n", "byte 11 is not UTF-8"),
        (b"t,e,g\n1,1,\x00\n", "zero bytes"),
    ],
)
def test_what_is_not_clear__is_refused_with_its_place(tmp_path: Path, data: str | bytes, said: str) -> None:
    with pytest.raises(CommandError) as refused:
        _read(tmp_path, data)
    assert said in refused.value.message
    assert refused.value.message.startswith("follow-up.csv: ")
    assert refused.value.code is RefusalCode.INPUT_UNUSABLE


def test_other_columns__are_never_quoted(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        _read(tmp_path, "name,t,e,g\nDoe^Jane,1,1,A\nRoe^Richard,x,1,B\n")
    assert "Roe" not in refused.value.message


def test_one_column_for_two_purposes__is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="named twice"):
        _read(tmp_path, "t,e\n1,1\n", SurvivalColumns("t", "e", "e"))


def test_folder_or_missing_file__is_refused(tmp_path: Path) -> None:
    for place, said in ((tmp_path, "folder"), (tmp_path / "none.csv", "no such file")):
        with pytest.raises(CommandError, match=said):
            read_survival_csv(str(place), COLUMNS)


@given(st.binary(max_size=60) | st.text("t,e;g\t\n\r\"' 019.ANb-", max_size=60).map(str.encode))
@settings(max_examples=150)
def test_any_bytes__are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    try:
        found = _read(folder, b"t,e,g\n" + data)
    except CommandError:
        return
    assert len(found.durations) == len(found.events) == len(found.groups) > 0
