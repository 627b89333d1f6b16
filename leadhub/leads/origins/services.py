"""Gives leads that have no source one, as changes of many leads: with their history, their rules and their undo.
Commits nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.extensions import db
from leadhub.fields.queries import catalogue
from leadhub.hub.queries import hub
from leadhub.leads.listing import bulk
from leadhub.leads.listing.models import BulkItem, BulkRun
from leadhub.leads.many import SET, Act
from leadhub.leads.models import Lead
from leadhub.lists.models import Source
from leadhub.lists.services import rows_chosen

FIELD = "source"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the leads.  ``runs``: a change for each source, of those that changed any.

    ``has_one``: somebody gave it a source meanwhile; ``gone``: it is not there any more, or not for this person;
    ``withdrawn``: its source is not offered any more.
    """

    runs: Sequence[BulkRun] = ()
    has_one: int = 0
    gone: int = 0
    withdrawn: int = 0

    @property
    def changed(self) -> int:
        return sum(run.changed for run in self.runs)

    @property
    def refused(self) -> int:
        return sum(run.refused for run in self.runs)


def apply(wanted: Mapping[int, str], *, by: User) -> Applied:
    """Give each lead the source with this key; one that has got one meanwhile keeps that.

    At most ``bulk.AT_ONCE`` leads: it is done when this returns.
    """
    rows = {key: row for key, row in rows_chosen(Source, set(wanted.values())).items() if not row.retired}
    ids = [lead_id for lead_id, key in wanted.items() if key in rows][: bulk.AT_ONCE]
    seen = visible(by, Lead).where(Lead.id.in_(ids)).with_only_columns(Lead.id)
    locked = seen.where(Lead.source_id.is_(None)).order_by(Lead.id).with_for_update(key_share=True, of=Lead)
    free = set(db.session.scalars(locked))
    there = len(db.session.scalars(seen).all())
    runs = []
    for row in sorted(rows.values(), key=lambda row: row.id):
        if mine := [lead_id for lead_id in ids if lead_id in free and rows[wanted[lead_id]] is row]:
            runs.append(_begun(mine, row, by))
    withdrawn = sum(key not in rows for key in wanted.values())
    return Applied(runs, has_one=there - len(free), gone=len(ids) - there, withdrawn=withdrawn)


def undo(runs: Sequence[BulkRun], *, by: User) -> None:
    """All of them or none.  Raises what ``bulk.undo`` raises."""
    ids = sa.select(BulkItem.lead_id).where(BulkItem.run_id.in_([run.id for run in runs]))
    held = sa.select(Lead.id).where(Lead.id.in_(ids)).order_by(Lead.id).with_for_update(key_share=True)
    db.session.execute(held)  # in the order of every other door, whichever change they are of
    for run in sorted(runs, key=lambda run: run.id):
        bulk.undo(run, by=by)


def _begun(ids: Sequence[int], row: Source, by: User) -> BulkRun:
    count = len(ids)
    told = {"field": str(catalogue()[FIELD].label), "value": row.label(by.language or hub().language)}
    words = ngettext(
        "%(field)s becomes “%(value)s” on %(count)s lead.", "%(field)s becomes “%(value)s” on %(count)s leads.",
        count, count=format_decimal(count), **told,
    )  # fmt: skip
    which = sa.select(Lead).where(Lead.id.in_(ids))
    return bulk.begin(which, Act(act=SET, field=FIELD, value=row.key), by=by, words=words, most=count)
