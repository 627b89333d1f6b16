"""What figures are made of: the counters, and the changes that they don't hold yet.

Triggers of the database write the changes (migration ``statistics``), so that no way to a lead goes past them.  Amounts
are in hundredths of ``currency``; sums of them in two parts, whole billions and what is over, since a few thousand of
the largest would not fit into 64 bits.  In all columns 0 and an empty text stand for none: NULL is like nothing else.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.database import UtcDateTime
from leadhub.extensions import Model

ONLY_ID = 1


class LeadCount(Model):
    """Leads with the same stage, owner and currency.  Written by the worker alone."""

    __tablename__ = "lead_counts"

    stage_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    leads: Mapped[int] = mapped_column(BigInteger)
    billions: Mapped[int] = mapped_column(BigInteger)
    rest: Mapped[int] = mapped_column(BigInteger)


class LeadDays(Model):
    """Leads that were received on the same day, or in the same month, or ever, of one owner, with one value of one
    field.  Written by the worker alone.

    ``dimension`` and ``span`` are numbers of ``days``; ``day`` is the first one of the span on the hub's clock, counted
    as ``date.toordinal`` does, 0 of what is ever; ``value_id`` is the id of what the lead has in the field.
    """

    __tablename__ = "lead_days"
    __table_args__ = {"sqlite_with_rowid": False}

    dimension: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    span: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leads: Mapped[int] = mapped_column(BigInteger)


class StageTime(Model):
    """Visits of a stage that ended on the same day (or month, or ever) and lasted about as long: those between two
    powers of ``times.STEP`` seconds.  Written by the worker alone."""

    __tablename__ = "lead_stage_times"
    __table_args__ = {"sqlite_with_rowid": False}

    stage_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    span: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    power: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    visits: Mapped[int] = mapped_column(BigInteger)


class OwnerChanges(Model):
    """How many changes of an owner's leads the counters hold, ever.  Written by the worker alone."""

    __tablename__ = "lead_owner_changes"

    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    changes: Mapped[int] = mapped_column(BigInteger)


class CounterState(Model):
    """One row.  ``time_zone``: on whose clock days were counted, empty: they have to be counted anew.  ``folds``: how
    often changes were added, which tells whoever counts anew that it was in vain."""

    __tablename__ = "lead_counter_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    time_zone: Mapped[str] = mapped_column(String(64), default="")
    folds: Mapped[int] = mapped_column(BigInteger, default=0)


class LeadDelta(Model):
    """One change of one lead: what it counted as before, and since.  ``old_leads`` and ``new_leads`` are 0 or 1: a lead
    that is new, or comes out of the bin, counted as nothing before."""

    __tablename__ = "lead_deltas"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    old_stage_id: Mapped[int]
    old_owner_id: Mapped[int]
    old_currency: Mapped[str] = mapped_column(String(3))
    old_amount: Mapped[int] = mapped_column(BigInteger)
    old_leads: Mapped[int]
    old_source_id: Mapped[int]
    old_type_id: Mapped[int]
    old_status_id: Mapped[int]
    old_campaign_id: Mapped[int]
    old_received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    old_stage_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    new_stage_id: Mapped[int]
    new_owner_id: Mapped[int]
    new_currency: Mapped[str] = mapped_column(String(3))
    new_amount: Mapped[int] = mapped_column(BigInteger)
    new_leads: Mapped[int]
    new_source_id: Mapped[int]
    new_type_id: Mapped[int]
    new_status_id: Mapped[int]
    new_campaign_id: Mapped[int]
    new_received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    new_stage_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
