"""Where a lead stands within its stage, by hand.  Commits nothing.

Nobody's edit is in conflict with that: the version stays, and the history says nothing.
"""

from typing import Any

import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.moves import AS_IT_IS
from leadhub.leads.stages import ranks


def place(lead: Lead, after_id: int | None) -> None:
    """Right below that lead of the same stage; on top, if there is none or it is no longer there."""
    word = _below(lead, after_id) if after_id else None
    if word is None:
        word = _on_top(lead)
    written = sa.update(Lead).where(Lead.id == lead.id).values(stage_rank=word)
    db.session.execute(written, execution_options=AS_IT_IS)
    db.session.expire(lead, ["stage_rank"])


def _below(lead: Lead, after_id: int) -> str | None:
    """None: it is not there, or there is no room."""
    above = sa.select(Lead.stage_rank, Lead.id).where(
        Lead.id == after_id, Lead.stage_id == lead.stage_id, Lead.id != lead.id, Lead.deleted_at.is_(None)
    )
    row = db.session.execute(above).first()
    if row is None:
        return None
    behind = sa.tuple_(Lead.stage_rank, Lead.id) > sa.tuple_(row.stage_rank, row.id)
    return ranks.between(row.stage_rank, _first(_in_stage(lead).where(behind)))


def _on_top(lead: Lead) -> str:
    """Before the first one, whose word may be of a clock that was ahead, or by hand."""
    first, word = _first(_in_stage(lead)), ranks.newest(utcnow())
    return word if not first or word < first else ranks.between("", first) or word


def _first(words: sa.Select[Any]) -> str:
    """Empty: there is none."""
    return str(db.session.scalar(words.limit(1)) or "")


def _in_stage(lead: Lead) -> sa.Select[Any]:
    """Words of the other leads of the stage, in their order; those in the bin keep their places."""
    others = sa.select(Lead.stage_rank).where(Lead.stage_id == lead.stage_id, Lead.id != lead.id)
    return others.order_by(Lead.stage_rank, Lead.id)
