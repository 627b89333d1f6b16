"""A customer's form: the inputs of a lead's, and a note."""

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from leadhub.accounts import once
from leadhub.accounts.models import User
from leadhub.accounts.queries import user_by_email
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.leads.field_inputs import mark
from leadhub.leads.forms import LeadForm, changeable
from leadhub.lists.queries import rows_of
from leadhub.sales.customers import addresses_of, reaches_of
from leadhub.sales.models import Customer

TICK = "is_organisation"
NAMES = (
    TICK, "first_name", "last_name", "organisation", "email", "phone", "website", "industry", "segment",
    "territory", "language", "owner", "addresses",
)  # fmt: skip
ROWS = (kinds.EMAILS, kinds.PHONES)
NOTE_MAX = 10_000


def _stripped(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


class CustomerForm(LeadForm):
    """What this person may fill in of a lead, as far as customers have it too."""

    note = TextAreaField(_l("Note"), [Length(max=NOTE_MAX)], filters=[_stripped], render_kw={"rows": 5})

    @property
    def shown(self) -> list[Any]:
        return [*self.inputs(), self.note]

    def columns(self) -> dict[str, Any]:
        """What was typed, as ``sales.customers`` takes it."""
        found: dict[str, Any] = {"note": self.note.data or ""}
        for name, value in self.values().items():
            field = self.known[name]
            if field.type == kinds.CHOICE:
                found[field.column] = next((row.id for row in rows_of(field.model) if row.key == value), None)
            elif field.type == kinds.PERSON:
                person = user_by_email(value) if value else None
                found[field.column] = person.id if person else None
            else:
                found[f"{name}s" if field.type in ROWS else name] = value
        return found


class NewCustomerForm(CustomerForm):
    """A customer typed in by hand."""

    once = HiddenField(default=once.new_key)

    @classmethod
    def of(cls, user: User) -> Any:
        return cls.with_fields(_fields(user), data={"owner": user.email})


class EditCustomerForm(CustomerForm):
    """A customer, and the version of it that the person saw."""

    version = HiddenField(validators=[InputRequired(), Regexp(r"^[1-9]\d{0,8}$")])
    told = ""  # that somebody was faster

    @classmethod
    def of(cls, customer: Customer, user: User) -> Any:
        known = _fields(user)
        data = {field.name: _filled(customer, field) for field in known}
        return cls.with_fields(known, data={**data, "note": customer.note, "version": customer.version})

    def meet(self, customer: Customer, told: str) -> None:
        """Somebody was faster, as ``told`` says: what was typed stays, and is saved the next time."""
        self.version.data, self.told = str(customer.version), told
        self.differing = [
            self[name].label.text
            for name, field in self.known.items()
            if mark(self[name].data) != mark(_filled(customer, field))
        ]
        if mark(self.note.data) != mark(customer.note):
            self.differing.append(self.note.label.text)


def _fields(user: User) -> list[Field]:
    """What must be filled of a lead need not be of a customer."""
    found = {field.name: replace(field, required=False) for field in changeable(user)}
    if TICK in found:
        found[TICK] = replace(found[TICK], label=_l("The customer is an organisation"))
    return [found[name] for name in NAMES if name in found]


def _filled(customer: Customer, field: Field) -> Any:
    """The customer's value as the form field takes it."""
    if field.type in ROWS:
        return reaches_of(customer, field.name)
    if field.type == kinds.ADDRESSES:
        return addresses_of(customer)
    if field.type == kinds.CHOICE:
        row = getattr(customer, field.link)
        return row.key if row else ""
    if field.type == kinds.PERSON:
        return customer.owner.email if customer.owner else ""
    return getattr(customer, field.name)
