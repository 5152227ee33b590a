"""What is derived from a tumour assessment: its sums, and the response that they give."""

from __future__ import annotations

from dash import html

from trial_core.db.form_content import from_plain
from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.readings import Visit
from trial_core.domain.response import VisitResponse
from trial_core.domain.target_response import TargetSum
from trial_core.services import outcomes
from web.components.frame import Content
from web.components.tables import facts
from web.house import actor, house
from web.reading.study_protocol import conduct
from web.words import t, word


def response_card(code: str, version: FormVersion) -> Content:
    """Give the response of the assessment as it stands now."""
    if version.void:
        return None
    label = from_plain(version.content, Visit).label
    view = outcomes.clinical_view(house().db, conduct(), actor(), code=code)
    response = next((each for each in view.outcome.responses if each.label == label), None)
    if response is None:
        return None
    return html.Section([html.H2(t("Derived response")), facts(_facts(response))], className="card derived")


def _facts(response: VisitResponse) -> list[tuple[str, Content]]:
    found: list[tuple[str, Content]] = [
        (t("Derived"), html.Strong(word(response.derived))),
        (t("Complete on"), "–" if response.on is None else response.on.isoformat()),
        (t("Sum of targets"), sum_words(response.targets)),
        (t("Without lesions irradiated on study"), sum_words(response.unirradiated)),
        (t("Non-targets"), "–" if response.non_targets is None else word(response.non_targets)),
        (t("New lesion that counts"), t("Yes") if response.new_lesion else t("No")),
    ]
    if response.by_hand is not None:
        words = f"{word(response.by_hand.response)}: {response.by_hand.reason}"
        found.append((t("Set by hand"), words))
    return found


def sum_words(targets: TargetSum | None) -> str:
    """Say a sum with its changes from baseline and nadir."""
    if targets is None:
        return "–"
    if targets.mm is None:
        return t("not all assessed")
    changes = t(
        "{baseline} from baseline, {nadir} from the smallest sum",
        baseline=percent(targets.from_baseline_percent),
        nadir=percent(targets.from_nadir_percent),
    )
    return f"{float(targets.mm):.1f} mm ({changes})"


def percent(change: float | None) -> str:
    """Give a change with its sign."""
    return "–" if change is None else f"{change:+.1f} %"
