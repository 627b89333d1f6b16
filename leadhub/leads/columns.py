"""The list's columns, and what an address asks for of them: both from the field catalogue.  Nothing here writes.

In an address each field stands under its name: ``?source=whatsapp&source=linkedin&owner=none`` are the leads from one
of both that nobody has.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from babel import Locale
from babel.lists import format_list
from flask_babel import format_date, format_decimal, get_locale, ngettext
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.accounts.queries import active_users
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import Field
from leadhub.fields.queries import choices_of, shown_fields
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.leads.kinds import FIXED_SETS, GENDERS
from leadhub.leads.models import CustomValue, Lead, LeadTag
from leadhub.leads.values import KEY_MAX, address_line, held
from leadhub.lists.queries import rows_of
from leadhub.numbers import amount
from leadhub.web import label, language

NONE, ME, YES, NO = "none", "me", "yes", "no"
FILTERED = (kinds.CHOICE, kinds.CHOICES, kinds.TAGS, kinds.PERSON, kinds.FIXED, kinds.YES_NO, kinds.TEXT, kinds.LINK)
TYPED_IN = (kinds.TEXT, kinds.LINK)  # what has no choices
Known = dict[str, tuple[str, Any]]  # value of an address -> label, and what the database has for it
VALUES_MAX = 50
FROM = ("from-sm", "from-md", "from-md", "from-lg", "from-lg")  # how wide a page must be; further ones: from-xl


class FilterRefused(UserError):
    """The address asks for what can't be asked for."""


@dataclass(frozen=True, slots=True)
class Filter:
    """``values`` as the address has them, ``labels`` as people read them."""

    field: Field
    values: tuple[str, ...]
    labels: tuple[str, ...]
    condition: sa.ColumnElement[bool]


def columns_for(user: User | None) -> list[Field]:
    """The fields beside the name: the status first, the others in their order."""
    listed = [field for field in shown_fields(user).values() if field.in_list]
    return sorted(listed, key=lambda field: field.name != "status")


def width_of(place: int) -> str:
    """Class of the column in this place behind the name, counted from 0: how wide a page has to be to show it."""
    return FROM[place] if place < len(FROM) else "from-xl"


def shown_in(lead: Lead, field: Field) -> Any:
    """What a cell shows: words, but for moments, and nothing for nothing."""
    if field.type in (kinds.EMAILS, kinds.PHONES):
        return getattr(lead, field.name)
    if field.type == kinds.ADDRESSES:
        return address_line(lead.addresses[0]) if lead.addresses else ""
    if field.type == kinds.TAGS:
        return ", ".join(label(tag) for tag in lead.tags)
    if field.link:
        row = getattr(lead, field.link)
        return row.label if isinstance(row, User) else label(row)
    value = held(lead, field)
    if field.model:
        return ", ".join(label(choice) for choice in choices_of(field) if choice.id in value)
    return _worded(field, value, lead)


def filters_from(asked: Mapping[str, Sequence[str]], user: User) -> list[Filter]:
    """What the address asks for, in the order of the catalogue.

    Raises ``FilterRefused`` for a field that is none, and alike for one that the user may not see; and for a value that
    the field can't have.
    """
    fields = {name: field for name, field in shown_fields(user).items() if field.type in FILTERED}
    told = {name: [value for value in values if value] for name, values in asked.items()}
    if unknown := [name for name, values in told.items() if values and name not in fields]:
        raise FilterRefused(_("Leads can’t be filtered by “%(name)s”.", name=unknown[0][:50]))
    return [_filter(field, told[name], user) for name, field in fields.items() if told.get(name)]


def address_of(filters: Iterable[Filter], without: str = "") -> dict[str, list[str]]:
    """The filters as an address has them, but for the one by this field."""
    return {chosen.field.name: list(chosen.values) for chosen in filters if chosen.field.name != without}


def offered_for(columns: Iterable[Field], filters: Collection[Filter]) -> list[tuple[Field, list[tuple[str, str]]]]:
    """(value, label) pairs for each field that is filtered by a choice; what is retired only where it is asked for."""
    asked = address_of(filters)
    fields = [field for field in columns if field.type in FILTERED and field.type not in TYPED_IN]
    return [(field, _offered(field, asked.get(field.name, ()))) for field in fields]


def fixed_label(field: Field, value: str) -> str:
    """A word of a fixed set as people read it."""
    if field.name == "gender":
        return str(GENDERS.get(value, value))
    if field.name == "language":
        return str(Locale.parse(language()).languages.get(value, value))
    return value


def one_of(labels: Sequence[str]) -> str:
    """``WhatsApp, LinkedIn or none``, in the page's language."""
    return format_list(labels, style="or", locale=get_locale() or "en")


def _worded(field: Field, value: Any, lead: Lead) -> Any:
    if value is None or value == "":
        return ""
    if field.type == kinds.YES_NO:
        return _("Yes") if value else ""
    if field.type == kinds.NUMBER:
        return format_decimal(value)
    if field.type == kinds.AMOUNT:
        return amount(value, lead.currency or hub().currency)
    if field.type == kinds.FIXED:
        return fixed_label(field, value)
    if field.type == kinds.DAY:
        return day(value)
    return value


def day(value: date) -> str:
    """22/11/2026 in French, 22 Nov 2026 in English; of a moment the day on the clock of the page."""
    return str(format_date(value, "dd/MM/yyyy" if language() == "fr" else "d MMM yyyy"))


def _filter(field: Field, values: Sequence[str], user: User) -> Filter:
    wanted = tuple(dict.fromkeys(values))
    if len(wanted) > VALUES_MAX:
        raise FilterRefused(ngettext("At most %(num)d value at once.", "At most %(num)d values at once.", VALUES_MAX))
    known = _known(field, wanted, user)
    for value in wanted:
        if value not in known:
            words = _("There is no “%(value)s” in the field “%(field)s”.", value=value[:50], field=str(field.label))
            raise FilterRefused(words)
    stored = [known[value][1] for value in wanted]
    given = [value for value in stored if value is not None]
    parts = [*([_has(field, given)] if given else []), *([_has_none(field)] if None in stored else [])]
    return Filter(field, wanted, tuple(known[value][0] for value in wanted), sa.or_(*parts))


def _known(field: Field, values: Sequence[str], user: User) -> Known:
    """Those of the values that the field can have."""
    if field.type == kinds.YES_NO:
        return {YES: (_("yes"), True), NO: (_("no"), False)}
    known: Known = {}
    if field.type == kinds.PERSON:
        people = db.session.scalars(sa.select(User).where(User.email.in_(values)))
        known = {person.email: (person.label, person.id) for person in people} | {ME: (_("me"), user.id)}
    elif field.type == kinds.FIXED:
        known = {value: (fixed_label(field, value), value) for value in values if value in FIXED_SETS[field.name]}
    elif field.type in TYPED_IN:
        known = {value: (value, value) for value in values}
    elif field.is_custom:
        known = {choice.key: (label(choice), choice.id) for choice in choices_of(field)}
    else:
        rows = db.session.scalars(sa.select(field.model).where(field.model.key.in_(values)))
        known = {row.key: (label(row), row.id) for row in rows}
    return known | {NONE: (_("none"), None)}


def _has(field: Field, given: Sequence[Any]) -> sa.ColumnElement[bool]:
    if field.type == kinds.TAGS:
        return Lead.id.in_(sa.select(LeadTag.lead_id).where(LeadTag.tag_id.in_(given)))
    if field.is_custom:
        return _has_custom(field, given)
    column = getattr(Lead, field.column)
    if field.type in TYPED_IN:
        return sa.or_(*(sa.func.lower(column) == sa.func.lower(value) for value in given))
    return column.in_(given)  # type: ignore[no-any-return]


def _has_custom(field: Field, given: Sequence[Any]) -> sa.ColumnElement[bool]:
    rows = sa.select(CustomValue.lead_id).where(CustomValue.field_id == field.row_id)
    if field.type == kinds.YES_NO:  # a row stands for yes
        return sa.or_(*((Lead.id.in_(rows) if value else Lead.id.not_in(rows)) for value in given))
    if field.model:
        return Lead.id.in_(rows.where(CustomValue.choice_id.in_(given)))
    return Lead.id.in_(rows.where(CustomValue.key.in_([fold(value)[:KEY_MAX] for value in given])))


def _has_none(field: Field) -> sa.ColumnElement[bool]:
    if field.type == kinds.TAGS:
        return ~sa.exists().where(LeadTag.lead_id == Lead.id)
    if field.is_custom:
        return ~sa.exists().where(CustomValue.lead_id == Lead.id, CustomValue.field_id == field.row_id)
    column = getattr(Lead, field.column)
    return column.is_(None) if field.type in (kinds.CHOICE, kinds.PERSON) else column == ""


def _offered(field: Field, asked: Collection[str]) -> list[tuple[str, str]]:
    if field.type == kinds.YES_NO:
        return [(YES, _("yes")), (NO, _("no"))]
    if field.type == kinds.FIXED:
        pairs = [(value, fixed_label(field, value)) for value in FIXED_SETS[field.name]]
        return [*sorted(pairs, key=lambda pair: fold(pair[1])), (NONE, _("none"))]
    if field.type == kinds.PERSON:
        people = [(person.email, person.label) for person in active_users()]
        return [(ME, _("me")), *people, (NONE, _("none"))]
    rows = choices_of(field) if field.is_custom else rows_of(field.model)
    return [*((row.key, label(row)) for row in rows if not row.retired or row.key in asked), (NONE, _("none"))]
