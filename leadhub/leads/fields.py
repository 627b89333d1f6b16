"""The fields that a person may change on a lead: one place for label, limit and order."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

TEXT_MAX = 200
EMAIL_MAX = 254


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """``limit`` is in characters; ``column`` is where the lead keeps it."""

    name: str
    label: Any
    column: str
    limit: int = 0


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field(name="is_organisation", label=_l("The lead is an organisation"), column="is_organisation"),
        Field(name="first_name", label=_l("First name"), column="first_name", limit=TEXT_MAX),
        Field(name="last_name", label=_l("Last name"), column="last_name", limit=TEXT_MAX),
        Field(name="organisation", label=_l("Organisation"), column="organisation", limit=TEXT_MAX),
        Field(name="email", label=_l("E-mail"), column="email", limit=EMAIL_MAX),
        Field(name="phone", label=_l("Phone"), column="phone", limit=TEXT_MAX),
        Field(name="status", label=_l("Status"), column="status_id"),
        Field(name="owner", label=_l("Owner"), column="owner_id"),
        Field(name="source", label=_l("Source"), column="source_id", limit=TEXT_MAX),
        Field(name="type", label=_l("Type"), column="type_id", limit=TEXT_MAX),
        Field(name="received_at", label=_l("Received on"), column="received_at"),
    )
}
