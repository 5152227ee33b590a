"""Terms of CTCAE: what comes with Dosegate, and a list from outside, as hostile as it may be."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.domain.ctcae import CtcaeTerm, GradeNotAllowed, TermContradicted, UnknownTerm
from trial_core.protocols.ctcae_csv import CtcaeFileError, shipped_terms, terms_from_csv

HEADING = "version,class,term,allowed_grades,text\n"
ROW = "5.0,Cardiac disorders,Myocarditis,2 3 4 5,\n"


def _refusal(data: str | bytes) -> str:
    with pytest.raises(CtcaeFileError) as caught:
        terms_from_csv(data.encode() if isinstance(data, str) else data, "mine.csv")
    return str(caught.value)


def test_shipped_terms__are_at_least_60_and_say_what_they_were_checked_against() -> None:
    terms = shipped_terms().of_version("5.0")
    assert len(terms) >= 60
    assert all(term.checked and term.organ_class in term.checked_against for term in terms)
    unchecked = [term for term in shipped_terms().terms.values() if not term.checked]
    assert {term.version for term in unchecked} == {"6.0"}


@pytest.mark.parametrize(
    ("term", "grades"),
    [  # what the domain notes name, and one of each kind
        ("Esophagitis", (1, 2, 3, 4, 5)),
        ("Pneumonitis", (1, 2, 3, 4, 5)),
        ("Esophageal fistula", (1, 2, 3, 4, 5)),
        ("Esophageal perforation", (2, 3, 4, 5)),
        ("Esophageal hemorrhage", (1, 2, 3, 4, 5)),
        ("Dysphagia", (1, 2, 3, 4, 5)),
        ("Myocarditis", (2, 3, 4, 5)),
        ("Neutrophil count decreased", (1, 2, 3, 4)),
        ("Platelet count decreased", (1, 2, 3, 4)),
        ("Lymphocyte count decreased", (1, 2, 3, 4)),
        ("White blood cell decreased", (1, 2, 3, 4)),
        ("Febrile neutropenia", (3, 4, 5)),
        ("Sepsis", (3, 4, 5)),
        ("Death NOS", (5,)),
        ("Sudden death NOS", (5,)),
        ("Multi-organ failure", (3, 4, 5)),
        ("Disease progression", (5,)),
        ("Cardiac troponin I increased", (1, 3)),
    ],
)
def test_shipped_terms__allow_these_grades(term: str, grades: tuple[int, ...]) -> None:
    assert shipped_terms().term("5.0", term.upper()).allowed_grades == grades


def test_catalogue__refuses_grades_and_terms_that_are_not_there() -> None:
    with pytest.raises(GradeNotAllowed, match="has no grade 5; it has 1, 2, 3, 4"):
        shipped_terms().graded("5.0", "Neutrophil count decreased", 5)
    with pytest.raises(UnknownTerm, match=r"v6\.0 has no term 'Esophagitis'"):
        shipped_terms().term("6.0", "Esophagitis")


def test_terms_from_csv__reads_quotes_blank_lines_and_a_byte_order_mark() -> None:
    text = HEADING + '5.0,"A, B",T,1 3,"1: ""mild""\n3: severe"\n\n' + ROW
    first, second = terms_from_csv(b"\xef\xbb\xbf" + text.encode(), "mine.csv")
    assert (first.organ_class, first.allowed_grades, first.text) == ("A, B", (1, 3), '1: "mild"\n3: severe')
    assert (second.term, second.checked, second.checked_against) == ("Myocarditis", False, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks version"),
        (HEADING, "has no terms"),
        ("version,class,term,text\n" + ROW, "mine.csv:1: heading: lacks allowed_grades"),
        (HEADING.replace("text", "text,MedDRA code") + ROW, "'MedDRA code' is no known column"),
        (HEADING.replace("text", "text,term") + ROW, "'term' is given twice"),
        (HEADING + "5.0,C,T,1 2\n", "mine.csv:2: row: has 4 cells, the heading 5"),
        (HEADING + ROW + ROW, "mine.csv:3: term: 'Myocarditis' of v5.0 is given twice"),
        (HEADING + "5,C,T,1,\n", "is no version"),
        (HEADING + "5.0,C,T,1-5,\n", "must be grades from 1 to 5 in order"),
        (HEADING + "5.0,C,T,0 1,\n", "allowed_grades"),
        (HEADING + "5.0,C,T,1 6,\n", "allowed_grades"),
        (HEADING + "5.0,C,T,2 1,\n", "allowed_grades"),
        (HEADING + "5.0,C,T,1 1,\n", "allowed_grades"),
        (HEADING + "5.0,C,T,,\n", "allowed_grades"),
        (HEADING + "5.0,C,T,١,\n", "allowed_grades"),
        (HEADING + "5.0,,T,1,\n", "class: must be one line"),
        (HEADING + f"5.0,C,{'T' * 201},1,\n", "term: must be one line"),
        (HEADING + "5.0,C,=cmd(),1,\n", "spreadsheet would compute"),
        (HEADING + f"5.0,C,T,1,{'x' * 20_001}\n", "longer than 20,000"),
        (HEADING + f"5.0,C,T,1,{'x' * 140_000}\n", "no CSV"),
        (HEADING + '5.0,C,"T,1,\n', "no CSV"),
        (HEADING + "5.0,C,T\x00,1,\n", "mine.csv:2: file: holds a control character"),
        (HEADING.replace("text", "text,checked") + "5.0,C,T,1,,maybe\n", "must be yes or no"),
        (
            HEADING.replace("text", "text,checked") + "5.0,C,T,1,,yes\n",
            "what the grades were checked against",
        ),
    ],
)
def test_terms_from_csv__says_what_is_wrong_and_where(text: str, message: str) -> None:
    assert message in _refusal(text)


def test_terms_from_csv__refuses_what_is_no_text_or_too_large() -> None:
    assert "mine.csv:2: file: is no UTF-8" in _refusal(HEADING.encode() + b"\xff\xfe")
    assert "larger than" in _refusal(b"x" * 10_000_001)


def test_terms_from_csv__lists_all_problems_but_not_without_end() -> None:
    text = _refusal(HEADING + "5.0,C,T,9,\n" * 80)
    assert text.count("\n") == 50
    assert text.endswith("... and 30 more")


@given(st.binary(max_size=300))
def test_terms_from_csv__never_fails_in_another_way(data: bytes) -> None:
    with suppress(CtcaeFileError):
        assert terms_from_csv(HEADING.encode() + data, "mine.csv")


def _term(grades: tuple[int, ...], name: str = "Esophagitis", **more: object) -> CtcaeTerm:
    return CtcaeTerm(version="5.0", organ_class="G", term=name, allowed_grades=grades, **more)  # type: ignore[arg-type]


def test_import__adds_terms_and_words_and_keeps_what_was_checked() -> None:
    words = _term((1, 2, 3, 4, 5), text="1: mild")
    merged = shipped_terms().with_terms([words, _term((1, 2), "New term")])
    assert merged.term("5.0", "New term").allowed_grades == (1, 2)
    known = merged.term("5.0", "Esophagitis")
    assert (known.text, known.checked, known.organ_class) == ("1: mild", True, "Gastrointestinal disorders")
    assert "New term" not in {term.term for term in shipped_terms().terms.values()}


def test_import__refuses_grades_that_contradict_a_checked_term() -> None:
    with pytest.raises(TermContradicted, match="has grades 1 2 3 4 5, checked against NCI table"):
        shipped_terms().with_terms([_term((1, 2, 3))])
