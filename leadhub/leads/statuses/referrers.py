"""Leads that have a status: told to the guard of its deletion."""

from leadhub.leads.models import Lead
from leadhub.leads.replaced import Standing
from leadhub.leads.statuses.models import StatusMove
from leadhub.referrers.registry import Referrer
from leadhub.statuses.deletion import GUARD, kept_words

STATUSES = "statuses"  # the channel of the lines in the histories


def referrers() -> list[Referrer]:
    standing = Standing(
        guard=GUARD, field="status", column=Lead.status_id, since=Lead.status_since, moves=StatusMove,
        extras={"is_choice": False}, names=lambda row: dict(row.names), channel=STATUSES, kept_words=kept_words,
        may_be_empty=False, is_told_once=True,
    )  # fmt: skip
    return [standing.referrer()]
