"""What the page of a lead shows of its fields, and where.  Nothing here writes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import joinedload, selectinload

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.extensions import db
from leadhub.fields.catalogue import FORM, GROUPS, OTHER, Field
from leadhub.fields.queries import catalogue, hidden_fields, shown_fields
from leadhub.leads.models import Lead
from leadhub.leads.values import held
from leadhub.plugin_settings.store import values_of_lead

ROWS = (Lead.reaches, Lead.addresses, Lead.tags, Lead.custom_values)
Group = tuple[Any, Sequence[Field]]


@dataclass(frozen=True, slots=True)
class Facts:
    """Groups of fields, those without any left out: what is filled or on the form, and the rest; other data.  ``kept``
    are the values that plugins keep of the lead, each under the plugin's name and its own."""

    groups: Sequence[Group]
    more: Sequence[Group]
    other: Mapping[str, str]
    kept: Mapping[str, str]


def whole_lead(user: User | None, lead_id: int) -> Lead | None:
    """The lead with all that its page shows, if it is there and the user may see it."""
    links = {field.link for field in catalogue().values() if field.link} | {"created_by"}
    options = [*(joinedload(getattr(Lead, link)) for link in sorted(links)), *map(selectinload, ROWS)]
    wanted = visible(user, Lead).where(Lead.id == lead_id).options(*options)
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def is_nothing(value: Any) -> bool:
    """Is there no value?  Zero is one, no is none."""
    return value is None or value is False or value in ("", (), frozenset())


def facts_of(lead: Lead, user: User) -> Facts:
    fields = shown_fields(user).values()
    near = [field for field in fields if field.shown == FORM or not is_nothing(held(lead, field))]
    other = {} if OTHER in hidden_fields(user) else lead.other_data
    return Facts(_grouped(near), _grouped([field for field in fields if field not in near]), other, _kept(lead))


def _kept(lead: Lead) -> dict[str, str]:
    found = values_of_lead(lead.id)
    return {
        f"{plugin}: {key}": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for plugin, values in found.items()
        for key, value in values.items()
    }


def _grouped(fields: Sequence[Field]) -> list[Group]:
    groups = ((label, [field for field in fields if field.group == key]) for key, label in GROUPS.items())
    return [(label, found) for label, found in groups if found]
