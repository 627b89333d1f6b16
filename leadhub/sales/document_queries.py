"""Reads quotations or orders as lists: a page of them, and what they come to.  Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.leads.listing.patterns import escaped, like
from leadhub.leads.models import Lead
from leadhub.sales.documents import Numbered
from leadhub.sales.models import Customer
from leadhub.sales.parties import Party, seen_by

PAGE = 50
WORDS_MAX = 10
FOUND_MAX = 10
Its = TypeVar("Its", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Page(Generic[Its]):
    """Some of them, the latest first.  ``after`` is where the next page begins; None: it is the last."""

    rows: Sequence[Its]
    after: int | None


@dataclass(frozen=True, slots=True)
class Sum:
    """Those of one state in one currency.  ``net`` is before tax, in minor units."""

    state: str
    currency: str
    count: int
    net: int


def page_of(user: User | None, model: type[Its], *, state: str, text: str, after: int | None) -> Page[Its]:
    """``state``: empty for all.  ``text``: every word is found in the number, the subject, or the name of whom it is
    for."""
    wanted = _found(seen_by(user, model), model, text)
    if state:
        wanted = wanted.where(model.state == state)
    if after:
        wanted = wanted.where(model.id < after)
    ordered = wanted.order_by(model.id.desc()).limit(PAGE + 1)
    named = joinedload(model.customer).selectinload(Customer.reaches)  # of which one may be its name
    rows = db.session.scalars(ordered.options(joinedload(model.lead).joinedload(Lead.source), named)).all()
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def sums_of(user: User | None, model: type[Its], text: str) -> list[Sum]:
    """Of all pages, by the amounts that are known; the currency with most of them first."""
    wanted = _found(seen_by(user, model), model, text)
    count, net = sa.func.count(), sa.func.sum(model.net_minor)
    grouped = wanted.with_only_columns(model.state, model.currency, count, net).group_by(model.state, model.currency)
    rows = db.session.execute(grouped).all()
    found = [Sum(state, currency, number, int(net or 0)) for state, currency, number, net in rows]
    return sorted(found, key=lambda each: (-each.count, each.currency, each.state))


def deleted_seen_by(user: User | None, model: type[Its], row_id: int) -> Its | None:
    """One that was deleted, of a lead or customer that the user may see."""
    return db.session.scalar(seen_by(user, model, deleted=True).where(model.id == row_id))


def parties_found(user: User | None, text: str) -> list[Party]:
    """A few customers and leads in whose names every word is found, the latest first."""
    words = [f"%{escaped(fold(word))}%" for word in text.split()[:WORDS_MAX]]
    of_leads = [sa.or_(like(Lead.person_key, word), like(Lead.organisation_key, word)) for word in words]
    customers = visible(user, Customer).where(*(like(Customer.search_key, word) for word in words))
    leads = visible(user, Lead).where(*of_leads)
    return [
        *db.session.scalars(
            customers.order_by(Customer.id.desc()).options(selectinload(Customer.reaches)).limit(FOUND_MAX)
        ),
        *db.session.scalars(leads.order_by(Lead.id.desc()).limit(FOUND_MAX)),
    ]


def _found(statement: sa.Select[Its], model: type[Its], text: str) -> sa.Select[Its]:
    return statement.where(*(_holds(model, word) for word in text.split()[:WORDS_MAX]))


def _holds(model: type[Numbered], word: str) -> sa.ColumnElement[bool]:
    pattern, folded = f"%{escaped(word.lower())}%", f"%{escaped(fold(word))}%"
    of_lead = sa.or_(like(Lead.person_key, folded), like(Lead.organisation_key, folded))
    return sa.or_(
        like(sa.func.lower(model.number), pattern),
        like(model.title_key, folded),
        sa.select(Lead.id).where(Lead.id == model.lead_id, of_lead).exists(),
        sa.select(Customer.id).where(Customer.id == model.customer_id, like(Customer.search_key, folded)).exists(),
    )
