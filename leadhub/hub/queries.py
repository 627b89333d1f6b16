"""Reads the hub's row."""

from datetime import datetime
from zoneinfo import ZoneInfo

from leadhub.extensions import db
from leadhub.hub.models import ONLY_ID, Hub


def hub() -> Hub:
    """The row.  The session holds on to it (its own map is weak), so that one request reads it once."""
    kept = db.session().info
    if "hub" not in kept:
        kept["hub"] = db.session.get_one(Hub, ONLY_ID)
    row: Hub = kept["hub"]
    return row


def time_zone() -> ZoneInfo:
    return ZoneInfo(hub().time_zone)


def local(moment: datetime) -> datetime:
    """The same moment on the hub's own clock."""
    return moment.astimezone(time_zone())
