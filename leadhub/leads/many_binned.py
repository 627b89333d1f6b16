"""Many leads go into the bin, or come out of it again: a fixed number of statements.  Commits nothing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.many_written import BULK, CHANGED, REFUSED, Result
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.moves import AS_IT_IS
from leadhub.leads.updates import remember
from leadhub.referrers.registry import referrers_of

DELETED, RESTORED = "deleted", "restored"


def delete(ids: Sequence[int], *, by: User) -> dict[int, Result]:
    """Into the bin, but for what something hangs on that can't do without it."""
    versions = _locked(visible(by, Lead), ids)
    gone = Result(REFUSED, _("This lead is in the bin already, is gone, or is not one that you see."))
    results = {lead_id: gone for lead_id in ids if lead_id not in versions}
    for lead_id, words in _uses_of(list(versions)).items():
        told = _("This lead can’t be deleted, since this hangs on it: %(uses)s.", uses=", ".join(words))
        results[lead_id] = Result(REFUSED, told)
        del versions[lead_id]
    return results | _moved(versions, DELETED, {"deleted_at": utcnow(), "deleted_by_id": by.id}, by)


def restore(versions: Mapping[int, int], *, by: User) -> dict[int, Result]:
    """Out of the bin, but for what was taken out, or put in again, after these versions."""
    binned = _locked(visible(by, Lead, in_bin=True), list(versions))
    gone = Result(REFUSED, _("This lead is no longer in the bin."))
    results = {lead_id: gone for lead_id in versions if lead_id not in binned}
    for lead_id in _moved_since({lead_id: versions[lead_id] for lead_id in binned}):
        results[lead_id] = Result(REFUSED, _("This lead was put into the bin again since."))
        del binned[lead_id]
    return results | _moved(binned, RESTORED, {"deleted_at": None, "deleted_by_id": None}, by)


def _locked(statement: sa.Select[Lead], ids: Sequence[int]) -> dict[int, int]:
    """Id -> version of those that are there, for nobody else to write."""
    wanted = statement.where(Lead.id.in_(ids)).order_by(Lead.id).with_for_update(key_share=True, of=Lead)
    return {row.id: row.version for row in db.session.execute(wanted.with_only_columns(Lead.id, Lead.version))}


def _uses_of(ids: Collection[int]) -> dict[int, list[str]]:
    """Lead -> what hangs on it, in words."""
    found: dict[int, list[str]] = {}
    for referrer in referrers_of(Lead.__tablename__) if ids else ():
        if referrer.blocks:
            counted = referrer.counts(ids) if referrer.counts else {it: referrer.count(it) for it in ids}
            for lead_id, number in counted.items():
                if number:
                    found.setdefault(lead_id, []).append(referrer.words(number))
    return found


def _moved(versions: Mapping[int, int], kind: str, values: Mapping[str, Any], by: User) -> dict[int, Result]:
    if not versions:
        return {}
    statement = sa.update(Lead).where(Lead.id.in_(list(versions))).values({**values, "version": Lead.version + 1})
    db.session.execute(statement, execution_options=AS_IT_IS)
    line = {"at": utcnow(), "by_id": by.id, "kind": kind, "channel": BULK, "changes": []}
    remember([line | {"lead_id": lead_id, "version": version + 1} for lead_id, version in versions.items()])
    for lead in [it for it in db.session if isinstance(it, Lead) and it.id in versions]:
        db.session.expire(lead)
    return {lead_id: Result(CHANGED, version=version + 1) for lead_id, version in versions.items()}


def _moved_since(versions: Mapping[int, int]) -> set[int]:
    moves = sa.select(LeadEvent.lead_id, LeadEvent.version).where(
        LeadEvent.lead_id.in_(list(versions)), LeadEvent.kind.in_((DELETED, RESTORED))
    )
    return {row.lead_id for row in db.session.execute(moves) if row.version > versions[row.lead_id]}
