"""The form field of each type of the catalogue: made, filled from a lead, read as drafts and changes have it."""

import hashlib
from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from wtforms import BooleanField, DateField, DateTimeLocalField, SelectField, SelectMultipleField, StringField
from wtforms import Field as Input
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, TextArea, TextInput

from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.fields.queries import choices_of
from leadhub.forms import choices
from leadhub.hub.queries import hub
from leadhub.leads import offers
from leadhub.leads.kinds import ADDRESS_TYPES, EMAIL_TYPES, PHONE_TYPES
from leadhub.leads.models import Lead
from leadhub.leads.row_inputs import AddressesInput, ReachesInput, TagsInput
from leadhub.leads.values import held
from leadhub.lists.models import Tag
from leadhub.lists.queries import rows_of
from leadhub.numbers import read_decimal, typed
from leadhub.plugins.api.leads import Address, Reach
from leadhub.web import label

SELECTS = (kinds.CHOICE, kinds.CHOICES, kinds.PERSON, kinds.FIXED)
CUSTOM_PLACES = 4


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class Lines(TextInput):
    """A line; what has come with several lines keeps them."""

    def __call__(self, field: Input, **options: Any) -> Any:
        return TextArea()(field, **options) if "\n" in (field.data or "") else super().__call__(field, **options)


class TextField(StringField):
    """A text that may have come with several lines."""

    widget = Lines()


class NumberField(Input):
    """A number as people type it.  ``data`` is a ``Decimal``, or None."""

    widget = TextInput()

    def __init__(self, *args: Any, places: int = 2, **options: Any) -> None:
        super().__init__(*args, **options)
        self.places = places

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else typed(self.data, self.places)

    def process_formdata(self, texts: list[str]) -> None:
        text = _stripped(texts[0]) if texts else None
        if text is None:
            return
        self.data = read_decimal(text) if text else None
        if text and self.data is None:
            raise ValueError(_("Give a number."))


class CountField(NumberField):
    """A whole number."""

    def process_formdata(self, texts: list[str]) -> None:
        super().process_formdata(texts)
        if self.data is not None and self.data != self.data.to_integral_value():
            raise ValueError(_("Give a whole number."))


def input_of(field: Field) -> Any:
    """An unbound form field."""
    made = MADE.get(field.type, _text)(field)
    made.kwargs["label"] = field.label
    return made


def _text(field: Field) -> Any:
    look = {"type": "url", "inputmode": "url"} if field.type == kinds.LINK else {}
    return TextField(validators=[Length(max=field.limit)], filters=[_stripped], render_kw=look)


def _number(field: Field) -> Any:
    look = {"inputmode": "decimal", "autocomplete": "off"}
    if field.type == kinds.NUMBER and not field.is_custom:
        return CountField(places=0, render_kw=look)
    return NumberField(places=CUSTOM_PLACES if field.is_custom else 2, render_kw=look)


def _reaches(field: Field) -> Any:
    types = EMAIL_TYPES if field.type == kinds.EMAILS else PHONE_TYPES
    return ReachesInput(types=[offers.NONE, *types.items()], kind=field.name)


def _addresses(field: Field) -> Any:
    types = [offers.NONE, *ADDRESS_TYPES.items()]
    return AddressesInput(types=types, countries=offers.countries(), home=hub().country)


MADE: dict[str, Callable[[Field], Any]] = {
    kinds.YES_NO: lambda field: BooleanField(),
    kinds.CHOICE: lambda field: SelectField(default=""),
    kinds.CHOICES: lambda field: SelectMultipleField(option_widget=CheckboxInput()),
    kinds.PERSON: lambda field: SelectField(default=""),
    kinds.FIXED: lambda field: SelectField(default=""),
    kinds.NUMBER: _number,
    kinds.AMOUNT: _number,
    kinds.DAY: lambda field: DateField(validators=[Optional()]),
    kinds.MOMENT: lambda field: DateTimeLocalField(validators=[Optional()], format=["%Y-%m-%dT%H:%M"]),
    kinds.EMAILS: _reaches,
    kinds.PHONES: _reaches,
    kinds.ADDRESSES: _addresses,
    kinds.TAGS: lambda field: TagsInput(known=[(row.key, label(row)) for row in rows_of(Tag)]),
}


def offer(control: Input, field: Field, found: offers.Offers) -> None:
    """Give a select field its choices."""
    if field.type in SELECTS:
        control.choices = choices(found.of(field, control.object_data))


def filled(lead: Lead, field: Field, clock: ZoneInfo) -> Any:
    """The lead's value as the form field takes it; moments are on the clock."""
    if field.type == kinds.TAGS:
        return tuple(tag.key for tag in lead.tags)
    if field.is_custom and field.model:
        chosen = held(lead, field)
        keys = [choice.key for choice in choices_of(field) if choice.id in chosen]
        return keys if field.type == kinds.CHOICES else (keys[0] if keys else "")
    if field.type == kinds.CHOICE:
        row = getattr(lead, field.link)
        return row.key if row else ""
    if field.type == kinds.PERSON:
        user = getattr(lead, field.link)
        return user.email if user else ""
    value = held(lead, field)
    if field.type == kinds.MOMENT:
        return on_clock(value, clock) if value else None
    return Decimal(value) if field.type == kinds.NUMBER and value is not None else value


def read(control: Input, field: Field, clock: ZoneInfo) -> Any:
    """What was typed, as drafts and changes have it."""
    value = control.data
    if field.type == kinds.MOMENT:
        return aware(value, clock) if value else None
    if field.type == kinds.CHOICES:
        return tuple(value or ())
    if isinstance(control, TagsInput):
        return control.words()
    if isinstance(control, CountField):
        return None if value is None else int(value)
    return (value or "") if field.type in (kinds.CHOICE, kinds.PERSON, kinds.FIXED) else value


def mark(data: Any) -> str:
    """A short print of a form field's data, the same before a browser has had it and after."""
    return hashlib.sha256(repr(_plain(data)).encode()).hexdigest()[:16]


def _plain(data: Any) -> Any:
    if isinstance(data, str):
        return data.replace("\r\n", "\n").replace("\r", "").strip() or None
    if isinstance(data, Reach | Address):  # in one line each, whatever they came with
        return tuple(" ".join(text.split()) or None for text in astuple(data))
    if isinstance(data, list | tuple):
        return tuple(_plain(item) for item in data)
    if isinstance(data, Decimal):
        return format(data.normalize(), "f")
    return str(data) if data else None


def on_clock(moment: datetime, clock: ZoneInfo) -> datetime:
    """What that clock shows, to the minute."""
    return moment.astimezone(clock).replace(tzinfo=None, second=0, microsecond=0)


def aware(shown: datetime, clock: ZoneInfo) -> datetime:
    return shown.replace(tzinfo=clock).astimezone(UTC)
