"""What became of leads: how many were sent a quotation, how many ordered, and for how much.  Nothing here writes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.roles import ADMINISTER
from leadhub.database import unindexed
from leadhub.fields.catalogue import FIELDS
from leadhub.leads import reading_costs, reading_slices
from leadhub.leads.listing.filters import NONE
from leadhub.leads.models import Lead
from leadhub.leads.reading import Asked
from leadhub.leads.reading_kept import rows_of
from leadhub.leads.reading_slices import Part
from leadhub.plugins.api.sales import Documents, Outcome
from leadhub.sales.documents import CONFIRMED, Order
from leadhub.sales.reading_documents import summed
from leadhub.sales.reading_leads import ordered_leads, quoted_leads

EVERY = ""  # in place of a field: of all leads


@dataclass(frozen=True, kw_only=True, slots=True)
class Became:
    quoted: int = 0
    ordered: int = 0
    won: Documents = Documents()


def outcomes_of(asked: Asked, field: str, parts: Sequence[Part]) -> list[Outcome]:
    """One for each part, whose word is that of an address."""
    found = _became(asked, field)
    may_know = asked.user is None or asked.user.may(ADMINISTER)  # as the list of campaigns has it
    costs = reading_costs.costs_of(asked.leads, field) if field and may_know else {}
    nothing = Became()
    return [
        Outcome(
            label=part.label, leads=part.count, quoted=its.quoted, ordered=its.ordered, won=its.won,
            cost=costs.get(part.word),
        )
        for part, its in ((part, found.get(part.word, nothing)) for part in parts)
    ]  # fmt: skip


def _became(asked: Asked, field: str) -> dict[str, Became]:
    """By the word of an address.  Documents are walked, which are few beside leads."""
    key: Any = unindexed(getattr(Lead, FIELDS[field].column)) if field else sa.literal_column("0")
    group = [key] if field else []
    its = _leads_with_documents()
    counted = asked.leads.join(its, its.c.lead_id == Lead.id).with_only_columns(
        key, sa.func.sum(its.c.quoted), sa.func.sum(its.c.ordered)
    )
    bought = (Order.state == CONFIRMED, Order.deleted_at.is_(None))
    orders = asked.leads.join(Order, unindexed(Order.lead_id) == Lead.id).where(*bought)
    won = orders.with_only_columns(key, Order.currency, sa.func.count(), sa.func.sum(Order.net_minor))
    rows: dict[Any, list[Any]] = defaultdict(list)
    for value, *row in rows_of(asked.reader, won.group_by(*group, Order.currency)):
        rows[value].append(tuple(row))
    found = {
        value: Became(quoted=int(quoted or 0), ordered=int(ordered or 0), won=summed(rows.get(value, ())))
        for value, quoted, ordered in rows_of(asked.reader, counted.group_by(*group))
    }
    words = _words(field, [value for value in found if value is not None]) if field else {0: EVERY}
    return {words.get(value, NONE): its for value, its in found.items()}


def _words(field: str, values: Sequence[int]) -> Mapping[Any, str]:
    return {value: word for value, (word, _label, _colour) in reading_slices.named(FIELDS[field], values).items()}


def _leads_with_documents() -> Any:
    """Each lead once: 1 or 0 for quoted, for ordered."""
    one: Any = sa.literal_column("1")
    none: Any = sa.literal_column("0")
    sides = (
        quoted_leads().add_columns(one.label("quoted"), none.label("ordered")),
        ordered_leads().add_columns(none.label("quoted"), one.label("ordered")),
    )
    every = sa.union_all(*sides).subquery()
    columns = (sa.func.max(every.c[name]).label(name) for name in ("quoted", "ordered"))
    return sa.select(every.c.lead_id, *columns).group_by(every.c.lead_id).subquery()
