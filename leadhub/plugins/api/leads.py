"""The values by which leads cross borders.  Frozen: whoever gets one can keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Custom = str | bool | Decimal | date | tuple[str, ...]
"""What a field that the team added can hold: by its type; keys or names of choices."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """An e-mail or a phone.  ``type``: work, home, mobile (phones), fax (phones), other; or empty."""

    value: str
    type: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A place.  ``type``: billing, shipping, office, personal, plant, postal, shop, subsidiary, warehouse, current,
    permanent, other; or empty.  ``country``: ISO 3166-1 alpha-2, or empty."""

    type: str = ""
    title: str = ""
    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    county: str = ""
    state: str = ""
    country: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadDraft:
    """A lead as a door (form, import, plugin) brings it, before the hub has stored it.

    Text that is not there is an empty string.  Of a list (``source``, ``type``, ``tags``...) it holds keys or names in
    any of the hub's languages; of a person (``owner``, ``next_contact_by``) an e-mail address of a user.  Moments are
    aware, amounts in ``currency`` (ISO 4217; empty: the hub's), ``language`` is ISO 639-1.  ``emails`` and ``phones``
    are those beside the first.  ``custom`` is by name of the field.  ``external_scope`` and ``external_id`` together
    name one lead for ever: a second draft with the same pair updates that lead.  ``stage`` is a key or a name; empty,
    or one that there is not, is the first stage of the default pipeline.
    """

    channel: str
    is_organisation: bool = False
    first_name: str = ""
    last_name: str = ""
    organisation: str = ""
    email: str = ""
    email_type: str = ""
    phone: str = ""
    phone_type: str = ""
    source: str = ""
    type: str = ""
    owner: str = ""
    received_at: datetime | None = None
    salutation: str = ""
    job_title: str = ""
    gender: str = ""
    language: str = ""
    website: str = ""
    industry: str = ""
    employees: int | None = None
    annual_revenue: Decimal | None = None
    emails: tuple[Reach, ...] = ()
    phones: tuple[Reach, ...] = ()
    addresses: tuple[Address, ...] = ()
    unsubscribed: bool = False
    next_contact_at: datetime | None = None
    next_contact_by: str = ""
    next_contact_note: str = ""
    stage: str = ""
    lost_reason: str = ""
    customer_since: date | None = None
    expected_value: Decimal | None = None
    currency: str = ""
    tags: tuple[str, ...] = ()
    campaign: str = ""
    request_type: str = ""
    segment: str = ""
    territory: str = ""
    custom: Mapping[str, Custom] = field(default_factory=dict)
    external_scope: str = ""
    external_id: str = ""
    other: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadSnapshot:
    """A lead as it was when the plugin was called.

    Of lists it holds keys, of people e-mail addresses; text that is not there is empty.  ``status`` is the key of the
    status that it has now, ``status_since`` when it got it; ``stage`` that of its stage, empty in no pipeline.
    """

    id: int
    version: int
    title: str
    status: str
    is_organisation: bool = False
    first_name: str = ""
    last_name: str = ""
    organisation: str = ""
    job_title: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    language: str = ""
    source: str = ""
    type: str = ""
    campaign: str = ""
    owner: str = ""
    expected_value: Decimal | None = None
    currency: str = ""
    received_at: datetime | None = None
    next_contact_at: datetime | None = None
    status_since: datetime | None = None
    stage: str = ""
    stage_since: datetime | None = None
