"""What can be done when a lead enters a status: the hub's own four."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, Form, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from leadhub.plugins.api import (
    AddNote,
    AssignOwner,
    Context,
    LeadSnapshot,
    MailOwner,
    PersonField,
    PlanNextContact,
    StatusAction,
    hookimpl,
)

PURPOSE = {
    "en": "What can be done when a lead enters a status.",
    "fr": "Ce qui peut se faire quand une piste passe à un statut.",
}
DAYS_MAX = 365
NOTE_MAX = 500
TEXT_MAX = 20_000
MAIL_MAX = 2000
SUMMARY_MAX = 60
Settings = Mapping[str, Any]


def stripped(text: str | None) -> str:
    return (text or "").strip()


class OwnerForm(Form):
    person = PersonField(_l("Person"), [DataRequired()])
    only_free = BooleanField(_l("Only leads that nobody has"), default=True)


class NextContactForm(Form):
    days = IntegerField(_l("In how many days"), [InputRequired(), NumberRange(0, DAYS_MAX)], default=3)
    note = StringField(_l("Note"), [Length(max=NOTE_MAX)], [stripped])
    only_free = BooleanField(_l("Only where none is planned"), default=True)


class NoteForm(Form):
    text = TextAreaField(_l("Text"), [DataRequired(), Length(max=TEXT_MAX)], [stripped])


class MailForm(Form):
    text = TextAreaField(
        _l("Text"),
        [Optional(), Length(max=MAIL_MAX)],
        [stripped],
        description=_l("Stands in the e-mail behind the name of the lead and the status."),
    )


def assign_owner(lead: LeadSnapshot, settings: Settings, context: Context) -> Iterable[AssignOwner]:
    yield AssignOwner(person=settings["person"], only_free=settings.get("only_free", False))


def plan_next_contact(lead: LeadSnapshot, settings: Settings, context: Context) -> Iterable[PlanNextContact]:
    only_free = settings.get("only_free", False)
    yield PlanNextContact(days=settings["days"], note=settings.get("note", ""), only_free=only_free)


def add_note(lead: LeadSnapshot, settings: Settings, context: Context) -> Iterable[AddNote]:
    yield AddNote(text=settings["text"])


def mail_owner(lead: LeadSnapshot, settings: Settings, context: Context) -> Iterable[MailOwner]:
    yield MailOwner(text=settings.get("text", ""))


def days_words(settings: Settings) -> str:
    return str(ngettext("in %(num)d day", "in %(num)d days", settings.get("days", 0)))


def text_words(settings: Settings) -> str:
    text = " ".join(str(settings.get("text", "")).split())
    return f"{text[:SUMMARY_MAX]}…" if len(text) > SUMMARY_MAX else text


@hookimpl
def register_status_actions() -> list[StatusAction]:
    return [
        StatusAction(
            key="assign_owner",
            name={"en": "Assign the owner", "fr": "Attribuer à un responsable"},
            form=OwnerForm,
            run=assign_owner,
        ),
        StatusAction(
            key="next_contact",
            name={"en": "Plan the next contact", "fr": "Planifier le prochain contact"},
            form=NextContactForm,
            summary=days_words,
            run=plan_next_contact,
        ),
        StatusAction(
            key="add_note",
            name={"en": "Add a note", "fr": "Ajouter une note"},
            form=NoteForm,
            summary=text_words,
            run=add_note,
        ),
        StatusAction(
            key="mail_owner",
            name={"en": "Send an e-mail to the owner", "fr": "Envoyer un e-mail au responsable"},
            form=MailForm,
            summary=text_words,
            run=mail_owner,
        ),
    ]
