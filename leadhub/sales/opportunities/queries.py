"""Reads opportunities, and what they come to together.  Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.accounts.visibility import may_see
from leadhub.database import id_from
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.leads.listing.patterns import escaped, like
from leadhub.leads.models import Lead
from leadhub.sales.documents import OPEN, OPPORTUNITY_STATES, Opportunity, OpportunityMove, Order, Quotation
from leadhub.sales.models import Customer, CustomerLead
from leadhub.sales.money import from_minor
from leadhub.sales.opportunities.periods import period
from leadhub.sales.parties import seen_by, today

PAGE = 50
OF_ONE = 200  # of one lead, or one customer
WORDS_MAX = 10
MOVES_MAX = 50
NEVER = date.max  # where those stand that are expected at no day: behind all others
ALL, MINE, NOBODY = "all", "me", "nobody"
CLOSES = sa.func.coalesce(Opportunity.expected_close, sa.literal(NEVER, sa.Date))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list asks for.  ``state``: one of ``OPPORTUNITY_STATES`` or ``ALL``; ``owner``: an id, ``MINE``,
    ``NOBODY`` or empty; ``closing``: one of ``periods.PERIODS`` or empty."""

    state: str = OPEN
    owner: str = ""
    closing: str = ""
    text: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class Place:
    """Right behind this opportunity of the list."""

    closes: date
    id: int

    def __str__(self) -> str:
        return f"{self.closes.isoformat()}.{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """The place that an address names; None for what is none."""
        day, _dot, row_id = text.partition(".")
        try:
            return cls(date.fromisoformat(day), id_from(row_id))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Page:
    """Some opportunities, by expected close.  ``after``: where the next page begins; None: it is the last."""

    rows: Sequence[Opportunity]
    after: Place | None


@dataclass(slots=True)
class Sum:
    """Of one currency (ISO 4217).  ``weighted``: each amount as far as it is probable; what has no probability counts
    nothing there."""

    currency: str
    count: int = 0
    total: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)


def page_of(user: User | None, wanted: Wanted, after: Place | None) -> Page:
    """Those that close first, first; those without a day at the end."""
    statement = matching(user, wanted)
    if after:
        here = (sa.literal(after.closes, sa.Date), after.id)
        statement = statement.where(sa.tuple_(CLOSES, Opportunity.id) > sa.tuple_(*here))
    ordered = statement.order_by(CLOSES, Opportunity.id).limit(PAGE + 1).options(*shown())
    rows = db.session.scalars(ordered).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], Place(last.expected_close or NEVER, last.id) if last else None)


def count_of(user: User | None, wanted: Wanted) -> int:
    ids = matching(user, wanted).with_only_columns(Opportunity.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0


def sums_of(user: User | None, wanted: Wanted) -> list[Sum]:
    """Of each currency those that are listed; of all states together the open ones.  The largest count first."""
    state = OPEN if wanted.state == ALL else wanted.state
    columns = (Opportunity.currency, Opportunity.probability, Opportunity.amount_minor)
    listed = matching(user, wanted).where(Opportunity.state == state).with_only_columns(*columns).subquery()
    numbers = (sa.func.count(), sa.func.sum(listed.c.amount_minor))
    grouped = sa.select(listed.c.currency, listed.c.probability, *numbers)
    found: dict[str, Sum] = {}
    for currency, probability, count, minor in db.session.execute(
        grouped.group_by(listed.c.currency, listed.c.probability)
    ):
        one, amount = found.setdefault(currency, Sum(currency)), from_minor(int(minor or 0), currency)
        one.count += count
        one.total += amount
        one.weighted += amount * (probability or 0) / 100
    return sorted(found.values(), key=lambda one: (-one.count, one.currency))


def opportunities_of(lead: Lead) -> Sequence[Opportunity]:
    """Oldest first."""
    wanted = sa.select(Opportunity).where(Opportunity.lead_id == lead.id, Opportunity.deleted_at.is_(None))
    options = (joinedload(Opportunity.loss_reason), joinedload(Opportunity.stage))
    return db.session.scalars(wanted.order_by(Opportunity.id).limit(OF_ONE).options(*options)).all()


def opportunities_of_customer(customer: Customer, user: User | None) -> Sequence[Opportunity]:
    """Its own and those of its leads that the user may see, the latest first."""
    leads = sa.select(CustomerLead.lead_id).where(CustomerLead.customer_id == customer.id)
    mine = sa.or_(Opportunity.customer_id == customer.id, Opportunity.lead_id.in_(leads))
    ordered = seen_by(user, Opportunity).where(mine).order_by(Opportunity.id.desc()).limit(OF_ONE)
    options = (joinedload(Opportunity.loss_reason), joinedload(Opportunity.stage))
    return db.session.scalars(ordered.options(*options)).all()


def opportunity_seen_by(user: User | None, opportunity_id: int) -> Opportunity | None:
    """The opportunity, if it is there and the user may see it."""
    links = ("owner", "type", "loss_reason", "source", "campaign", "stage", "lead", "customer")
    options = [joinedload(getattr(Opportunity, link)) for link in links]
    return db.session.scalar(seen_by(user, Opportunity).where(Opportunity.id == opportunity_id).options(*options))


def deleted_seen_by(user: User, opportunity_id: int) -> Opportunity | None:
    """One that was deleted, if the user may see whose it was."""
    row = db.session.get(Opportunity, opportunity_id)
    party = row and (row.lead or row.customer)
    return row if row and row.deleted_at and party and may_see(user, party) else None


def moves_of(row: Opportunity) -> Sequence[OpportunityMove]:
    """Through its stages, the latest first."""
    wanted = sa.select(OpportunityMove).where(OpportunityMove.opportunity_id == row.id)
    latest = wanted.order_by(OpportunityMove.id.desc()).limit(MOVES_MAX).options(joinedload(OpportunityMove.by))
    return db.session.scalars(latest).all()


def quotations_from(row: Opportunity) -> Sequence[Quotation]:
    return _from(Quotation, row)


def orders_from(row: Opportunity) -> Sequence[Order]:
    return _from(Order, row)


def _from(model: Any, row: Opportunity) -> Sequence[Any]:
    """Oldest first."""
    wanted = sa.select(model).where(model.opportunity_id == row.id, model.deleted_at.is_(None))
    return db.session.scalars(wanted.order_by(model.id).limit(OF_ONE)).all()


def shown() -> list[Any]:
    """What a line of a list says of whom it is."""
    whose = [joinedload(Opportunity.lead).joinedload(Lead.source), joinedload(Opportunity.owner)]
    return [*whose, joinedload(Opportunity.customer).selectinload(Customer.reaches), joinedload(Opportunity.stage)]


def matching(user: User | None, wanted: Wanted) -> sa.Select[Opportunity]:
    statement = seen_by(user, Opportunity)
    if wanted.state in OPPORTUNITY_STATES:
        statement = statement.where(Opportunity.state == wanted.state)
    if wanted.owner:
        statement = statement.where(_owned(user, wanted.owner))
    first, last = period(wanted.closing, today())
    if first:
        statement = statement.where(Opportunity.expected_close >= first)
    if last:
        statement = statement.where(Opportunity.expected_close <= last)
    return statement.where(*(_said(word) for word in fold(wanted.text).split()[:WORDS_MAX]))


def _owned(user: User | None, owner: str) -> sa.ColumnElement[bool]:
    if owner == NOBODY:
        return Opportunity.owner_id.is_(None)
    if owner == MINE:
        return Opportunity.owner_id == (user.id if user else None)
    return Opportunity.owner_id == id_from(owner)


def _said(word: str) -> sa.ColumnElement[bool]:
    """In the title, or in a name of whose it is."""
    pattern = f"%{escaped(word)}%"
    lead = Opportunity.lead.has(sa.or_(like(Lead.person_key, pattern), like(Lead.organisation_key, pattern)))
    customer = Opportunity.customer.has(like(Customer.search_key, pattern))
    return sa.or_(like(Opportunity.title_key, pattern), lead, customer)
