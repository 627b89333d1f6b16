"""Pages of the list by keyset: a page far behind costs what the first one costs.  Nothing here writes.

The ids come first, out of an index that holds all that they are chosen and sorted by; then the rows that are shown.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.accounts.visibility import holders_seen_by, visible
from leadhub.database import ID_MAX, Scaled, UtcDateTime
from leadhub.extensions import db
from leadhub.leads.listing.columns import loading
from leadhub.leads.listing.found import found, way_to
from leadhub.leads.listing.sorts import Sort
from leadhub.leads.listing.state import ListState
from leadhub.leads.models import Lead

PAGE = 50
PLACE_LENGTH = 2000
WHOLE_MAX = 2**63 - 1  # a whole number of 64 bits


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list: right beside this lead.  ``stretch`` and ``value`` are the sort's; None: it has none."""

    stretch: int
    value: Any
    id: int

    def __str__(self) -> str:
        text = json.dumps([self.stretch, _plain(self.value), self.id], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, sort: Sort) -> "Place | None":
        """The place that an address names; None for what is none in this order."""
        try:
            told = base64.urlsafe_b64decode(text[:PLACE_LENGTH] + "=" * (-len(text) % 4))
            stretch, value, lead_id = json.loads(told)
            if not (type(stretch) is type(lead_id) is int and stretch in range(sort.stretches)):
                return None
            return cls(stretch, None if stretch else _read(value, sort), lead_id) if 0 < lead_id <= ID_MAX else None
        except (ValueError, TypeError, ArithmeticError, RecursionError):  # whatever somebody has made of an address
            return None


@dataclass(frozen=True, slots=True)
class Page:
    """Leads of one page, and the places where the next one and the one before begin."""

    leads: Sequence[Lead]
    after: Place | None
    before: Place | None


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    place: Place


def matching(user: User | None, state: ListState, *, all_of_them: bool = False) -> sa.Select[Lead]:
    """The leads that the user may see and the state asks for, in no order.

    ``all_of_them``: they will be read to the end, so that an index of words is better than a walk however common they
    are.
    """
    return visible(user, Lead).where(*_asked(state, all_of_them=all_of_them))


def page_of(user: User | None, state: ListState, *, after: Place | None = None, before: Place | None = None) -> Page:
    """One page with everything that its rows show."""
    rows = _rows(user, state, after or before, PAGE + 1, backwards=before is not None)
    if not rows and (after or before):  # what was there is gone meanwhile
        return page_of(user, state)
    is_more, rows = len(rows) > PAGE, rows[:PAGE]
    if before is not None:
        rows.reverse()
    leads = _loaded([row.id for row in rows], state)
    first, last = (rows[0].place, rows[-1].place) if rows else (None, None)
    if before is not None:
        return Page(leads, last, first if is_more else None)
    return Page(leads, last if is_more else None, first if after else None)


def blocks_of(user: User | None, state: ListState, size: int = 500) -> Iterator[list[Lead]]:
    """The whole list in its order, block by block, each read when it is asked for."""
    leads, place = block_of(user, state, None, size)
    while place:
        yield leads
        leads, place = block_of(user, state, place, size)


def block_of(
    user: User | None, state: ListState, after: Place | None, size: int, beside: Sequence[Any] = ()
) -> tuple[list[Lead], Place | None]:
    """Leads behind a place, with what ``beside`` loads too, and the place behind them; None where there are none."""
    rows = _rows(user, state, after, size)
    return _loaded([row.id for row in rows], state, beside), rows[-1].place if rows else None


def neighbours_of(user: User | None, state: ListState, lead: Lead) -> tuple[int | None, int | None]:
    """Ids of the leads before and behind this one in the list; it need not be in it any more."""
    place = _place_of(lead, state.sort)
    before = _rows(user, state, place, 1, backwards=True)
    after = _rows(user, state, place, 1)
    return (before[0].id if before else None, after[0].id if after else None)


def _asked(state: ListState, *, all_of_them: bool = False) -> list[sa.ColumnElement[bool]]:
    conditions = [chosen.condition for chosen in state.filters]
    if state.text:
        conditions.append(found(state.text, way_to(state.text, all_of_them=all_of_them)))
    return conditions


def _rows(
    user: User | None, state: ListState, place: Place | None, limit: int, *, backwards: bool = False
) -> list[_Row]:
    sort, asked = state.sort, _asked(state)
    numbers: Iterable[int] = range(sort.stretches)
    if place:
        numbers = range(place.stretch, -1, -1) if backwards else range(place.stretch, sort.stretches)
    elif backwards:
        numbers = reversed(range(sort.stretches))
    rows: list[_Row] = []
    for number in numbers:
        behind = place if place and place.stretch == number else None
        statement = _stretch(user, sort, asked, number, behind, limit - len(rows), backwards)
        found_rows = db.session.execute(statement).all()
        rows += [_Row(row.id, Place(number, None if number else row.value, row.id)) for row in found_rows]
        if len(rows) >= limit:
            break
    return rows


def _stretch(
    user: User | None,
    sort: Sort,
    asked: Sequence[sa.ColumnElement[bool]],
    number: int,
    behind: Place | None,
    limit: int,
    backwards: bool,
) -> Any:
    """(id, value) in order.  Newest first for somebody who sees some leads only, it reads a piece of the index for
    each holder whose leads these are, and puts the pieces together."""
    holders = holders_seen_by(user, Lead) if sort.name == "received_at" else None
    if holders is None:
        return _ordered(visible(user, Lead).where(*asked), sort, number, behind, limit, backwards)
    seen = sa.select(Lead).where(Lead.deleted_at.is_(None), *asked)
    pieces = [_ordered(seen.where(holder), sort, number, behind, limit, backwards) for holder in holders]
    if len(pieces) == 1:
        return pieces[0]
    together = sa.union_all(*(sa.select(piece.subquery()) for piece in pieces)).subquery()
    down = sort.descending != backwards
    columns = (together.c.value, together.c.id)
    return sa.select(*columns).order_by(*(it.desc() if down else it.asc() for it in columns)).limit(limit)


def _ordered(
    statement: sa.Select[Any], sort: Sort, number: int, behind: Place | None, limit: int, backwards: bool
) -> sa.Select[Any]:
    statement = sort.stretch(statement, number)
    keys = (Lead.id,) if number else (sort.value, Lead.id)
    down = sort.descending != backwards
    if behind:
        here = sa.tuple_(*keys)
        values = (behind.id,) if number else (behind.value, behind.id)
        there = sa.tuple_(*(sa.literal(value, key.type) for value, key in zip(values, keys, strict=True)))
        statement = statement.where(here < there if down else here > there)
    value = sa.null() if number else sort.value
    chosen = statement.with_only_columns(Lead.id, value.label("value"))
    return chosen.order_by(*(key.desc() if down else key.asc() for key in keys)).limit(limit)


def _loaded(ids: Sequence[int], state: ListState, beside: Sequence[Any] = ()) -> list[Lead]:
    """In the order of the ids."""
    if not ids:
        return []
    wanted = sa.select(Lead).where(Lead.id.in_(ids)).options(*loading(state.columns), *beside)
    leads = {lead.id: lead for lead in db.session.scalars(wanted)}
    return [leads[lead_id] for lead_id in ids if lead_id in leads]


def _place_of(lead: Lead, sort: Sort) -> Place:
    for number in range(sort.stretches):
        statement = sort.stretch(sa.select(Lead), number).where(Lead.id == lead.id)
        value = sa.null() if number else sort.value
        row = db.session.execute(statement.with_only_columns(value.label("value"))).first()
        if row:
            return Place(number, row.value, lead.id)
    return Place(0, None, lead.id)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _read(value: Any, sort: Sort) -> Any:
    """The value as the sort's column has it.  Raises what the types raise for what is none."""
    kind = sort.value.type
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value).astimezone(UTC)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, Scaled):
        number = Decimal(value).quantize(Decimal(1).scaleb(-kind.places))
        _read_whole(int(number.scaleb(kind.places)))
        return number
    if isinstance(kind, sa.String):
        return _read_text(value)
    if isinstance(kind, sa.Boolean):
        if type(value) is not bool:
            raise TypeError(value)
        return value
    return _read_whole(value)


def _read_text(value: Any) -> str:
    """One that a database takes: without NUL, and UTF-8."""
    if type(value) is not str or "\0" in value:
        raise TypeError(value)
    value.encode()
    return value


def _read_whole(value: Any) -> int:
    if type(value) is not int or abs(value) > WHOLE_MAX:
        raise TypeError(value)
    return value
