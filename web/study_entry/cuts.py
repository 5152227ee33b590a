"""Forms of data cuts: make one, release one, repeat one."""

from __future__ import annotations

from collections.abc import Sequence

from trial_core.errors import AlreadyExists, MissingReason, NotAName
from trial_core.follow_up_errors import CutDayImpossible, OwnCutReleased
from trial_core.services import data_cuts
from web.forms import Answers, Context, Field, FieldKind, Form, Option, Saved
from web.house import actor, house
from web.reading.cuts import figures_of, repeated
from web.reading.study_protocol import protocol
from web.words import t


def _new_fields(_context: Context) -> Sequence[Field]:
    return (
        Field("label", t("Name of the cut"), hint=t("As it will be quoted."), required=True, longest=80),
        Field(
            "cut_on",
            t("Day of the cut"),
            FieldKind.DATE,
            hint=t("What happened later counts for nothing."),
            required=True,
            latest=house().db.today(),
        ),
    )


def _make(_context: Context, answers: Answers) -> Saved:
    home, day = house(), answers.day("cut_on")
    new = data_cuts.make_data_cut(
        home.db,
        home.store,
        protocol(),
        actor(),
        label=answers.text("label"),
        cut_on=day or home.db.today(),
    )
    return Saved(t("Data cut {label}", label=new.label), go="/outcomes")


def _release_fields(_context: Context) -> Sequence[Field]:
    cuts = [each for each in data_cuts.list_data_cuts(house().db, actor()) if not each.released]
    options = tuple(Option(each.label, f"{each.label}, {each.cut_on.isoformat()}") for each in cuts)
    return (
        Field("label", t("Data cut"), FieldKind.CHOICE, required=True, options=options),
        Field(
            "reason_given",
            t("Reason"),
            FieldKind.LONG_TEXT,
            hint=t("Who decided on the release, and when."),
            required=True,
            longest=500,
        ),
    )


def _release(_context: Context, answers: Answers) -> Saved:
    cut = data_cuts.release_data_cut(
        house().db, actor(), label=answers.text("label"), reason=answers.text("reason_given")
    )
    return Saved(t("Data cut {label} released", label=cut.label), go="/outcomes")


def _repeat(context: Context, _answers: Answers) -> Saved:
    before, now = figures_of(context["cut"]).sha256, repeated(context["cut"])
    if before == now:
        return Saved(t("computed anew: the same bytes, SHA-256 {sha256}", sha256=now))
    return Saved(t("computed anew: OTHER bytes than shown, SHA-256 {sha256}. Tell the office", sha256=now))


MAKE = Form(
    "make-cut",
    _new_fields,
    _make,
    refused_at={NotAName: "label", AlreadyExists: "label", CutDayImpossible: "cut_on"},
)
RELEASE = Form(
    "release-cut",
    _release_fields,
    _release,
    refused_at={OwnCutReleased: "label", MissingReason: "reason_given"},
)
REPEAT = Form("repeat-cut", lambda _: (), _repeat)
FORMS = (MAKE, RELEASE, REPEAT)
