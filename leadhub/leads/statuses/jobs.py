"""The worker's part of status actions: does each once, and writes down what became of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from leadhub import outgoing
from leadhub.accounts import audit
from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.jobs.mail_server import current_settings
from leadhub.jobs.models import Effect
from leadhub.jobs.registry import N_, GiveUp, Handler, NotNow, Payload, Periodic
from leadhub.jobs.services import enqueue
from leadhub.leads.models import Lead
from leadhub.leads.statuses import effects
from leadhub.leads.statuses.history import RUN
from leadhub.leads.statuses.models import DONE, FAILED, SKIPPED, WAITING, StatusRun
from leadhub.leads.statuses.snapshots import snapshot_of
from leadhub.plugin_settings.context import HubContext, context_for
from leadhub.plugin_settings.store import keep
from leadhub.plugins.api.context import NoAnswer
from leadhub.plugins.api.effects import Failed, Skip
from leadhub.plugins.api.leads import LeadSnapshot
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import plugin_of
from leadhub.statuses.models import StatusAction
from leadhub.statuses.offers import ActionOffer, offered

PURGE = "statuses.purge_runs"
KEPT = timedelta(days=90)
SWITCHED_OFF = N_("The action was switched off or removed since.")
IN_BIN = N_("The lead is in the bin.")
NOT_OFFERED = N_("Nothing in this hub offers this action any more.")
NOTHING = N_("There was nothing to do.")
PLUGIN_FAILED = N_("The plugin failed. Settings > Plugins says more.")
BAD_ANSWER = N_("The other side did not take it.")
ACTION_SECONDS = 10.0
WORN_OUT = N_("It failed again and again.")


class NotFailed(RuleBroken):
    """There is nothing to try again."""


@dataclass(frozen=True)
class Ready:
    """What an action is called with, read before: while a plugin runs no transaction is open."""

    offer: ActionOffer
    lead: LeadSnapshot
    settings: Mapping[str, Any]
    context: HubContext


def run(payload: Payload) -> Iterator[None]:
    """One action for one entering of a status.  What can't be done by trying again is written down as failed."""
    row = _waiting(payload)
    if row is None:
        return
    ready = _ready(row)
    if isinstance(ready, Ended):
        _end(row, ready.state, ready.told)
        return
    yield
    told = _called(ready)
    row = _waiting(payload)
    if row is not None:
        ended = told if isinstance(told, Ended) else _applied(row, told)
        _end(row, ended.state, ended.told)
        if ended.state != FAILED and not isinstance(told, Ended):
            keep(ready.context.store)


@dataclass(frozen=True)
class Ended:
    """What became of a run, and why."""

    state: str
    told: str = ""


def _ready(row: StatusRun) -> Ready | Ended:
    action = db.session.get(StatusAction, row.action_id)
    if action is None or not action.is_on:
        return Ended(SKIPPED, SWITCHED_OFF)
    offer = offered().actions.get(row.action)
    if offer is None:
        return Ended(FAILED, NOT_OFFERED)
    lead = db.session.get_one(Lead, row.lead_id)
    if lead.deleted_at:
        return Ended(SKIPPED, IN_BIN)
    context = context_for(plugin_of(row.action), f"{RUN}:{row.id}")
    return Ready(offer, snapshot_of(lead), dict(action.settings), context)


def _called(ready: Ready) -> list[Any] | Ended:
    try:
        return ready.offer.run(ready.lead, ready.settings, ready.context, seconds=ACTION_SECONDS)
    except Skip as reason:
        return Ended(SKIPPED, str(reason) or NOTHING)
    except Failed as reason:
        return Ended(FAILED, str(reason) or WORN_OUT)
    except NoAnswer as reason:
        raise NotNow(str(reason)) from None
    except PluginFailed:
        raise NotNow(PLUGIN_FAILED) from None


def _applied(row: StatusRun, wanted: list[Any]) -> Ended:
    lead = db.session.get_one(Lead, row.lead_id)
    if lead.deleted_at:
        return Ended(SKIPPED, IN_BIN)
    try:
        with db.session.begin_nested():
            reason = effects.apply(effects.Entered(lead, row.id, row.status_names), wanted)
    except GiveUp as error:
        return Ended(FAILED, str(error))
    return Ended(SKIPPED if reason else DONE, reason)


def call_url(payload: Payload) -> Iterator[None]:
    """A request that an action wants sent.  Behind the ``yield`` no transaction is open."""
    hosts = current_settings().outgoing_hosts
    yield
    headers = {**payload["headers"], "Idempotency-Key": payload["key"]}
    try:
        answer = outgoing.call(
            payload["method"], payload["url"], allowed_hosts=hosts, headers=headers, json=payload["json"]
        )
    except outgoing.OutgoingRefused as error:
        raise GiveUp(str(error)) from None
    except outgoing.OutgoingFailed as error:
        raise NotNow(str(error)) from None
    if answer.status >= 300:
        raise NotNow(BAD_ANSWER)


def gave_up(payload: Payload) -> None:
    """It failed each time; the last reason stands in the list of jobs."""
    row = _held(payload)
    if row is not None and row.state == WAITING:
        last = sa.select(Effect.error).where(Effect.kind == RUN, Effect.payload["run"].as_integer() == row.id)
        _end(row, FAILED, db.session.scalar(last.order_by(Effect.id.desc()).limit(1)) or WORN_OUT)


def try_again(row: StatusRun, *, by: User) -> None:
    """Another try of one that failed.  Raises ``NotFailed``."""
    if row.state != FAILED:
        raise NotFailed(_l("This is done or waiting already. Nothing was changed."))
    row.state, row.told, row.finished_at = WAITING, "", None
    enqueue(RUN, {"run": row.id})
    audit.record("job_retried", user=by, id=row.id)


def purge(payload: Payload) -> None:
    db.session.execute(sa.delete(StatusRun).where(StatusRun.at < utcnow() - KEPT))


def _waiting(payload: Payload) -> StatusRun | None:
    """The run, if nobody has ended it."""
    row = _held(payload)
    return row if row is not None and row.state not in (DONE, SKIPPED) else None


def _held(payload: Payload) -> StatusRun | None:
    return db.session.scalar(sa.select(StatusRun).where(StatusRun.id == payload["run"]).with_for_update())


def _end(row: StatusRun, state: str, told: str) -> None:
    row.state, row.told, row.finished_at = state, told[:500], utcnow()


HANDLERS = {
    RUN: Handler(run=run, label=_l("Action of a status"), gave_up=gave_up),
    effects.CALL: Handler(run=call_url, label=_l("Request of a status action")),
    PURGE: Handler(run=purge, label=_l("Tidy up the runs of status actions")),
}
PERIODIC = [Periodic(kind=PURGE, every=timedelta(days=1), offset=timedelta(hours=3))]
