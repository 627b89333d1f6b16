"""The guard of stages and of pipelines.  ``lists.guard`` moves what names a stage; a pipeline goes stage by stage."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from leadhub.accounts.models import User
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.lists import guard
from leadhub.lists import services as lists
from leadhub.lists.guard import Guard, SuccessorNeeded, Successors, TooManyLeads
from leadhub.pipelines.models import LEAD, Pipeline, Stage, StageDeletion
from leadhub.pipelines.queries import stages, stages_of, stages_outside
from leadhub.pipelines.services import LIST, is_last_open, name_pipelines, stage_list
from leadhub.referrers.registry import Use, referrers_of, use_counts
from leadhub.statuses.queries import held_statuses, successor_of

LEADS = "leads.stage"  # the referrer that is as large as the hub
BINDING = "stages.own"  # no referrer: nothing of a stage names another one


class LastStage(RuleBroken):
    """A pipeline can't do without it."""


def needs_successor(row: Stage, uses: Sequence[Use]) -> bool:
    return bool(uses)


def delete_stage(row_id: int, successor_id: int | None, *, by: User, but: Successors | None = None) -> StageDeletion:
    """As ``Guard.delete``; raises ``LastStage`` too."""
    lists.one_at_a_time()
    row = db.session.get(Stage, row_id)
    if row and is_last_open(row):
        raise LastStage(_("This is the last open stage: there is always one."))
    gone: StageDeletion = GUARD.delete(row_id, successor_id, by=by, but=but)
    return gone


def undo_deletion(deletion: StageDeletion, *, by: User) -> Stage:
    """As ``Guard.undo``; raises ``RuleBroken`` where its pipeline is gone."""
    if db.session.get(Pipeline, deletion.row["pipeline_id"]) is None:
        raise RuleBroken(_("Its pipeline is no longer there."))
    row: Stage = GUARD.undo(deletion, by=by)
    return row


def open_deletions(pipeline: Pipeline) -> list[StageDeletion]:
    """Of its stages, those that can still be undone, newest first."""
    return [gone for gone in GUARD.open_records() if gone.row["pipeline_id"] == pipeline.id]


def lead_counts(stage_ids: Collection[int]) -> Mapping[int, int]:
    """Stage -> how many leads are there, those in the bin too; stages without any are left out."""
    leads = next((it for it in referrers_of(GUARD.table) if it.key == LEADS), None)
    return leads.counts(stage_ids) if leads and leads.counts else {}


def why_kept(row: Pipeline) -> str:
    """In words, why the pipeline can't be deleted; empty where it can."""
    if row.is_default:
        return _("The default can’t be deleted. Choose another default first.")
    return "" if row.is_named else _("There is always one pipeline.")


def delete_pipeline(row: Pipeline, mapping: Mapping[int, int], *, by: User) -> int:
    """Delete it, what names its stages going to stages of others: stage -> successor.  Returns how many leads that
    were.

    Raises ``SuccessorNeeded`` (with the stage's id) where a stage in use has none, ``TooManyLeads``, ``RuleBroken`` for
    the default and for the only one; nothing is changed then.  There is no undo: the stages are named in the history of
    every lead.
    """
    lists.one_at_a_time()
    if reason := why_kept(row):
        raise RuleBroken(reason)
    ids = [stage.id for stage in stages_of(row)]
    _check_mapping(row, ids, mapping)
    with db.session.begin_nested():  # all of it or nothing
        moved = sum(GUARD.delete(it, mapping.get(it), by=by).moved.get(LEADS, 0) for it in ids)
        lists.note(LIST, by, old=row.label(hub().language), moved=moved or None)
        db.session.expire(row)
        db.session.delete(row)
        db.session.flush()  # the database's own guard has the last word
    name_pipelines()
    return moved


def _check_mapping(row: Pipeline, ids: Sequence[int], mapping: Mapping[int, int]) -> None:
    used, there = use_counts(GUARD.table, ids), {it.id for it in stages_outside(row)}
    for stage_id in ids:
        if used[stage_id] and mapping.get(stage_id) not in there:
            raise SuccessorNeeded(str(GUARD.wanted), str(stage_id))
    if sum(lead_counts(ids).values()) > guard.LEADS_MAX:
        raise TooManyLeads(too_many_of_pipeline(guard.LEADS_MAX))


def kept_words(count: int) -> str:
    """What an undo says of leads that went on."""
    return str(
        ngettext(
            "%(num)d lead has got into another stage since, and stays there.",
            "%(num)d leads have got into another stage since, and stay there.",
            count,
        )
    )


def others_of(row: Stage) -> list[Stage]:
    """Who may take its place: those of its own pipeline first; for opportunities, which are open, won or lost
    themselves, those of its kind alone."""
    subject = row.pipeline.subject
    found = [it for it in stages(subject) if it.id != row.id and not it.retired and not it.pipeline.retired]
    if subject != LEAD:
        found = [it for it in found if it.kind == row.kind]
    return sorted(found, key=lambda it: it.pipeline_id != row.pipeline_id)


def _too_many(most: int) -> str:
    return _("More than %(max)s leads are in this stage. Move them to another one in steps first.", max=f"{most:,}")


def too_many_of_pipeline(most: int) -> str:
    return _("More than %(max)s leads are in this pipeline. Move them to another one in steps first.", max=f"{most:,}")


def _reset(row: Stage) -> None:
    """The status that it gave may be gone by now: then it gives what stands in its place."""
    if row.status_id is not None:
        status = successor_of(row.status_id, held_statuses())
        row.status_id = status.id if status else None


def _tell(deletion: Any, successor: Any, leads: int, is_undo: bool) -> None:
    """Plugins hear of it with each lead."""


GUARD = Guard(
    kind=stage_list, record=StageDeletion, leads=LEADS, own=BINDING, others=others_of,
    columns=(
        "key", "names", "position", "retired", "pipeline_id", "kind", "colour", "probability", "days_to_rot",
        "required", "guidance", "status_id",
    ),
    is_needed=needs_successor, wanted=_l("Choose the stage that takes its place."), too_many=_too_many,
    reset=_reset, tell=_tell,
)  # fmt: skip
