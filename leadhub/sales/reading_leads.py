"""Which documents count for whoever asks, and which leads have some.  Nothing here writes."""

from typing import Any
from zlib import crc32

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import aliased

from leadhub.accounts.visibility import sees_all, visible
from leadhub.extensions import db
from leadhub.fields.catalogue import FOLLOW_UP, YES_NO, Field
from leadhub.leads.beside import Beside
from leadhub.leads.listing import conditions
from leadhub.leads.listing.filters import IS, NOT, Filter
from leadhub.leads.models import Lead
from leadhub.leads.reading import Asked
from leadhub.sales.documents import CONFIRMED, Opportunity, Order, Quotation
from leadhub.sales.models import Customer

QUOTED, ORDERED = "quoted", "ordered"
KINDS: tuple[Any, ...] = (Quotation, Order, Opportunity)
OF_CUSTOMERS: dict[str, Any] = {
    "owner": Customer.owner_id,
    "source": Customer.source_id,
    "campaign": Customer.campaign_id,
}
"""What customers have as leads do."""
LATEST = 20  # changes of each kind: what is committed late is among them


def seen(asked: Asked, model: Any) -> sa.ColumnElement[bool]:
    """The documents of the leads that are asked for, and of customers that were none, as ``parties.seen_by`` has them:
    of those where nothing else is asked than what they have themselves."""
    if not asked.chosen and not asked.text and (asked.sees_all or (asked.user and sees_all(asked.user))):
        binned = sa.select(Lead.id).where(Lead.deleted_at.is_not(None))  # few: no lead is looked at for its document
        return sa.and_(model.deleted_at.is_(None), sa.or_(model.lead_id.is_(None), model.lead_id.not_in(binned)))
    its: sa.ColumnElement[bool] = _one(asked.leads.where(Lead.id == model.lead_id))
    if asked.text or any(each.field.name not in OF_CUSTOMERS for each in asked.chosen):
        return sa.and_(model.deleted_at.is_(None), its)
    customers = sa.select(Customer) if asked.sees_all else visible(asked.user, Customer)
    theirs = _one(customers.where(Customer.id == model.customer_id, *map(_of_customer, asked.chosen)))
    return sa.and_(model.deleted_at.is_(None), sa.or_(its, theirs))


def replaced() -> sa.Select[Any]:
    """Ids of quotations of which a later version was submitted."""
    earlier, later = aliased(Quotation), aliased(Quotation)
    same = (getattr(earlier, name) == getattr(later, name) for name in ("series", "year", "sequence"))
    return (
        sa.select(earlier.id)
        .join(later, sa.and_(*same, later.revision > earlier.revision))
        .where(later.revised_from_id > 0, later.sent_on.is_not(None), later.deleted_at.is_(None))
    )


def quoted_leads() -> sa.Select[Any]:
    """Those that were ever sent a quotation."""
    rows = aliased(Quotation)
    return sa.select(rows.lead_id).where(rows.sent_on.is_not(None), rows.deleted_at.is_(None), rows.lead_id > 0)


def ordered_leads() -> sa.Select[Any]:
    rows = aliased(Order)
    return sa.select(rows.lead_id).where(rows.state == CONFIRMED, rows.deleted_at.is_(None), rows.lead_id > 0)


def version() -> str:
    """Another one as soon as a document has changed: a few rows of an index of each kind."""
    pieces = []
    for place, model in enumerate(KINDS):
        columns = sa.select(sa.literal_column(str(place)).label("kind"), model.id, model.version)
        pieces.append(sa.select(columns.order_by(model.changed_at.desc()).limit(LATEST).subquery()))
    rows = sorted(tuple(row) for row in db.session.execute(sa.union_all(*pieces)))
    return f"{crc32(repr(rows).encode()):08x}"


def has_documents() -> bool:
    """Is there one of any kind, whoever sees it?"""
    found = (sa.exists(sa.select(model.id).where(model.deleted_at.is_(None))) for model in KINDS)
    return bool(db.session.scalar(sa.select(sa.or_(*found))))


def beside_leads() -> Beside:
    """Filters of the list of leads."""
    labels = {QUOTED: _l("Quotation submitted"), ORDERED: _l("Order confirmed")}
    return Beside(
        fields=[
            Field(name=name, label=label, type=YES_NO, group=FOLLOW_UP, column=name) for name, label in labels.items()
        ],
        leads={QUOTED: quoted_leads, ORDERED: ordered_leads},
        tables=[model.__tablename__ for model in KINDS],
        version=version,
    )


def _one(rows: sa.Select[Any]) -> sa.ColumnElement[bool]:
    return rows.with_only_columns(sa.literal_column("1")).exists()


def _of_customer(chosen: Filter) -> sa.ColumnElement[bool]:
    column, parts = OF_CUSTOMERS[chosen.field.name], []
    for each in chosen.stored:
        if each is conditions.EMPTY:
            parts.append(column.is_(None))
        elif each is conditions.FILLED:
            parts.append(column.is_not(None))
        else:
            parts.append(column.in_(each) if isinstance(each, sa.Select) else column == each)
    assert chosen.operator in (IS, NOT)  # nothing else can be wanted of a choice or a person
    has = sa.or_(*parts)
    return sa.not_(sa.func.coalesce(has, sa.false())) if chosen.operator == NOT else has
