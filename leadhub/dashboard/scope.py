"""What all cards of the page have in common: which days, and whose leads.  All of it stands in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DateField, SelectField
from wtforms.validators import Optional

from leadhub.accounts.models import User
from leadhub.accounts.queries import active_users
from leadhub.forms import Form, choices
from leadhub.leads.listing import periods
from leadhub.leads.listing.columns import listed_fields
from leadhub.leads.listing.filters import ME, MY_TEAM, NONE
from leadhub.lists.models import LeadType, Source
from leadhub.lists.queries import rows_of
from leadhub.pipelines.queries import pipelines, stages
from leadhub.plugins.api.reading import Period
from leadhub.web import label, zone

ALL, CUSTOM = "", "custom"
OFFERED = (
    "today", "this-week", "last-week", "this-month", "last-month", "this-quarter", "last-quarter", "this-year",
    "last-year", "last-7-days", "last-30-days", "last-90-days", "last-365-days",
)  # fmt: skip
NAMES = ("period", "start", "end", "pipeline", "owner", "source", "type")
Pairs = list[tuple[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """``within``: which leads, as the list's address has them; ``address``: the same as this page's."""

    period: Period = field(default_factory=Period)
    within: Mapping[str, Sequence[str]] = field(default_factory=dict)
    address: Mapping[str, str] = field(default_factory=dict)

    def beside(self, words: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments of an address: these words, which are a card's, and what the page is narrowed to."""
        return {**words, **self.address}


class ScopeForm(Form):
    """The bar on top of the page."""

    period = SelectField(_l("Period"), default=ALL)
    start = DateField(_l("From"), [Optional()])
    end = DateField(_l("To"), [Optional()])
    pipeline = SelectField(_l("Pipeline"), default=ALL)
    owner = SelectField(_l("Owner"), default=ALL)
    source = SelectField(_l("Source"), default=ALL)
    type = SelectField(_l("Type"), default=ALL)

    @classmethod
    def asked(cls, told: Mapping[str, Sequence[str]], user: User) -> "ScopeForm":
        """As the address says it, with what this person may narrow the page by."""
        own = {name: list(told[name]) for name in NAMES if name in told}
        form = cls(formdata=MultiDict(own), meta={"csrf": False})
        form.period.choices = choices([(ALL, _("All time")), *_periods(), (CUSTOM, _("These days…"))])
        fields, boards = listed_fields(user), [row for row in pipelines() if not row.retired]
        offered: dict[str, Pairs] = {
            "owner": [(ME, _("me")), (MY_TEAM, _("my team")), (NONE, _("nobody")), *_people()],
            "source": [*_rows(Source), (NONE, _("none"))],
            "type": [*_rows(LeadType), (NONE, _("none"))],
        }
        for name, pairs in offered.items():
            if name in fields:
                form[name].choices = choices([(ALL, _("All")), *pairs])
            else:
                del form[name]
        if len(boards) > 1 and "stage" in fields:
            form.pipeline.choices = choices([(ALL, _("All")), *((row.key, label(row)) for row in boards)])
        else:
            del form.pipeline
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if is_valid and self.start.data and self.end.data and self.end.data < self.start.data:
            self.end.errors = [_("The range ends before it begins.")]
            return False
        return is_valid

    def to_scope(self) -> Scope:
        """Of a form that is valid."""
        address = {name: str(self[name].raw_data[0]) for name in NAMES if name in self and self[name].data}
        if self.period.data != CUSTOM:
            address = {name: word for name, word in address.items() if name not in ("start", "end")}
        within: dict[str, list[str]] = {it: [address[it]] for it in ("owner", "source", "type") if it in address}
        if "pipeline" in address:
            within["stage"] = [row.key for row in stages() if row.pipeline.key == address["pipeline"]]
        return Scope(period=self._period(), within=within, address=address)

    def _period(self) -> Period:
        if self.period.data == CUSTOM:
            return Period(start=self.start.data, end=self.end.data)
        span = periods.span_of(self.period.data, periods.today_in(zone())) if self.period.data else None
        return Period(start=span.start, end=span.end and span.end - periods.DAY) if span else Period()


def _periods() -> Pairs:
    return [(word, periods.label_of(word)) for word in OFFERED]


def _people() -> Pairs:
    return [(person.email, person.label) for person in active_users()]


def _rows(model: type[Source] | type[LeadType]) -> Pairs:
    return [(row.key, label(row)) for row in rows_of(model)]
