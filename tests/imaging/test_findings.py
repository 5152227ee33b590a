"""Findings have exactly seven keys, and codes that programs can rely on."""

import json
import re
from dataclasses import fields

from imaging.findings import Finding, FindingCode, error, info, warning

KEYS = ["code", "severity", "file", "element", "structure", "message", "action"]


def test_finding__has_exactly_the_seven_keys_of_the_interface() -> None:
    finding = error(FindingCode.NOT_DICOM, "It is text.", action="Leave it out.", file="a.dcm")
    assert list(finding.as_json()) == KEYS
    assert [field.name for field in fields(Finding)] == KEYS


def test_finding__is_plain_json() -> None:
    finding = warning(FindingCode.STRUCTURE_EMPTY, "Empty.", structure="Areola", element="ContourSequence")
    assert json.loads(json.dumps(finding.as_json())) == {
        "code": "structure-empty",
        "severity": "warning",
        "file": None,
        "element": "ContourSequence",
        "structure": "Areola",
        "message": "Empty.",
        "action": None,
    }


def test_finding_makers__set_their_severity() -> None:
    severities = [make(FindingCode.NOT_DICOM, "x").severity for make in (error, warning, info)]
    assert severities == ["error", "warning", "info"]


def test_finding_codes__are_distinct_and_spelled_alike() -> None:
    assert len(set(FindingCode)) == len(FindingCode.__members__)
    for code in FindingCode:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code.value)
        assert code.value == code.name.lower().replace("_", "-")
