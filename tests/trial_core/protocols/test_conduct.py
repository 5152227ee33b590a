"""How SCR-ESCC-01 is conducted, as its file says it, and what a wrong file is told."""

from itertools import islice
from pathlib import Path

import pytest

from trial_core.domain.conduct import Conduct, ConductPart
from trial_core.domain.eligibility import QuestionKind
from trial_core.domain.pfs import NewTherapy
from trial_core.protocols.ctcae_csv import shipped_terms
from trial_core.protocols.errors import ProtocolError
from trial_core.protocols.reader import protocol_from_bytes, read_protocol

SCR = Path(__file__).parents[3] / "trial_core" / "protocols" / "scr_escc_01.yaml"
BREAST = Path(__file__).parents[2] / "support" / "protocols" / "breast_14_in_7.yaml"


def _conduct() -> Conduct:
    conduct = read_protocol(SCR).conduct
    assert conduct is not None
    return conduct


def test_protocol__without_conduct_only_checks_plans() -> None:
    assert read_protocol(BREAST).conduct is None


def test_eligibility__has_every_criterion_of_the_domain_notes() -> None:
    questions = _conduct().questions
    assert sum(question.kind is QuestionKind.INCLUSION for question in questions) == 5
    assert sum(question.kind is QuestionKind.EXCLUSION for question in questions) == 12
    measured = {question.id: question.measure for question in questions if question.measure}
    assert set(measured) == {"age", "ECOG", "PG-SGA"}
    means = {
        name: [measure.means(value) for value in (0, 1, 2, 8, 9, 17, 18)]
        for name, measure in measured.items()
    }
    assert means["age"] == ["no"] * 6 + ["yes"]
    assert means["ECOG"] == ["yes", "yes", "no", "no", "no", "no", "no"]
    assert means["PG-SGA"] == ["no", "no", "no", "no", "yes", "yes", "yes"]


def test_visits__are_every_6_weeks_to_week_48_then_every_12() -> None:
    schedule = _conduct().pfs.schedule
    weeks = [day // 7 for day in islice(schedule.visit_days(), 11)]
    assert weeks == [0, 6, 12, 18, 24, 30, 36, 42, 48, 60, 72]
    assert schedule.window_days == 7


@pytest.mark.parametrize(
    ("day", "longest"),
    [(0, 91), (34, 91), (252, 91), (286, 91), (287, 133), (328, 133), (329, 175), (336, 175), (420, 175)],
)
def test_longest_gap__is_two_intervals_and_the_window(day: int, longest: int) -> None:
    assert _conduct().pfs.schedule.longest_gap_days(day) == longest


def test_rules__are_those_of_the_domain_notes() -> None:
    conduct = _conduct()
    assert (conduct.pfs.new_therapy, conduct.pfs.missed_visits) == (NewTherapy.CENSORS, True)
    assert conduct.pfs.radiotherapy_without_plan_is_new
    assert not conduct.response.primary_is_target
    assert (conduct.toxicity.ctcae_version, conduct.toxicity.window_days) == ("5.0", 90)
    assert len(shipped_terms().of_version(conduct.toxicity.ctcae_version)) >= 60
    assert conduct.delivery.weekdays == (0, 1, 2, 3, 4)
    assert [stratum.id for stratum in conduct.strata] == ["site"]


def test_assumptions__are_said_for_every_part_but_the_published_one() -> None:
    conduct = _conduct()
    assumed = [part for part in ConductPart if conduct.assumed(part)]
    assert assumed == [part for part in ConductPart if part is not ConductPart.ELIGIBILITY]
    assert conduct.assumed(ConductPart.PFS)[0].startswith("Progression-free survival: FDA guidance")


WRONG = [
    ("every_weeks: 6, to_week: 48", "every_weeks: 6, to_week: 50", "no visit of every 6 weeks"),
    ("every_weeks: 6, to_week: 48", "every_weeks: 6", "follows a stretch that never ends"),
    ("- {every_weeks: 12}", "- {every_weeks: 12, to_week: 60}", "must go on"),
    ("every_weeks: 6, to_week: 48", "every_weeks: 0, to_week: 48", "at least 1"),
    ("    window_days: 7\n", "    window_days: 21\n", "would touch"),
    ("new_therapy: censors", "new_therapy: ignored", "must be one of: censors, event"),
    ('kind: exclusion, text: "Is the PG', 'kind: no, text: "Is the PG', "kind"),
    ("maximum: 52, yes_from: 9", "maximum: 52", "which values mean yes"),
    ("maximum: 52, yes_from: 9", "maximum: 52, yes_from: 60", "outside the range"),
    ("minimum: 0, maximum: 52", "minimum: 60, maximum: 52", "not below the maximum"),
    ("yes_from: 9", "yes_from: 9, yes_to: 3", "no value would mean yes"),
    ("{id: pregnancy", "{id: age", "given twice"),
    ("[Monday, Tuesday", "[Mondag, Tuesday", "no day of the week"),
    ("[Monday, Tuesday, Wednesday, Thursday, Friday]", "[]", "must not be empty"),
    ("minor_above_percent: 5", "minor_above_percent: 10", "not below major_above_percent"),
    ("{id: site, label: Centre}", "{id: site, label: Centre, levels: []}", "must not be empty"),
    ('ctcae: "5.0"', "ctcae: 5.0", "must be a text"),
    ("    days: 90", "    dayz: 90", "unknown field"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_reader__refuses_a_conduct_that_cannot_be(old: str, new: str, message: str) -> None:
    text = SCR.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    with pytest.raises(ProtocolError) as caught:
        protocol_from_bytes(text.replace(old, new).encode(), "mine.yaml")
    problems = [each for each in caught.value.problems if each.field.startswith("conduct")]
    assert any(message in f"{each.field} {each.message}" for each in problems), caught.value


def test_reader__asks_for_every_part_and_where_it_is_from() -> None:
    text = SCR.read_text(encoding="utf-8")
    cut = text[: text.index("  randomisation:\n")]
    with pytest.raises(ProtocolError, match=r"conduct\.randomisation: is missing"):
        protocol_from_bytes(cut.encode(), "mine.yaml")
    unsourced = text.replace("    source: Project's default; the strata are not published\n", "")
    with pytest.raises(ProtocolError, match=r"conduct\.randomisation\.source: is missing"):
        protocol_from_bytes(unsourced.encode(), "mine.yaml")
