"""The form that a team puts on its website: who one is, how to be reached, what it is about."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, Form, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from leadhub.plugins.api import Context, LeadDraft, PublicForm
from leadhub.plugins.api.sources import Settings

LINE_MAX, TEXT_MAX = 200, 5000
MESSAGE = "Message"  # what the lead's further data calls it


def stripped(text: str | None) -> str:
    return (text or "").strip()


class WebFormSettings(Form):
    title = StringField(_l("Title"), [DataRequired(), Length(max=LINE_MAX)], [stripped], default=_l("Contact us"))
    thanks = TextAreaField(_l("Thanks"), [Length(max=2000)], [stripped], description=_l("Shown once the form is sent."))
    organisation = BooleanField(_l("Ask for the organisation"), default=True)
    phone = BooleanField(_l("Ask for the phone"), default=True)
    message = BooleanField(_l("Ask for a message"), default=True)


ALL = {
    "first_name": lambda: StringField(
        _l("First name"), [Length(max=LINE_MAX)], [stripped], render_kw={"autocomplete": "given-name"}
    ),
    "last_name": lambda: StringField(
        _l("Last name"), [DataRequired(), Length(max=LINE_MAX)], [stripped], render_kw={"autocomplete": "family-name"}
    ),
    "organisation": lambda: StringField(
        _l("Organisation"), [Length(max=LINE_MAX)], [stripped], render_kw={"autocomplete": "organization"}
    ),
    "email": lambda: EmailField(
        _l("E-mail"), [DataRequired(), Length(max=254)], [stripped], render_kw={"autocomplete": "email"}
    ),
    "phone": lambda: TelField(
        _l("Phone"), [Optional(), Length(max=50)], [stripped], render_kw={"autocomplete": "tel"}
    ),
    "message": lambda: TextAreaField(
        _l("Message"), [DataRequired(), Length(max=TEXT_MAX)], [stripped], render_kw={"rows": 6}
    ),
}  # fmt: skip
"""Name -> a field made anew: WTForms draws fields in the order in which they were made."""
ALWAYS = ("first_name", "last_name", "email")


def public_form(settings: Settings, context: Context) -> PublicForm:
    wanted = {name: make() for name, make in ALL.items() if name in ALWAYS or settings.get(name)}
    fields = type("WebForm", (Form,), wanted)
    return PublicForm(title=settings["title"], fields=fields, draft=draft_of, thanks=settings.get("thanks", ""))


def draft_of(values: Mapping[str, Any]) -> LeadDraft:
    names = ("first_name", "last_name", "organisation", "email", "phone")
    told: dict[str, Any] = {name: values.get(name) or "" for name in names}
    message = values.get("message") or ""
    return LeadDraft(channel="web-form", other={MESSAGE: message} if message else {}, **told)
