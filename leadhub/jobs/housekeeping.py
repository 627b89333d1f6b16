"""What the worker does for itself, and what every hub does again and again."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from leadhub.database import utcnow
from leadhub.jobs import services
from leadhub.jobs.registry import Handler, Payload, Periodic, current_registry

PURGE = "jobs.purge"


def _purge(payload: Payload) -> None:
    """A turn of a rare periodic effect is kept while it lasts: without its row it would be done twice."""
    services.purge(keep=[periodic.key(utcnow()) for periodic in current_registry().periodic])


HANDLERS = {PURGE: Handler(run=_purge, label=_l("Tidy up the list of jobs"))}
PERIODIC = [Periodic(kind=PURGE, every=timedelta(hours=1))]
