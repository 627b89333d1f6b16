"""Statuses that plugins propose: added, said to be one of the hub's own, or declined.  Commits nothing."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.lists import services as lists
from leadhub.lists.services import one_at_a_time
from leadhub.names import Names
from leadhub.plugins.api.statuses import Status as Proposed
from leadhub.plugins.host import current_host
from leadhub.statuses import services
from leadhub.statuses.models import Status, StatusProposal, StatusRule
from leadhub.statuses.offers import offered
from leadhub.statuses.queries import statuses

ADDED, MINE, DECLINED = "added", "mine", "declined"


@dataclass(frozen=True)
class Proposal:
    plugin: str
    status: Proposed

    @property
    def is_bundled(self) -> bool:
        return current_host().plugins[self.plugin].is_bundled

    @property
    def name(self) -> Names:
        return Names(self.status.names)


class NotProposed(RuleBroken):
    """Somebody has answered already, or the plugin is gone."""


def open_proposals() -> list[Proposal]:
    """Those that nobody has answered, of plugins that are on; what is there under the same key is no proposal."""
    met = set(db.session.scalars(sa.select(StatusProposal.key))) | {row.key for row in statuses()}
    offers = current_host().offered("statuses")
    return [Proposal(offer.plugin, offer.value) for key, offer in offers.items() if key not in met]


def answer(key: str, how: str, *, status: Status | None = None, by: User) -> Status | None:
    """Returns the status that it is from now on.  Rules that wait for it give that one.  Raises ``NotProposed``."""
    one_at_a_time()
    proposal = next((it for it in open_proposals() if it.status.key == key), None)
    if proposal is None or how not in (ADDED, MINE, DECLINED) or (how == MINE and status is None):
        raise NotProposed(_("This was answered already. Look at the list again."))
    if how == ADDED:
        status = services.recreate(proposal.status, by=by)
    elif how == DECLINED:
        status = None
    elif status is not None and not lists.kept(Status, [status.id]):
        raise NotProposed(_("This status is no longer there."))
    db.session.add(StatusProposal(key=key, answer=how, status_id=status.id if status else None))
    db.session.flush()  # what follows names it
    if how != ADDED:
        label = status.label(hub().language) if status else ""
        lists.note(services.LIST, by, proposed=proposal.name.label(hub().language), new=label)
    if status is not None:
        _bind_waiting(key, status)
    return status


def _bind_waiting(key: str, status: Status) -> None:
    """Rules that would like this status and have none."""
    wanting = [rule.key for rule in offered().rules.values() if rule.wished.key == key]
    waiting = sa.update(StatusRule).where(
        StatusRule.rule.in_(wanting), StatusRule.status_id.is_(None), StatusRule.is_on
    )
    db.session.execute(waiting.values(status_id=status.id))
