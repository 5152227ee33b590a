"""What can be a code, and how a subject is named to those who see all sites."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trial_core.domain.clinical_record import SubjectFacts
from trial_core.domain.names import is_code, site_and_code, subject_label
from trial_core.domain.subject import Subject, SubjectStatus


def test_subject_label__is_read_back_and_can_be_no_code() -> None:
    label = subject_label(site="S1", code="S1-001")
    assert label == "S1:S1-001"
    assert site_and_code(label) == ("S1", "S1-001")
    assert not is_code(label)


def test_site_and_code__of_a_code_alone_leaves_the_site_open() -> None:
    assert site_and_code("S1-001") == ("", "S1-001")


@pytest.mark.parametrize("code", ["", ".1", "a" * 33, "S1:1", "S1/1", "ä1", "1\n"])
def test_is_code__refuses_what_is_none(code: str) -> None:
    assert not is_code(code)


def test_subjects__bear_the_same_label_in_the_safety_rule_and_in_tables() -> None:
    subject = Subject("001", "S1", SubjectStatus.ENROLLED, None, None, datetime.now(UTC))
    assert subject.label == SubjectFacts(code="001", site="S1").label == "S1:001"
