"""Effects, which are jobs still to be done or done, and the workers that do them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from leadhub.database import UtcDateTime, utcnow
from leadhub.extensions import Model

WAITING, RUNNING, DONE, GAVE_UP = "waiting", "running", "done", "gave_up"


class Effect(Model):
    """Something to do outside the request that wanted it.  Written in the transaction of its cause.

    ``claim`` names the worker that runs it, until ``lease_until``: after that anybody may take it over.
    ``interruptions`` counts the times that a worker vanished while it ran: each may have done it once already.
    """

    __tablename__ = "effects"
    __table_args__ = (Index("ix_effects_due", "state", "due_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # emptied when it is done
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(16), default=WAITING)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # while it runs: between two of its steps
    attempts: Mapped[int] = mapped_column(default=0)
    interruptions: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(500), default="")  # of the last try; no personal data


class Worker(Model):
    """A worker process and when it last said that it lives."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
