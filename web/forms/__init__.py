"""Forms: a page says which fields, and what to do with the answers; everything else is here.

>>> def fields(context: Context) -> tuple[Field, ...]:     # asked anew at every sending: limits may change
...     return (
...         Field("on", t("Day"), FieldKind.DATE, required=True, latest=today),
...         Field("dose", t("Dose"), FieldKind.NUMBER, unit="Gy", least=0, most=100),
...         Field("fatal", t("Fatal"), FieldKind.YES_NO),
...         Field("cause", t("Cause"), longest=200, shown_when=("fatal", ("yes",))),
...     )
>>> def save(context: Context, answers: Answers) -> Saved:  # one call of a service; it may raise TrialError
...     version = deaths.enter(
...         house().db, actor(), code=context["code"], on=answers.day("on"),
...         reason=answers.reason, seen_version=context.seen_version or None,
...     ).version
...     return Saved(t("Death"), version=version)
>>> DEATH = Form("death", fields, save)
>>> def register(app: Dash) -> None:                        # of the page module
...     register_form(app, DEATH)
>>> form_card(DEATH, Context({"code": code}, seen_version=2), title=t("Death"))      # in the page's body

What one gets: label, hint, unit and error tied together for screen readers; an error as one types, by the
limits that the service's side checks again; the service's refusal at the field that its error names
(`error.field`), else under the button; a reason for change once there is an earlier version (`seen_version`);
a password and its meaning where `Form.meaning` is given (`answers.password`); a button that sends once; and
a notice of what was saved, with its version. What the context holds came from the browser: services decide.
"""

from web.forms.fields import Answers, Context, Field, FieldKind, Option
from web.forms.markup import form_card
from web.forms.sending import Form, Saved, register_form

__all__ = [
    "Answers",
    "Context",
    "Field",
    "FieldKind",
    "Form",
    "Option",
    "Saved",
    "form_card",
    "register_form",
]
