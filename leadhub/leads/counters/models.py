"""What the figures of a board are made of: the counters, and the changes that they don't hold yet.

Triggers of the database write the changes (migration ``the_board``), so that no way to a lead goes past them.  Amounts
are in hundredths of ``currency``; sums of them in two parts, whole billions and what is over, since a few thousand of
the largest would not fit into 64 bits.  In all columns 0 and an empty text stand for none: NULL is like nothing else.
"""

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.extensions import Model


class LeadCount(Model):
    """Leads with the same stage, owner and currency.  Written by the worker alone."""

    __tablename__ = "lead_counts"

    stage_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    leads: Mapped[int] = mapped_column(BigInteger)
    billions: Mapped[int] = mapped_column(BigInteger)
    rest: Mapped[int] = mapped_column(BigInteger)


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
    new_stage_id: Mapped[int]
    new_owner_id: Mapped[int]
    new_currency: Mapped[str] = mapped_column(String(3))
    new_amount: Mapped[int] = mapped_column(BigInteger)
    new_leads: Mapped[int]
