"""What plugins do again and again: looked at every five minutes, so that switching one on or off needs no new start."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from leadhub.database import utcnow
from leadhub.jobs.registry import EPOCH, N_, GiveUp, Handler, NotNow, Payload, Periodic
from leadhub.jobs.services import DONE_KEPT, enqueue
from leadhub.plugin_settings.context import HubContext, context_for
from leadhub.plugin_settings.store import keep
from leadhub.plugins.api.effects import Failed, Skip
from leadhub.plugins.api.jobs import Job
from leadhub.plugins.health import PluginFailed, cleaned
from leadhub.plugins.host import current_host

LOOK, RUN = "plugins.look", "plugins.job"
SECONDS = 60.0
PLUGIN_FAILED = N_("The plugin failed. Settings > Plugins says more.")
NOT_DONE = N_("The plugin says that it can’t be done.")


def look(payload: Payload) -> None:
    """Each job whose turn has come is done once in that turn: not any more once its key may be forgotten."""
    now = utcnow()
    for key, offer in current_host().offered("jobs").items():
        every, offset = offer.value.every, offer.value.offset
        if (now - EPOCH - offset) % every < DONE_KEPT:
            turn = Periodic(kind=f"{RUN}:{key}", every=every, offset=offset).key(now)
            enqueue(RUN, {"job": key, "turn": turn}, key=turn)


def run(payload: Payload) -> Iterator[None]:
    """One turn of one job; of one that is no longer there, nothing."""
    offer = current_host().offered("jobs").get(payload["job"])
    if offer is None:
        return
    context = context_for(offer.plugin, payload["turn"])
    yield
    try:
        current_host().call(offer.plugin, _done, offer.value, context, seconds=SECONDS, passes=(Skip, Failed))
    except PluginFailed:
        raise NotNow(PLUGIN_FAILED) from None
    except Failed as error:
        raise GiveUp(cleaned(str(error)) or NOT_DONE) from None
    except Skip:
        return
    keep(context.store)


def _done(job: Job, context: HubContext) -> None:
    """It may be a generator, of which nobody wants anything."""
    told: Any = job.run(context)
    if isinstance(told, Iterable):
        for _each in told:
            pass


HANDLERS = {
    LOOK: Handler(run=look, label=_l("Look for jobs of plugins")),
    RUN: Handler(run=run, label=_l("Job of a plugin")),
}
PERIODIC = [Periodic(kind=LOOK, every=timedelta(minutes=5))]
