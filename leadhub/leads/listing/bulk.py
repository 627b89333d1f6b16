"""Changes of many leads as runs: begun, done block by block, stopped, undone.  Commits nothing.

A run remembers what it chose (``BulkItem``), and a block, its counts and the place behind it are written together, so
that a process may die anywhere and the next one goes on exactly there.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts import audit
from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs.services import enqueue
from leadhub.leads import many
from leadhub.leads.listing.models import BulkItem, BulkRun
from leadhub.leads.many import Act, Before
from leadhub.leads.many_written import CHANGED, REFUSED, UNCHANGED, Result
from leadhub.leads.models import Lead
from leadhub.leads.packed import pack, unpack
from leadhub.lists.models import Tag
from leadhub.lists.services import rows_named

AT_ONCE = 200  # more leads than that are the worker's
BLOCK = 500
UNDO_FOR = timedelta(hours=1)
WORK = "leads.bulk"
WAITING, RUNNING, DONE, STOPPED, FAILED = "waiting", "running", "done", "stopped", "failed"
UNDOING, UNDONE, KEPT = "undoing", "undone", "kept"
OPEN = (WAITING, RUNNING)
WORKING = (*OPEN, UNDOING)
OVER = (DONE, STOPPED, FAILED)
AS_IT_IS = {"synchronize_session": False}


class MoreThanTold(RuleBroken):
    """By now more leads match than the person agreed to; nothing was changed.  ``total`` is how many."""

    def __init__(self, total: int) -> None:
        super().__init__(_("More leads match by now. Look at the number, and try again."))
        self.total = total


class NotOpen(RuleBroken):
    """The run is over, so that there is nothing to stop."""


class NotUndoable(RuleBroken):
    """The run changed nothing, was undone already, or is too long ago."""


def begin(which: sa.Select[Any], act: Act, *, by: User, words: str, most: int) -> BulkRun:
    """Change the leads of this select, at once or by the worker.  ``most`` is the number that the person agreed to.

    Raises ``MoreThanTold``.  Tags that are new are made.  ``words`` say what is done.
    """
    if act.act == many.ADD:
        tags = rows_named(Tag, act.value, language=hub().language).values()
        act = Act(act=act.act, value=tuple(dict.fromkeys(tag.key for tag in tags)))
    run = BulkRun(by_id=by.id, act=act.act, field=act.field, value=pack(act.value), words=words, state=WAITING)
    db.session.add(run)
    db.session.flush()  # its items need its id
    run.total = _choose(run, which)
    if run.total > most:
        raise MoreThanTold(run.total)
    audit.record("bulk", user=by, id=run.id, act=act.act, field=act.field or None, leads=run.total)
    db.session.flush()
    _work(run, run.total)
    return run


def stop(run: BulkRun) -> None:
    """What is changed stays so.  Raises ``NotOpen``."""
    if not _step(run.id, OPEN, state=STOPPED, finished_at=utcnow()):
        raise NotOpen(_("This change is over already. Nothing was stopped."))


def may_undo(run: BulkRun) -> bool:
    return run.state in OVER and run.changed > 0 and run.finished_at is not None and run.finished_at > _undo_since()


def undo(run: BulkRun, *, by: User) -> None:
    """Give every changed lead back what it held, at once or by the worker.  Raises ``NotUndoable``."""
    recent = (BulkRun.finished_at > _undo_since()) & (BulkRun.changed > 0)
    if not _step(run.id, OVER, recent, state=UNDOING, position=0):
        raise NotUndoable(_undo_refusal(run))
    audit.record("bulk_undone", user=by, id=run.id, act=run.act, field=run.field or None, leads=run.changed)
    _work(run, run.changed)


def fail(run_id: int) -> None:
    """The worker gave up.  What is changed stays so, and can be undone."""
    if not _step(run_id, OPEN, state=FAILED, finished_at=utcnow()):
        _step(run_id, (UNDOING,), state=FAILED)


def do_block(run: BulkRun) -> bool:
    """Do the next leads, or undo them.  False: nothing is left; or the run was stopped or done by somebody else, and
    the caller rolls back."""
    if run.state == WAITING and not _step(run.id, (WAITING,), state=RUNNING):
        return False
    if run.state not in (RUNNING, UNDOING):
        return False
    undoing = run.state == UNDOING
    items = _next_items(run, CHANGED if undoing else WAITING)
    if not items:
        _finish(run)
        return False
    act = Act(act=run.act, field=run.field, value=unpack(run.value))
    if undoing:
        before = {item.lead_id: Before(item.old, item.version) for item in items}
        results = many.give_back(before, act, by=run.by)
    else:
        results = many.change([item.lead_id for item in items], act, by=run.by)
    _note(run.id, results, undoing=undoing)
    return _advance(run, items[-1].lead_id, results, undoing=undoing)


def _work(run: BulkRun, leads: int) -> None:
    if leads > AT_ONCE:
        enqueue(WORK, {"run_id": run.id})
        return
    while do_block(run):
        pass


def _choose(run: BulkRun, which: sa.Select[Any]) -> int:
    """In the order of their ids, as the items lie.  Returns how many."""
    ids = which.with_only_columns(Lead.id).order_by(Lead.id).subquery()
    columns: dict[str, Any] = {
        "run_id": sa.literal(run.id),
        "lead_id": ids.c.id,
        "state": sa.literal(WAITING),
        "reason": sa.literal(""),
        "version": sa.literal(0),
    }
    chosen = sa.select(*columns.values()).order_by(ids.c.id)
    db.session.execute(sa.insert(BulkItem).from_select(list(columns), chosen, include_defaults=False))
    counted = sa.select(sa.func.count()).select_from(BulkItem).where(BulkItem.run_id == run.id)
    return db.session.scalar(counted) or 0


def _next_items(run: BulkRun, state: str) -> Sequence[Any]:
    wanted = sa.select(BulkItem.lead_id, BulkItem.old, BulkItem.version)
    here = (BulkItem.run_id == run.id) & (BulkItem.lead_id > run.position) & (BulkItem.state == state)
    return db.session.execute(wanted.where(here).order_by(BulkItem.lead_id).limit(BLOCK)).all()


def _note(run_id: int, results: Mapping[int, Result], *, undoing: bool) -> None:
    items: Any = BulkItem.__table__
    statement = sa.update(items).where(items.c.run_id == run_id, items.c.lead_id == sa.bindparam("of"))
    told: dict[str, Any] = {"state": sa.bindparam("new_state"), "reason": sa.bindparam("new_reason")}
    rows: list[dict[str, Any]] = []
    for lead_id, result in sorted(results.items()):
        state = (KEPT if result.state == REFUSED else UNDONE) if undoing else result.state
        rows.append({"of": lead_id, "new_state": state, "new_reason": result.reason})
        if not undoing:
            rows[-1] |= {"new_old": result.old, "new_version": result.version}
    if not undoing:
        told |= {"old": sa.bindparam("new_old", type_=items.c.old.type), "version": sa.bindparam("new_version")}
    db.session.execute(statement.values(told), rows)


def _advance(run: BulkRun, position: int, results: Mapping[int, Result], *, undoing: bool) -> bool:
    states = [result.state for result in results.values()]
    refused = states.count(REFUSED)
    if undoing:
        counted: dict[str, Any] = {"undone": BulkRun.undone + len(states) - refused, "kept": BulkRun.kept + refused}
    else:
        by_state = ((CHANGED, BulkRun.changed), (UNCHANGED, BulkRun.unchanged), (REFUSED, BulkRun.refused))
        counted = {state: column + states.count(state) for state, column in by_state}
    here = BulkRun.position == run.position
    if _step(run.id, (run.state,), here, position=position, **counted):
        return True
    db.session.rollback()  # somebody stopped it, or did the same block
    return False


def _finish(run: BulkRun) -> None:
    """Leads that were deleted for good meanwhile took their items along: they count as refused, or kept."""
    if run.state == UNDOING:
        _step(run.id, (UNDOING,), state=UNDONE, kept=BulkRun.changed - BulkRun.undone)
    else:
        refused = BulkRun.total - BulkRun.changed - BulkRun.unchanged
        _step(run.id, (RUNNING,), state=DONE, finished_at=utcnow(), refused=refused)


def _undo_since() -> Any:
    return utcnow() - UNDO_FOR


def _undo_refusal(run: BulkRun) -> str:
    if run.state in (UNDOING, UNDONE):
        return _("This change was undone already.")
    if run.state in OPEN:
        return _("This change still goes on. Stop it first.")
    if not run.changed:
        return _("Nothing was changed, so there is nothing to undo.")
    return _("This change is more than an hour old, so it can no longer be undone.")


def _step(run_id: int, states: Sequence[str], *further: sa.ColumnElement[bool], **values: Any) -> bool:
    """One conditional update, so that of two people or two workers only one takes the step."""
    statement = sa.update(BulkRun).where(BulkRun.id == run_id, BulkRun.state.in_(states), *further).values(values)
    done = db.session.execute(statement, execution_options=AS_IT_IS)
    for run in [each for each in db.session if isinstance(each, BulkRun) and each.id == run_id]:
        db.session.expire(run)
    return bool(done.rowcount)  # type: ignore[attr-defined]
