"""A protocol file that is wrong says so, with every problem, each with its line and field."""

from pathlib import Path

import pytest

from trial_core.protocols.errors import ProtocolError, ProtocolNotFoundError
from trial_core.protocols.reader import known_protocols, protocol_from_bytes, read_protocol

SCR = Path(__file__).parents[3] / "trial_core" / "protocols" / "scr_escc_01.yaml"
BREAST = Path(__file__).parents[2] / "support" / "protocols" / "breast_14_in_7.yaml"


def _problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ProtocolError) as caught:
        protocol_from_bytes(text.encode(), "mine.yaml")
    return [(each.line, each.field, each.message) for each in caught.value.problems]


def _changed(old: str, new: str) -> str:
    text = BREAST.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    return text.replace(old, new)


def _line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_read_protocol__takes_an_id_or_a_file() -> None:
    assert read_protocol("SCR-ESCC-01").id == "SCR-ESCC-01"
    assert read_protocol("scr_escc_01") == read_protocol(SCR)
    assert read_protocol(BREAST).id == "BREAST-14-7"
    assert known_protocols() == ("SCR-ESCC-01",)


def test_read_protocol__names_the_known_ones_when_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ProtocolNotFoundError, match="SCR-ESCC-01"):
        read_protocol("SCR-ESCC-99")
    with pytest.raises(ProtocolNotFoundError):
        read_protocol(tmp_path)


def test_read_protocol__hashes_the_bytes() -> None:
    data = BREAST.read_bytes()
    one, other = protocol_from_bytes(data, "a.yaml"), protocol_from_bytes(data + b"\n", "a.yaml")
    assert one.sha256 != other.sha256
    assert len(one.sha256) == 64


WRONG: list[tuple[str, str, str, str, str]] = [
    # what is replaced, by what, where the problem is seen, its field, and part of its message
    ('"D95%[%]"', '"D95%[Gy"', '"D95%[Gy"', "criteria[0].rows[0].metric", "character 8"),
    ("ideal: 98, limit: 95", "ideal: 95, limit: 98", "ideal: 95", "rows[0].at_least.ideal", "not stricter"),
    (
        "ideal: 104, limit: 110",
        "ideal: 110, limit: 104",
        "ideal: 110",
        "rows[1].at_most.ideal",
        "not stricter",
    ),
    (
        "ideal: 104, limit: 110",
        "ideal: 110, limit: 110",
        "ideal: 110",
        "rows[1].at_most.ideal",
        "not stricter",
    ),
    ("at_most: {limit: 6}", "at_most: {limit: -6}", "limit: -6", "rows[2].at_most.limit", "never negative"),
    ("at_most: {limit: 6}", "at_most: {limit: .nan}", "limit: .nan", "rows[2].at_most.limit", "finite"),
    (
        "at_most: {limit: 6}",
        "at_most: {limit: yes}",
        "limit: yes",
        "rows[2].at_most.limit",
        "must be a number",
    ),
    ("at_most: {limit: 6}", "at_most: 6", "at_most: 6", "rows[2].at_most", "must be a mapping"),
    ("at_most: {limit: 6}", "at_mist: {limit: 6}", "at_mist", "rows[2].at_mist", "unknown field"),
    (
        "{structure: Thyroid,",
        "{structure: Tyroid,",
        "{structure: Tyroid",
        "rows[5].structure",
        "no structure",
    ),
    ("regimens: [BOOST]}", "regimens: [BUST]}", "regimens: [BUST]", "arms[0].regimens", "no regimen"),
    ("dose_gy: 14,", "dose_gy: -14,", "dose_gy: -14", "regimens[0].prescription.dose_gy", "above 0"),
    ("fractions: 7}", "fractions: 7.5}", "fractions: 7.5", "regimens[0].prescription.fractions", "whole"),
    (
        "required: true\n    pres",
        "required: maybe\n    pres",
        "required: maybe",
        "regimens[0].required",
        "true or",
    ),
    ('version: "1"', "version: 1", "version: 1", "version", "must be a text"),
    ("    label: Boost to", "    lable: Boost to", "lable: Boost", "regimens[0].lable", "unknown field"),
    (
        "Number of fractions, failure: unacceptable",
        "Number of fractions, failure: bad",
        "failure: bad",
        ".failure",
        "one of",
    ),
    ("- {id: dose, label: Dose", "- {id: dosage, label: Dose", "id: dosage", "rows[2].id", "one of"),
    (
        "made_from: [[Breast]]",
        "made_from: [[Brest]]",
        "made_from: [[Brest]]",
        "rows[3].made_from",
        "no structure",
    ),
    ("minus: [Block]", "minus: [Breast-Block]", "name: Breast-Block", "rows[3].made_from", "from itself"),
    ("aliases: [TumourBed]", "aliases: [TumourBed, breast]", "{name: Breast}", "rows[2].aliases", "already"),
    (
        "- {name: Heart}",
        "- {name: Breast}",
        "{name: Breast}\n    - {name: Lung",
        "rows[4].name",
        "given twice",
    ),
    ("body: BODY", "body: Torso", "body: Torso", "body", "no structure"),
    (
        "tolerance_percent: 20",
        "tolerance_percent: 100",
        "tolerance_percent: 100",
        ".tolerance_percent",
        "nothing",
    ),
]


@pytest.mark.parametrize(("old", "new", "seen", "field", "message"), WRONG)
def test_reader__names_line_and_field_of_what_is_wrong(
    old: str, new: str, seen: str, field: str, message: str
) -> None:
    text = _changed(old, new)
    problems = _problems(text)
    matching = [each for each in problems if field in each[1] and message in each[2]]
    assert matching, problems
    assert matching[0][0] == _line_of(text, seen)


def test_reader__collects_all_problems_in_the_order_of_lines() -> None:
    text = _changed("dose_gy: 14,", "dose_gy: 0,").replace("- {name: Areola}", "- {nome: Areola}")
    problems = _problems(text)
    assert len(problems) >= 4  # the dose, the key, the missing name, the criterion that needs it
    assert [each[0] for each in problems] == sorted(each[0] for each in problems)


def test_reader__writes_file_line_and_field_in_the_message() -> None:
    text = _changed("dose_gy: 14,", "dose_gy: 0,")
    with pytest.raises(ProtocolError) as caught:
        protocol_from_bytes(text.encode(), "mine.yaml")
    line = _line_of(text, "dose_gy: 0,")
    assert f"mine.yaml:{line}: regimens[0].prescription.dose_gy: is 0; must be above 0" in str(caught.value)


def test_reader__refuses_a_key_given_twice() -> None:
    text = BREAST.read_text(encoding="utf-8") + "title: again\n"
    (line, field, message), *_ = _problems(text)
    assert (line, field) == (text.count("\n"), "title")
    assert "given twice; first in line" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("- a\n- b\n", "must be a mapping"),
        ("just words", "must be a mapping"),
        ("a: [1, 2", "not readable as YAML"),
        ("a: &x 1\nb: *x\n", "anchors and aliases"),
        ("a: !!python/object:os.system x\n", "tags"),
        ("a: 1\n---\nb: 2\n", "one document"),
        ("[" * 5000, "nested deeper"),
        ("a: \x00", "not readable as YAML"),
        ("1: a\n", "a key must be a text"),
    ],
)
def test_reader__refuses_what_is_no_protocol(text: str, message: str) -> None:
    assert any(message in each[2] for each in _problems(text))


def test_reader__refuses_a_bomb_of_aliases_before_it_unfolds() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]" for i in range(9)]
    assert "anchors" in _problems("\n".join(lines))[0][2]


def test_reader__refuses_bytes_that_are_no_text_and_files_that_are_too_large() -> None:
    with pytest.raises(ProtocolError, match=r"x.yaml:2: file: not UTF-8"):
        protocol_from_bytes(b"id: a\ntitle: \xff\n", "x.yaml")
    with pytest.raises(ProtocolError, match="larger than"):
        protocol_from_bytes(b"#" * 1_000_001, "x.yaml")


SCR_WRONG: list[tuple[str, str, str]] = [
    ("[CFRT, sum physical, sum EQD2]", "[CFRT, sum of all]", "no scope"),
    ('metric: "V5Gy[%]"', 'metric: "D5%[%]"', "undefined on a sum"),
    ('Heart_Total, "心脏"], alpha_beta_gy: 3}', "Heart_Total]}", "alpha_beta"),
    ("Target of CFRT\n    scopes: [CFRT]", "Target of CFRT\n    scopes: [LDRT]", "no target"),
    ("structures_from: CFRT", "structures_from: SBRT", "no regimen"),
    ("{dose_gy: 50.4, fractions: 28}", "{dose_gy: 50.4, fractions: 25}", "own prescription"),
    ("minimum: 40, maximum: 61.2", "minimum: 62, maximum: 61.2", "above the maximum"),
    ('"V30Gy[%]", at_most: {limit: 45}', '"Mean[Gy]", at_most: {limit: 45}', "twice"),
    ('{structure: Lungs, metric: "Mean[Gy]"', '{structure: GTVs, metric: "Mean[Gy]"', "is a group"),
    ("{structure: PTV_Primary}", "{structure: Lungs}", "made from others"),
]


@pytest.mark.parametrize(("old", "new", "message"), SCR_WRONG)
def test_reader__refuses_what_contradicts_itself(old: str, new: str, message: str) -> None:
    text = SCR.read_text(encoding="utf-8")
    assert text.count(old) == 1
    assert any(message in each[2] for each in _problems(text.replace(old, new)))


@pytest.mark.parametrize("count", ["0", "2.5", "'28'"])
def test_reader__says_of_a_refused_number_of_fractions_nothing_more(count: str) -> None:
    text = SCR.read_text(encoding="utf-8").replace(
        "dose_gy: 50.4, fractions: 28", f"dose_gy: 50.4, fractions: {count}"
    )
    assert [each[1] for each in _problems(text)] == ["regimens[1].prescription.fractions"]


@pytest.mark.parametrize("number", ["045", "1:30", "4_5", "0x2d", "0b11", "45.", "1" * 400, "1e999"])
def test_read_protocol__refuses_numbers_that_do_not_mean_what_they_say(number: str) -> None:
    text = SCR.read_text(encoding="utf-8").replace("at_most: {limit: 50}", f"at_most: {{limit: {number}}}")
    with pytest.raises(ProtocolError) as caught:
        protocol_from_bytes(text.encode(), "mine.yaml")
    lines = {each.line for each in caught.value.problems}
    assert _line_of(text, f"limit: {number}}}") in lines


def test_read_protocol__refuses_criteria_without_a_scope() -> None:
    text = SCR.read_text(encoding="utf-8").replace("scopes: [CFRT]", "scopes: []")
    assert (_line_of(text, "scopes: []"), "criteria[0].scopes", "must not be empty") in _problems(text)


def test_read_protocol__refuses_a_structure_made_from_nothing() -> None:
    text = SCR.read_text(encoding="utf-8").replace("made_from: [[Stomach],", "made_from: [[],")
    assert "must not be empty" in {message for _line, _field, message in _problems(text)}


def test_read_protocol__refuses_a_target_that_is_given_twice() -> None:
    text = SCR.read_text(encoding="utf-8").replace(
        "      - {structure: PTV_Primary}\n",
        "      - {structure: PTV_Primary}\n      - {structure: PTV_Primary, dose_gy: 60}\n",
    )
    assert "'PTV_Primary' is given twice" in {message for _line, _field, message in _problems(text)}


def test_reader__takes_the_radiation_that_a_regimens_limits_are_for() -> None:
    text = SCR.read_text(encoding="utf-8").replace(
        "    required: true\n", "    required: true\n    radiation: [PROTON]\n", 1
    )
    named = protocol_from_bytes(text.encode(), "mine.yaml")
    assert [each.radiation for each in named.regimens] == [("PROTON",), ()]
