"""Can this hub do its work?  Short words for probes, and whether a worker is there for admins."""

import time
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa
from flask import Flask, current_app
from flask_security import current_user
from sqlalchemy.exc import SQLAlchemyError

from leadhub.accounts.roles import ADMINISTER
from leadhub.database import utcnow
from leadhub.errors import SettingError
from leadhub.extensions import db
from leadhub.jobs import queries
from leadhub.jobs.registry import long_kinds
from leadhub.upgrade import revisions

OK = "ok"
LATE = timedelta(minutes=5)
FIRST_SECONDS = 60.0  # a worker needs a moment to come up, and its pages are there before it
KEPT_SECONDS = 15.0
Stillness = datetime | Literal["never"] | None


def init_app(app: Flask) -> None:
    """Give templates ``worker_stands_still()``."""
    app.extensions["leadhub_stillness"] = {"since": time.monotonic(), "until": 0.0, "answer": None}
    app.jinja_env.globals["worker_stands_still"] = worker_stands_still


def readiness() -> dict[str, str]:
    """``ok`` or a short word for each part; no details, since anybody may ask."""
    parts = dict.fromkeys(("database", "migrations", "worker", "queue"), "unknown")
    try:
        parts["database"] = OK if db.session.scalar(sa.text("SELECT 1")) == 1 else "down"
        parts["migrations"] = OK if _revision() == _head() else "behind"
        if parts["migrations"] == OK:
            parts |= {"worker": _worker(), "queue": _queue()}
    except (SQLAlchemyError, SettingError):
        db.session.rollback()
        word = "down" if parts["database"] != OK else "failed"
        parts |= {name: word for name in ("database", "migrations") if parts[name] != OK}
    return {"status": OK if set(parts.values()) == {OK} else "unavailable", **parts}


def worker_stands_still() -> Stillness:
    """For admins, when a worker was last heard of, if that is too long ago; None where all is well.

    One answer serves a process for a while, so that pages need no query for it.
    """
    if not current_user.is_authenticated or not current_user.may(ADMINISTER):
        return None
    kept: dict[str, Any] = current_app.extensions["leadhub_stillness"]
    now = time.monotonic()
    if now - kept["since"] < FIRST_SECONDS:
        return None
    if now >= kept["until"]:
        kept |= {"answer": _stillness(), "until": now + KEPT_SECONDS}
    answer: Stillness = kept["answer"]
    return answer


def _stillness() -> Stillness:
    seen = queries.last_seen()
    if seen is None:
        return "never"
    return seen if _is_silent(seen) else None


def _worker() -> str:
    seen = queries.last_seen()
    return "missing" if seen is None or _is_silent(seen) else OK


def _is_silent(seen: datetime) -> bool:
    return seen < utcnow() - queries.SILENT


def _queue() -> str:
    """Long ones wait for each other, and nothing is wrong with that."""
    due_for = queries.due_for(without=long_kinds())
    return "late" if due_for and due_for > LATE else OK


def _revision() -> str | None:
    return db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))


@cache
def _head() -> str:
    """The code's revision: reading the scripts takes long, and they don't change while it runs."""
    return revisions()[1]
