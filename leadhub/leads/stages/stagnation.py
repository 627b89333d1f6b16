"""Leads that nobody has touched for longer than their stage allows.  Nothing here writes.

Only a person touches: by an activity, another stage, a field.  ``Lead.stagnating`` says it of one that is loaded.
"""

import sqlalchemy as sa

from leadhub.database import unindexed, utcnow
from leadhub.leads.models import Lead
from leadhub.pipelines.queries import stages


def stagnating() -> sa.ColumnElement[bool]:
    """The condition: a piece for each stage that has a number of days."""
    limits = {row.id: row.rotten_at(utcnow()) for row in stages()}
    pieces = [sa.and_(unindexed(Lead.stage_id) == each, Lead.touched_at <= at) for each, at in limits.items() if at]
    return sa.and_(Lead.stage_id.is_not(None), sa.or_(*pieces)) if pieces else sa.false()
