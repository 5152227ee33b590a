"""What a page shows of a set before it is submitted, to whoever began it."""

from __future__ import annotations

from dataclasses import dataclass

from dash import dcc, html

from trial_core.domain.jobs import JobState
from trial_core.domain.naming_rules import names_to_give
from trial_core.domain.plan import SubmissionState, SubmissionView
from trial_core.domain.precheck import Precheck
from trial_core.domain.report import CourseReport
from trial_core.errors import StoredBytesChanged, StoredBytesMissing
from trial_core.services.prechecks import precheck_of, precheck_report
from web.components.check_progress import progress_card
from web.components.frame import Content
from web.components.marks import said
from web.components.name_fields import name_card
from web.components.notices import Tone, notice
from web.components.precheck_outcome import (
    MAY_BE_SUBMITTED,
    content_findings,
    criteria_card,
    expected_notice,
    precheck_findings,
    records_notice,
    verdict_banner,
)
from web.components.set_content import content_card
from web.house import actor, house
from web.reading.study_protocol import protocol
from web.submitting.before_submitting import Ids
from web.words import refusal_words, t, tn

_UNDER_WAY = (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True)
class Before:
    """A set, and what its check before submitting says; without `found` there is none."""

    view: SubmissionView
    found: Precheck | None
    is_complete: bool

    @property
    def is_shown(self) -> bool:
        """Whether the page is that of a set which this person may submit."""
        return self.found is not None or self.is_complete

    @property
    def is_moving(self) -> bool:
        """Whether a worker is at it, or will be."""
        job = self.found.job if self.found else None
        return job is not None and job.state in _UNDER_WAY

    @property
    def content_key(self) -> str:
        """Tell one content, with its names, from another."""
        if self.found is None or self.found.content is None:
            return ""
        return self.found.content_key

    @property
    def set_sha256(self) -> str:
        """Name the set as it is shown; a step upon it carries this, so that nothing unseen is submitted."""
        return self.found.set_sha256 if self.found else ""

    def content_cards(self) -> list[Content]:
        """Give what is in the files and the names to be given."""
        if self.found is None or self.found.content is None or not self.found.is_current:
            return []
        content = self.found.content
        return [
            content_card(content, protocol(), records_only=self.view.summary.records_only),
            name_card(content, protocol(), self.found.names),
        ]

    def cards(self) -> list[Content]:
        """Give where the set stands, what its check says, and what can be done with it."""
        found = self.found
        if found is None or not found.is_current:
            return [_not_looked_into(changed=found is not None)]
        if self.is_moving:
            hint = t("Nothing is submitted yet. You may submit without waiting: the same check is done then.")
            return [
                progress_card(found.job, hint),
                _actions(self.view, submit=t("Submit without waiting"), quiet=True),
            ]
        if found.expected_state is None:
            return [_broke_off(found), _actions(self.view, submit=t("Submit all the same"), quiet=True)]
        return self._outcome(found)

    def details(self) -> list[Content]:
        """Give the criteria and the findings; until the check has ended, what reading the files found."""
        found = self.found
        if found is None or not found.is_current:
            return []
        if found.expected_state is None:
            return [] if found.content is None else [content_findings(found.content)]
        try:
            report = self._report(found)
        except (StoredBytesChanged, StoredBytesMissing) as problem:
            return [notice(Tone.STOP, t("The result cannot be shown. "), refusal_words(problem))]
        alone = self.view.summary.records_only
        criteria = criteria_card(report) if report and not alone else None
        return [
            criteria,
            records_notice() if alone else None,
            precheck_findings(found, report, records_only=alone),
        ]

    def _outcome(self, found: Precheck) -> list[Content]:
        may_be = found.expected_state in MAY_BE_SUBMITTED
        return [
            expected_notice(found),
            self._verdict(found) if may_be else None,
            self._names_first(found),
            _actions(self.view, submit=t("Submit") if may_be else None),
        ]

    def _names_first(self, found: Precheck) -> Content:
        """Lead to names that look like structures of the protocol before anybody submits without them."""
        given = {one.name.site_name for one in found.names}
        sets = found.content.structure_sets if found.content else ()
        listed = names_to_give(sets, protocol())
        likely = [one.site_name for one in listed if one.suggestions and one.site_name not in given]
        if not likely:
            return None
        title = tn(
            "{n} name looks like one of the protocol's structures. ",
            "{n} names look like structures of the protocol. ",
            len(likely),
        )
        link = html.A(t("Say what they are"), href="#names-to-give")
        return notice(Tone.WARN, title, [link, t(", then the check counts them.")])

    def _verdict(self, found: Precheck) -> Content:
        if self.view.summary.records_only:
            return None
        try:
            report = self._report(found)
        except (StoredBytesChanged, StoredBytesMissing):
            return None  # said among the details
        return verdict_banner(report) if report else None

    def _report(self, found: Precheck) -> CourseReport | None:
        if found.report_sha256 is None:
            return None
        home, submission = house(), self.view.summary.submission_id
        return precheck_report(home.db, home.store, actor(), submission_id=submission)


def before(view: SubmissionView) -> Before:
    """Give what is known of a set before its submitting; nothing of one that is submitted, or another's."""
    if view.summary.state is not SubmissionState.RECEIVING or not view.may_send:
        return Before(view, None, is_complete=False)
    found = precheck_of(house().db, actor(), submission_id=view.summary.submission_id)
    is_complete = bool(view.uploads) and all(file.complete for file in view.uploads)
    return Before(view, found, is_complete)


def _not_looked_into(*, changed: bool) -> Content:
    words = (
        t("The files have changed since they were looked into.")
        if changed
        else t("All files have arrived, and nobody has looked into them yet.")
    )
    button = html.Button(t("Look into the files"), id=Ids.LOOK, className="button", type="button")
    return notice(Tone.INFO, t("Not submitted. "), [html.P(words), button, html.Div(id=Ids.LOOK_ANSWER)])


def _broke_off(found: Precheck) -> Content:
    reason = said(found.job.error) if found.job and found.job.error else t("The reason was not recorded.")
    button = html.Button(t("Check again"), id=Ids.LOOK, className="button", type="button")
    words = html.P([reason, " ", t("Nothing was lost; if it fails again, tell the administrator.")])
    return notice(Tone.STOP, t("The check broke off. "), [words, button, html.Div(id=Ids.LOOK_ANSWER)])


def _actions(view: SubmissionView, *, submit: str | None, quiet: bool = False) -> Content:
    code = view.summary.subject_code
    style = "button button-quiet" if quiet else "button"
    discard = html.Button(
        t("Discard, choose other files"),
        id="submission-discard-button",
        className="button button-quiet",
        type="button",
    )
    question = t("Discard these files? They are removed; nothing was submitted.")
    return html.Section(
        [
            html.P(
                t(
                    "Nothing of this counts before you submit it. Files that are not submitted are removed "
                    "after a day."
                ),
                className="muted",
            ),
            html.Div(
                [
                    html.Button(submit, id=Ids.SUBMIT, className=style, type="button") if submit else None,
                    dcc.ConfirmDialogProvider(discard, id=Ids.DISCARD, message=question),
                    dcc.Link(
                        t("Subject {code}", code=code),
                        href=f"/subjects/{code}",
                        className="button button-bare",
                    ),
                ],
                className="button-row",
            ),
            html.Div(id=Ids.ANSWER),
            html.Div(id=Ids.DISCARD_ANSWER),
        ],
        className="card submit-bar",
        **{"aria-label": t("What to do with these files")},
    )
