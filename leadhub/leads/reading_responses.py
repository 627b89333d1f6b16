"""How long leads wait for a person.  Nothing here writes."""

from typing import Any

import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads.clock import seconds_between
from leadhub.leads.models import Lead, LeadEvent
from leadhub.plugins.api.figures import Responses

ANSWERS = ("note", "call", "meeting")  # kinds of lines of the history
HOUR = 3600
STEPS = (HOUR, 24 * HOUR, 7 * 24 * HOUR)  # seconds


def responses_of(leads: sa.Select[Lead]) -> Responses:
    """One statement.  Whatever was done before the lead came counts as done at once."""
    cohort = leads.with_only_columns(Lead.id, Lead.received_at, Lead.created_at).subquery()
    begun = sa.case((cohort.c.received_at < cohort.c.created_at, cohort.c.created_at), else_=cohort.c.received_at)
    first = (
        sa.select(sa.func.min(LeadEvent.at))
        .where(LeadEvent.lead_id == cohort.c.id, LeadEvent.kind.in_(ANSWERS), LeadEvent.by_id.is_not(None))
        .correlate(cohort).scalar_subquery()
    )  # fmt: skip
    waits = sa.select(seconds_between(begun, first).label("seconds")).select_from(cohort).subquery()
    seconds: Any = waits.c.seconds
    place = sa.func.row_number().over(order_by=(seconds.is_(None), seconds))
    ranked = sa.select(seconds, place.label("place"), sa.func.count(seconds).over().label("number")).subquery()
    middle = (ranked.c.place * 2).between(ranked.c.number, ranked.c.number + 2)  # one, or two of an even number
    known = ranked.c.seconds.is_not(None)
    sums = [sa.func.count().filter(ranked.c.seconds <= step) for step in STEPS]
    median = sa.func.avg(ranked.c.seconds).filter(middle, known)
    total, answered, mean, *within = db.session.execute(
        sa.select(sa.func.count(), sa.func.count(ranked.c.seconds), median, *sums)
    ).one()
    parts = [behind - before for before, behind in zip([0, *within], within, strict=False)]
    return Responses(
        within=tuple(zip(STEPS, parts, strict=True)), later=answered - within[-1], waiting=total - answered,
        median=None if mean is None else max(float(mean), 0.0),
    )  # fmt: skip
