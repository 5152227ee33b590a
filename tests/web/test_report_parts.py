"""The report's parts in words: order, cautions, the way to what is unacceptable."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tests.web.a_report import a_report, a_row, with_a_sum
from tests.web.rendered import rendered
from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.report import CountedItem, CourseReport
from web.components.criteria import criteria_table
from web.components.report_parts import NOBODY_REVIEWED, banner, sums_card
from web.components.tables import findings_table
from web.components.verdict import sentence_case


def _numbers_in(component: Any) -> list[int]:
    return [int(number) for number in re.findall(r'"data-number": "(\d+)"', rendered(component))]


def _targets() -> CourseReport:
    metrics = ("D95%[%]", "D0.03cc[%]")
    targets = ("PTV_Met1", "PTV_Met2")
    pairs = [(metric, target) for metric in metrics for target in targets]
    rows = [
        a_row(number, structure="PTV_Met", counts_as=target, site_structures=(target,), metric=metric)
        for number, (metric, target) in enumerate(pairs, start=1)
    ]
    return replace(a_report(), results=(*rows, a_row(5)))


def test_criteria__of_several_targets_stand_together_and_keep_the_reports_numbers() -> None:
    assert _numbers_in(criteria_table(_targets())) == [1, 3, 2, 4, 5]


def test_criteria__of_an_organ_stay_in_the_reports_order_when_a_scope_lacks_its_structure() -> None:
    rows = (a_row(1), a_row(2, site_structures=()), a_row(3, metric="V20Gy[%]"))
    assert _numbers_in(criteria_table(replace(a_report(), results=rows))) == [1, 2, 3]


def test_sum__by_an_unreviewed_registration_is_said_in_the_banner_and_opened_in_the_sum() -> None:
    report = with_a_sum(needs_review=True)
    assert str(NOBODY_REVIEWED) in rendered(banner(report))
    card = rendered(sums_card(report))
    assert str(NOBODY_REVIEWED) in card
    assert '"open": true' in card


def test_sum__in_one_frame_says_nothing_of_a_review() -> None:
    report = with_a_sum(needs_review=False)
    assert "review" not in rendered(banner(report)) + rendered(sums_card(report))


def test_banner__counts_what_the_verdict_counts_and_not_every_row() -> None:
    """Three doses of one criterion are one variation: four of them make the course unacceptable."""
    item = CountedItem(
        structure="Lungs",
        metric="Mean[Gy]",
        label="Lungs Mean[Gy]",
        verdict=Verdict.ACCEPTABLE_VARIATION,
        incomplete=False,
        required=True,
        rows=(1, 2, 3),
    )
    rows = tuple(a_row(number, verdict=Verdict.ACCEPTABLE_VARIATION) for number in (1, 2, 3))
    words = rendered(banner(replace(a_report(), results=rows, counted=(item,))))
    assert "1 acceptable variation" in words
    assert "3 acceptable variation" not in words
    assert "Counted once each" in words


def test_banner__names_counted_items_that_not_every_dose_could_be_evaluated_for() -> None:
    item = CountedItem(
        structure="Lungs",
        metric="Mean[Gy]",
        label="Lungs Mean[Gy]",
        verdict=Verdict.PER_PROTOCOL,
        incomplete=True,
        required=True,
        rows=(1, 2),
    )
    words = rendered(banner(replace(a_report(), counted=(item,))))
    assert "not every dose could be evaluated for Lungs Mean[Gy]" in words
    assert "Incomplete" not in rendered(
        banner(replace(a_report(), counted=(replace(item, incomplete=False),)))
    )


def test_banner__leads_to_every_unacceptable_row_with_its_value_and_limit() -> None:
    words = rendered(banner(a_report()))
    assert "No. 3: SpinalCord D0.03cc[Gy], CFRT 50.4 Gy in 28: 45.20 Gy, limit ≤ 45 Gy" in words
    assert '"#criterion-3"' in words
    assert '"criterion-3"' in rendered(criteria_table(a_report()))


def _finding(code: str, severity: str) -> dict[str, object]:
    return {"code": code, "severity": severity, "message": f"about {code}", "action": "Do."}


def test_findings__refused_archive_first_and_what_follows_from_it_last_among_the_errors() -> None:
    codes = ("ct-slice-gap", "sum-incomplete", "element-missing", "zip-unsafe-name")
    severities = ("warning", "error", "error", "error")
    listed = rendered(
        findings_table([_finding(code, grave) for code, grave in zip(codes, severities, strict=True)])
    )
    order = [code for _, code in sorted((listed.index(f"About {code}"), code) for code in codes)]
    assert order == ["zip-unsafe-name", "element-missing", "sum-incomplete", "ct-slice-gap"]
    assert "Follows from the refused archive" in listed


def test_findings__a_missing_plan_alone_follows_from_nothing() -> None:
    listed = rendered(findings_table([_finding("regimen-without-plan", "error")]))
    assert "Follows" not in listed
    assert sentence_case("about regimen-without-plan") in listed


def test_findings__said_of_many_files_are_said_once() -> None:
    found = [{**_finding("object-set-aside", "info"), "file": f"{number}.dcm"} for number in range(300)]
    listed = rendered(findings_table(found))
    assert listed.count("About object-set-aside") == 1
    assert "and 299 other files, each" in listed


def test_criteria__of_a_sum_by_two_structure_sets_say_whose_contours() -> None:
    row = a_row(1, scope_kind=ScopeKind.SUM_PHYSICAL, scope="sum, physical", plan_key=None)
    other = replace(row, number=2, scope="sum, physical, contours of RS.replan.dcm")
    words = rendered(criteria_table(replace(a_report(), results=(row, other))))
    assert words.count("Sum, physical") == 2
    assert words.count("contours of RS.replan.dcm") == 1


def test_criteria__of_an_eqd2_sum_say_the_alpha_beta() -> None:
    row = a_row(1, scope_kind=ScopeKind.SUM_EQD2, plan_key=None, alpha_beta_gy=3.0)
    words = rendered(criteria_table(replace(a_report(), results=(row,))))
    assert "Sum, EQD2" in words
    assert "α/β = 3 Gy" in words
