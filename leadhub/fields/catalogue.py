"""The built-in fields of a lead: name, type, limits, choices, place.  ``queries.catalogue`` adds what admins decided.

The one catalogue makes form field, inline edit, list column, filter and import mapping; a test compares them.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from leadhub.lists import models as lists
from leadhub.pipelines.models import Stage
from leadhub.statuses.models import Status

TEXT_MAX = 200
EMAIL_MAX = 254
URL_MAX = 500
OTHER = "other."  # before the name of a column of other data, in a history line
NOTE_MAX = 500

TEXT, LINK, YES_NO, CHOICE, CHOICES = "text", "link", "yes_no", "choice", "choices"
NUMBER, AMOUNT, DAY, MOMENT = "number", "amount", "day", "moment"
EMAILS, PHONES, ADDRESSES, TAGS = "emails", "phones", "addresses", "tags"
PERSON, FIXED = "person", "fixed"  # a user; one of a fixed set of words
STAGNATING = "stagnating"  # no column holds it: it depends on the moment
COMPUTED, PLUGINS = "computed", "plugins"  # type and group of the list's columns that plugins offer: no fields
CUSTOM_TYPES = (TEXT, NUMBER, DAY, CHOICE, CHOICES, YES_NO, LINK)

FORM, MORE, OFF = "form", "more", "off"
ALL, MANAGERS = "all", "managers"
NEVER_EMPTY = ("status", "received_at")  # every lead has them

WHO, ORGANISATION, REACH, FOLLOW_UP, ORIGIN = "who", "organisation", "reach", "follow_up", "origin"
GROUPS: dict[str, Any] = {
    WHO: _l("Person"),
    ORGANISATION: _l("Organisation"),
    REACH: _l("How to reach them"),
    FOLLOW_UP: _l("Follow-up"),
    ORIGIN: _l("Origin"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One thing that a lead can hold.

    ``column`` is where the lead keeps it, empty for what has rows of its own.  ``limit`` is in characters.  ``model``
    is the list of its choices, and ``link`` the lead's relationship to the chosen row.  ``shown``: on the form, under
    *more*, or off.  ``core``: always there, for everybody.  ``row_id``: of a field that the team added.
    ``searchable``: the search box looks at it, a text of the team's own.
    """

    name: str
    label: Any
    type: str = TEXT
    group: str = WHO
    column: str = ""
    limit: int = 0
    model: Any = None
    link: str = ""
    shown: str = MORE
    required: bool = False
    in_list: bool = False
    seen_by: str = ALL
    changed_by: str = ALL
    core: bool = False
    row_id: int | None = None
    searchable: bool = False

    @property
    def is_custom(self) -> bool:
        return self.row_id is not None

    @property
    def may_be_searchable(self) -> bool:
        """The search box looks at the built-in ones that it is for, and at no others."""
        return self.is_custom and self.type == TEXT

    @property
    def may_be_required(self) -> bool:
        """Not a yes or no, since no is an answer; nor what every lead has anyway."""
        return self.type != YES_NO and self.name not in NEVER_EMPTY


def _text(name: str, label: Any, group: str = WHO, limit: int = TEXT_MAX, **options: Any) -> Field:
    return Field(name=name, label=label, group=group, column=name, limit=limit, **options)


def _list(name: str, label: Any, model: Any, group: str = ORIGIN, **options: Any) -> Field:
    return Field(
        name=name, label=label, type=CHOICE, group=group, column=f"{name}_id", limit=TEXT_MAX, model=model, link=name,
        **options,
    )  # fmt: skip


def _person(name: str, label: Any, **options: Any) -> Field:
    return Field(name=name, label=label, type=PERSON, group=FOLLOW_UP, column=f"{name}_id", link=name, **options)


def _plain(name: str, label: Any, type: str, group: str, **options: Any) -> Field:
    return Field(name=name, label=label, type=type, group=group, column=name, **options)


BUILT_IN: tuple[Field, ...] = (
    _plain("is_organisation", _l("The lead is an organisation"), YES_NO, ORGANISATION, shown=FORM, core=True),
    _list("salutation", _l("Salutation"), lists.Salutation, WHO),
    _text("first_name", _l("First name"), shown=FORM, core=True),
    _text("last_name", _l("Last name"), shown=FORM, core=True),
    _text("job_title", _l("Job title")),
    _plain("gender", _l("Gender"), FIXED, WHO, limit=16),
    _plain("language", _l("Language"), FIXED, WHO, limit=8),
    _text("organisation", _l("Organisation"), ORGANISATION, shown=FORM, core=True),
    _plain("website", _l("Website"), LINK, ORGANISATION, limit=URL_MAX),
    _list("industry", _l("Industry"), lists.Industry, ORGANISATION),
    _plain("employees", _l("Number of employees"), NUMBER, ORGANISATION),
    _plain("annual_revenue", _l("Annual revenue"), AMOUNT, ORGANISATION),
    Field(name="email", label=_l("E-mail"), type=EMAILS, group=REACH, column="email", limit=EMAIL_MAX, shown=FORM,
          in_list=True, core=True),
    Field(name="phone", label=_l("Phone"), type=PHONES, group=REACH, column="phone", limit=TEXT_MAX, shown=FORM,
          in_list=True, core=True),
    Field(name="addresses", label=_l("Addresses"), type=ADDRESSES, group=REACH),
    _plain("unsubscribed", _l("Unsubscribed"), YES_NO, REACH),
    Field(name="status", label=_l("Status"), type=CHOICE, group=FOLLOW_UP, column="status_id", model=Status,
          link="status", shown=FORM, in_list=True, core=True),
    _list("stage", _l("Stage"), Stage, FOLLOW_UP, core=True),
    _list("lost_reason", _l("Lost reason"), lists.LossReason, FOLLOW_UP, core=True),
    _plain("customer_since", _l("Customer since"), DAY, FOLLOW_UP, core=True),
    _person("owner", _l("Owner"), shown=FORM, in_list=True, core=True),
    _plain("next_contact_at", _l("Next contact"), MOMENT, FOLLOW_UP, shown=FORM),
    _person("next_contact_by", _l("Next contact by")),
    _text("next_contact_note", _l("Next contact: note"), FOLLOW_UP, NOTE_MAX),
    _plain("expected_value", _l("Expected value"), AMOUNT, FOLLOW_UP),
    _plain("currency", _l("Currency"), FIXED, FOLLOW_UP, limit=3),
    Field(name="tags", label=_l("Tags"), type=TAGS, group=FOLLOW_UP, limit=TEXT_MAX, model=lists.Tag),
    _list("source", _l("Source"), lists.Source, shown=FORM, in_list=True),
    _list("campaign", _l("Campaign"), lists.Campaign),
    _list("type", _l("Type"), lists.LeadType),
    _list("request_type", _l("Request type"), lists.RequestType),
    _list("segment", _l("Market segment"), lists.MarketSegment),
    _list("territory", _l("Territory"), lists.Territory),
    _plain("received_at", _l("Received on"), MOMENT, ORIGIN, in_list=True, core=True, changed_by=MANAGERS),
)  # fmt: skip
"""In the order of form and page."""
FIELDS = {field.name: field for field in BUILT_IN}

TOLD: tuple[Field, ...] = (
    _plain("created_at", _l("Created on"), MOMENT, ORIGIN),
    _person("created_by", _l("Created by")),
    _plain("external_id", _l("External id"), TEXT, ORIGIN),
    _plain("city", _l("City"), TEXT, REACH),
    _plain("postal_code", _l("Postal code"), TEXT, REACH),
    _plain("country", _l("Country"), FIXED, REACH),
    Field(name=STAGNATING, label=_l("Stagnating"), type=YES_NO, group=FOLLOW_UP, column=STAGNATING),
)
"""What nobody types as a field of the lead, but the list can show and be asked for all the same."""
OF_ADDRESSES = ("city", "postal_code", "country")
