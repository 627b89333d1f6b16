"""A contact's form."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Length

from leadhub.forms import Form
from leadhub.leads.checks import FieldRefused
from leadhub.sales.contacts import FIELDS, ContactDraft, mark_of
from leadhub.sales.models import EMAIL_MAX, TEXT_MAX, Contact

TYPED = [lambda text: " ".join(text.split()) if text else ""]


class ContactForm(Form):
    """A person at a customer or at a lead."""

    told = ""
    differing: Sequence[str] = ()

    first_name = StringField(_l("First name"), [Length(max=TEXT_MAX)], filters=TYPED)
    last_name = StringField(_l("Last name"), [Length(max=TEXT_MAX)], filters=TYPED)
    job_title = StringField(_l("Job title"), [Length(max=TEXT_MAX)], filters=TYPED)
    role = StringField(
        _l("Role"), [Length(max=TEXT_MAX)], filters=TYPED, description=_l("What this person does in a purchase.")
    )
    email = StringField(
        _l("E-mail"), [Length(max=EMAIL_MAX)], filters=TYPED, render_kw={"type": "email", "inputmode": "email"}
    )
    phone = StringField(_l("Phone"), [Length(max=TEXT_MAX)], filters=TYPED, render_kw={"type": "tel"})
    seen = HiddenField()
    is_primary = BooleanField(_l("Primary contact"), description=_l("The one to ask first. There is one."))

    @classmethod
    def of(cls, contact: Contact) -> "ContactForm":
        told = {name: getattr(contact, name) for name in (*FIELDS, "is_primary")}
        return cls(data=told | {"seen": mark_of(contact)})

    def meet(self, contact: Contact, told: str) -> "ContactForm":
        """Somebody was faster, as ``told`` says: what was typed stays, and is saved the next time."""
        self.seen.data, self.told = mark_of(contact), told
        self.differing = [self[name].label.text for name in FIELDS if getattr(contact, name) != (self[name].data or "")]
        return self

    def to_draft(self) -> ContactDraft:
        told: dict[str, Any] = {name: self[name].data or "" for name in FIELDS}
        return ContactDraft(**told, is_primary=bool(self.is_primary.data))

    def refuse(self, error: FieldRefused) -> None:
        self[error.field].errors = [*self[error.field].errors, str(error)]
