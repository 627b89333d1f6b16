"""The worker's part of doors: fetches what there is to fetch, every five minutes."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from leadhub.extensions import db
from leadhub.intake import calls, services
from leadhub.intake.queries import opened_by_id, polled_ids
from leadhub.jobs.models import RUNNING, WAITING, Effect
from leadhub.jobs.registry import N_, Handler, Payload, Periodic
from leadhub.jobs.services import enqueue
from leadhub.outgoing import OutgoingError
from leadhub.plugin_settings.context import context_for
from leadhub.plugins.api.effects import Failed
from leadhub.plugins.api.sources import Polled
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import current_host

ROUND = "intake.round"
POLL = "intake.poll"
EVERY = timedelta(minutes=5)
PAGES_MAX = 20
WORN_OUT = N_("It failed again and again.")
PLUGIN_FAILED = N_("The plugin failed. Settings > Plugins says more.")


def begin_round(payload: Payload) -> None:
    """One job for each door that fetches, so that a slow one keeps no other waiting; one of them alone at a time."""
    at_work = sa.select(Effect.payload).where(Effect.kind == POLL, Effect.state.in_((WAITING, RUNNING)))
    busy = {told["door"] for told in db.session.scalars(at_work)}
    for door_id in polled_ids(current_host()):
        if door_id not in busy:
            enqueue(POLL, {"door": door_id})


def poll(payload: Payload) -> Iterator[None]:
    """All that is new behind one door.  What fails now is tried again in the next round."""
    host = current_host()
    for _page in range(PAGES_MAX):
        opened = opened_by_id(host, payload["door"])
        if opened is None or not opened.source.poll:
            return
        context = context_for(opened.plugin, f"door:{opened.id}:{opened.turn}")
        yield
        try:
            told: Polled | str = calls.poll(host, opened, context)
        except (Failed, OutgoingError) as reason:
            told = str(reason) or PLUGIN_FAILED
        except PluginFailed:
            told = PLUGIN_FAILED
        if isinstance(told, str):
            services.note_failure(opened.token, told)
            return
        try:
            with db.session.begin_nested():
                services.take_poll(opened, told.drafts, context.store, told.cursor)
        except services.DoorGone:
            return
        if not told.has_more:
            return


def gave_up(payload: Payload) -> None:
    """What was fetched could not be stored, again and again; the next round begins anew."""
    if opened := opened_by_id(current_host(), payload["door"]):
        services.note_failure(opened.token, WORN_OUT)


HANDLERS = {
    ROUND: Handler(run=begin_round, label=_l("Look for new leads")),
    POLL: Handler(run=poll, label=_l("Fetch leads of a source"), gave_up=gave_up),
}
PERIODIC = [Periodic(kind=ROUND, every=EVERY)]
