"""Reads the hub's row."""

from datetime import datetime
from zoneinfo import ZoneInfo

from leadhub.extensions import db
from leadhub.hub.models import ONLY_ID, Hub


def hub() -> Hub:
    """The row; kept by the session, so that one request reads it once."""
    row = db.session.get(Hub, ONLY_ID)
    if row is None:
        raise LookupError("the hub's row is missing: the migrations have not run")
    return row


def time_zone() -> ZoneInfo:
    return ZoneInfo(hub().time_zone)


def local(moment: datetime) -> datetime:
    """The same moment on the hub's own clock."""
    return moment.astimezone(time_zone())
