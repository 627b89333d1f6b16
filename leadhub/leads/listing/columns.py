"""What the list can show, and how a cell reads.  Nothing here writes."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from babel import Locale
from babel.lists import format_list
from flask_babel import format_date, format_decimal, get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from leadhub.accounts.models import User
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import OF_ADDRESSES, STAGNATING, TOLD, Field
from leadhub.fields.queries import choices_of, shown_fields
from leadhub.hub.queries import hub
from leadhub.leads.beside import beside_fields
from leadhub.leads.kinds import COUNTRIES, FIXED_SETS, GENDERS
from leadhub.leads.listing.computed import computed_fields
from leadhub.leads.models import Lead
from leadhub.leads.statuses.snapshots import LINKS
from leadhub.leads.values import address_line, held
from leadhub.numbers import amount
from leadhub.web import label, language

SETS: dict[str, Any] = {**FIXED_SETS, "country": COUNTRIES}
FROM = ("from-sm", "from-md", "from-md", "from-lg", "from-lg")  # how wide a page must be; further ones: from-xl


def listed_fields(user: User | None) -> dict[str, Field]:
    """Whatever the user may see in the list, filter by and export."""
    shown = shown_fields(user)
    told = {field.name: field for field in TOLD if field.name not in OF_ADDRESSES or "addresses" in shown}
    return shown | told


def filtered_fields(user: User | None) -> dict[str, Field]:
    """What the list can be filtered by: the same, and what lies beside the leads."""
    return listed_fields(user) | beside_fields()


def listed_columns(user: User | None) -> dict[str, Field]:
    """What the list can show: the same, and what plugins compute."""
    return listed_fields(user) | computed_fields()


def usual_columns(user: User | None) -> list[Field]:
    """Those beside the name that an admin chose: the status first, the others in their order."""
    listed = [field for field in shown_fields(user).values() if field.in_list]
    return sorted(listed, key=lambda field: field.name != "status")


def loading(columns: Iterable[Field]) -> list[Any]:
    """Options of a query, so that no cell asks the database for its own."""
    shown = list(columns)
    links = {"source", "status"} | {field.link for field in shown if field.link}  # every row shows these two
    if any(field.name == STAGNATING for field in shown):
        links.add("stage")
    if any(field.type == kinds.COMPUTED for field in shown):
        links |= set(LINKS)
    beside: set[Any] = {Lead.tags} if any(field.type == kinds.TAGS for field in shown) else set()
    if any(field.type == kinds.ADDRESSES or field.name in OF_ADDRESSES for field in shown):
        beside.add(Lead.addresses)
    if any(field.is_custom for field in shown):
        beside.add(Lead.custom_values)
    return [*(joinedload(getattr(Lead, link)) for link in sorted(links)), *map(selectinload, beside)]


def width_of(place: int) -> str:
    """Class of the column in this place behind the name, counted from 0: how wide a page has to be to show it."""
    return FROM[place] if place < len(FROM) else "from-xl"


def shown_in(lead: Lead, field: Field) -> Any:
    """What a cell shows: words, but for moments, and nothing for nothing."""
    if field.type in (kinds.EMAILS, kinds.PHONES):
        return getattr(lead, field.name)
    if field.type == kinds.ADDRESSES:
        return address_line(lead.addresses[0]) if lead.addresses else ""
    if field.name in OF_ADDRESSES:
        value = getattr(lead.addresses[0], field.name) if lead.addresses else ""
        return fixed_label(field, value) if value and field.name == "country" else value
    if field.type == kinds.TAGS:
        return ", ".join(label(tag) for tag in lead.tags)
    if field.link:
        row = getattr(lead, field.link)
        return row.label if isinstance(row, User) else label(row)
    value = held(lead, field)
    if field.model:
        return ", ".join(label(choice) for choice in choices_of(field) if choice.id in value)
    return _worded(field, value, lead)


def fixed_label(field: Field, value: str) -> str:
    """A word of a fixed set as people read it."""
    if field.name == "gender":
        return str(GENDERS.get(value, value))
    if field.name == "language":
        return str(Locale.parse(language()).languages.get(value, value))
    if field.name == "country":
        return str(Locale.parse(language()).territories.get(value, value))
    return value


def one_of(labels: Sequence[str]) -> str:
    """``WhatsApp, LinkedIn or none``, in the page's language."""
    return format_list(labels, style="or", locale=get_locale() or "en")


def day(value: date) -> str:
    """22/11/2026 in French, 22 Nov 2026 in English; of a moment the day on the clock of the page."""
    return str(format_date(value, "dd/MM/yyyy" if language() == "fr" else "d MMM yyyy"))


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
    return day(value) if field.type == kinds.DAY else value
