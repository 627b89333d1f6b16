"""Leads that nobody has touched for longer than their stage allows.  Nothing here writes.

Only a person touches: by an activity, another stage, a field.  A day is 24 hours here, whatever the clocks do.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.leads.models import Lead
from leadhub.pipelines.models import OPEN
from leadhub.pipelines.queries import stages


def is_stagnating(lead: Lead, now: datetime | None = None) -> bool:
    stage = lead.stage
    if stage is None or stage.kind != OPEN or not stage.days_to_rot:
        return False
    return lead.touched_at <= (now or utcnow()) - timedelta(days=stage.days_to_rot)


def stagnating(now: datetime | None = None) -> sa.ColumnElement[bool]:
    """The same as a condition on leads: a piece for each stage that has a number of days."""
    at = now or utcnow()
    pieces = [
        sa.and_(Lead.stage_id == row.id, Lead.touched_at <= at - timedelta(days=row.days_to_rot))
        for row in stages()
        if row.kind == OPEN and row.days_to_rot
    ]
    return sa.or_(*pieces) if pieces else sa.false()
