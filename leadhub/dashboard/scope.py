"""What all cards of the page have in common: which days, and whose leads.  All of it stands in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, HiddenField, SelectField
from wtforms.validators import Optional

from leadhub.accounts.models import User
from leadhub.accounts.queries import all_users, teams
from leadhub.dashboard.tabs import LEADS, TAB, TABS
from leadhub.forms import Form, choices
from leadhub.hub.queries import time_zone
from leadhub.leads.listing import periods
from leadhub.leads.listing.columns import day, listed_fields
from leadhub.leads.listing.filters import ME, MY_TEAM, NONE, TEAM
from leadhub.leads.reading_paths import pipelines_for
from leadhub.lists.models import LeadType, Source
from leadhub.lists.queries import rows_of
from leadhub.pipelines.queries import stages
from leadhub.plugins.api.reading import Period
from leadhub.web import label

ALL, CUSTOM = "", "custom"
FIRST_YEAR, LAST_YEAR = 1900, 2200  # of days that somebody gives
OFFERED = (
    "today", "this-week", "last-week", "this-month", "last-month", "this-quarter", "last-quarter", "this-year",
    "last-year", "last-7-days", "last-30-days", "last-90-days", "last-365-days",
)  # fmt: skip
NAMES = (TAB, "period", "start", "end", "compare", "pipeline", "owner", "source", "type")
Pairs = list[tuple[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """``within``: which leads, as the list's address has them; ``address``: the same as this page's.  ``error``: why
    the address can't be understood; nothing is counted then."""

    period: Period = field(default_factory=Period)
    within: Mapping[str, Sequence[str]] = field(default_factory=dict)
    address: Mapping[str, str] = field(default_factory=dict)
    error: str = ""

    def beside(self, words: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments of an address: these words, which are a card's, and what the page is narrowed to."""
        return {**words, **self.address}


class ScopeForm(Form):
    """The bar on top of the page, and which of its tabs it is."""

    tab = HiddenField(default=LEADS, filters=[lambda word: word if word in TABS else LEADS])
    period = SelectField(_l("Period"), default=ALL)
    start = DateField(_l("From"), [Optional()])
    end = DateField(_l("To"), [Optional()])
    compare = BooleanField(_l("Compare with the previous period"))
    pipeline = SelectField(_l("Pipeline"), default=ALL)
    owner = SelectField(_l("Owner"), default=ALL)
    source = SelectField(_l("Source"), default=ALL)
    type = SelectField(_l("Type"), default=ALL)

    @classmethod
    def asked(cls, told: Mapping[str, Sequence[str]], user: User) -> "ScopeForm":
        """As the address says it, with what this person may narrow the page by."""
        own = {name: list(told[name]) for name in NAMES if name in told}
        form = cls(formdata=MultiDict(own), meta={"csrf": False})
        form.period.choices = choices([(ALL, _("All time")), *_periods(), (CUSTOM, _("Custom…"))])
        fields, boards = listed_fields(user), pipelines_for(user)
        offered: dict[str, Pairs] = {
            "owner": [(ME, _("me")), (MY_TEAM, _("my team")), (NONE, _("nobody")), *_teams(), *_people()],
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
        for edge in (self.start, self.end):
            if is_valid and edge.data and not FIRST_YEAR <= edge.data.year <= LAST_YEAR:
                told = {"first": FIRST_YEAR, "last": LAST_YEAR}
                edge.errors = [_("Give a year between %(first)d and %(last)d.", **told)]
        return is_valid and not self.errors

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
        """On the hub's clock, whoever looks."""
        today, word = periods.today_in(time_zone()), self.period.data
        if word == CUSTOM:
            last = self.end.data
            span = periods.Span(self.start.data, last + periods.DAY if last else None)
        else:
            span = (periods.span_of(word, today) if word else None) or periods.Span(None, None)
        before = periods.before(word, span, today) if self.compare.data else None
        return replace(_days_of(span), before=_days_of(before) if before else None)


def words_of(period: Period) -> str:
    """Its days; empty where there is no edge."""
    if period.start and period.end:
        return f"{day(period.start)} – {day(period.end)}" if period.start < period.end else day(period.start)
    if period.start:
        return _("since %(day)s", day=day(period.start))
    return _("up to %(day)s", day=day(period.end)) if period.end else ""


def _days_of(span: periods.Span) -> Period:
    return Period(start=span.start, end=span.end and span.end - periods.DAY)


def _periods() -> Pairs:
    return [(word, periods.label_of(word)) for word in OFFERED]


def _people() -> Pairs:
    return [(person.email, person.label) for person in all_users()]


def _teams() -> Pairs:
    """None as long as there is one alone: all are of it."""
    rows = teams()
    return [(f"{TEAM}{row.id}", _("team %(name)s", name=row.name)) for row in rows] if len(rows) > 1 else []


def _rows(model: type[Source] | type[LeadType]) -> Pairs:
    return [(row.key, label(row)) for row in rows_of(model)]
