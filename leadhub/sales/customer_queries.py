"""Reads what the page of a customer shows of its leads, and where a page of the list begins.  Nothing here writes."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from leadhub.database import id_from
from leadhub.extensions import db
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.queries import HistoryLine
from leadhub.sales.documents import Opportunity, Order, Quotation
from leadhub.sales.models import Contact, Customer, CustomerLead

HISTORY_MAX = 50
READ_MAX = 4 * HISTORY_MAX  # of which some may hold nothing but what the reader may not see
PLACE_MAX = 2000


@dataclass(frozen=True, slots=True)
class Losses:
    """What goes with a customer: its own contacts, those that go back to their leads, these leads, and documents of
    sales that are none of theirs."""

    contacts: int
    given_back: int
    leads: int
    documents: int


def written(place: tuple[str, int]) -> str:
    """A place of the list as addresses carry it."""
    return urlsafe_b64encode(f"{place[1]} {place[0]}".encode()).decode().rstrip("=")


def place_from(text: str) -> tuple[str, int] | None:
    """None for what says none."""
    try:
        told = urlsafe_b64decode(text[:PLACE_MAX] + "=" * (-len(text) % 4)).decode()
        number, _space, key = told.partition(" ")
        return None if "\0" in key else (key, id_from(number))
    except ValueError:
        return None


def history_of(leads: Sequence[Lead], hidden: Container[str]) -> list[tuple[Lead, list[HistoryLine]]]:
    """The latest events of these leads together, newest first; what follows each other of the same lead in one.

    What changed in ``hidden`` fields is left out, and with it what is nothing else.
    """
    by_id = {lead.id: lead for lead in leads}
    wanted = sa.select(LeadEvent).where(LeadEvent.lead_id.in_(by_id)).order_by(LeadEvent.id.desc()).limit(READ_MAX)
    events = db.session.scalars(wanted.options(joinedload(LeadEvent.by), selectinload(LeadEvent.files)))
    lines = (HistoryLine(it, [each for each in it.changes if each["field"] not in hidden]) for it in events)
    told = islice((line for line in lines if line.changes or line.event.kind != "changed"), HISTORY_MAX)
    return [(by_id[lead_id], list(found)) for lead_id, found in groupby(told, lambda line: line.event.lead_id)]


def losses_of(customer: Customer) -> Losses:
    """Of everybody's leads, those in the bin too."""
    its_leads = sa.select(CustomerLead.lead_id).where(CustomerLead.customer_id == customer.id)
    at_lead = sa.func.count().filter(Contact.came_with_id.in_(its_leads))
    counted = sa.select(sa.func.count() - at_lead, at_lead).where(Contact.customer_id == customer.id)
    contacts, given_back = db.session.execute(counted).one()
    linked = sa.select(sa.func.count()).select_from(CustomerLead).where(CustomerLead.customer_id == customer.id)
    return Losses(contacts, given_back, db.session.scalar(linked) or 0, _documents_of(customer))


def _documents_of(customer: Customer) -> int:
    """Those that count."""
    its = [
        sa.select(model.id).where(model.customer_id == customer.id, model.deleted_at.is_(None))
        for model in (Opportunity, Quotation, Order)
    ]
    return db.session.scalar(sa.select(sa.func.count()).select_from(sa.union_all(*its).subquery())) or 0
