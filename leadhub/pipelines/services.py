"""Shapes pipelines and stages; ``deletion`` takes them away.  Commits nothing."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from leadhub.accounts.models import Team, User
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.lists import services as lists
from leadhub.lists.drafts import RowDraft
from leadhub.lists.kinds import Kind
from leadhub.lists.services import ListFieldRefused
from leadhub.pipelines.models import KINDS, LEAD, LOST, OPEN, Pipeline, Stage
from leadhub.pipelines.queries import default_pipeline, pipelines, stages_of
from leadhub.pipelines.ready import PLAIN, READY, Ready
from leadhub.referrers.registry import uses_of
from leadhub.statuses.models import COLOURS, Status
from leadhub.statuses.queries import statuses

PIPELINES_MAX, STAGES_MAX = 50, 30
CLOSED = "closed"  # the status that a ready-made lost stage gives, where that is there


def list_of(subject: str) -> Kind:
    """The pipelines through which one kind of thing goes."""
    return Kind(
        slug="pipelines", model=Pipeline, plural=_l("Pipelines"), single=_l("Pipeline"), within={"subject": subject},
        purpose=_l("The ways that a conversation goes, with the stages of each."),
    )  # fmt: skip


LIST = list_of(LEAD)


def stage_list(stage: Stage | None) -> Kind:
    """The stages of one pipeline, as a list; None: of all."""
    return stages_in(stage.pipeline_id) if stage else _stages({})


def stages_in(pipeline_id: int) -> Kind:
    return _stages({"pipeline_id": pipeline_id})


def _stages(within: Mapping[str, int]) -> Kind:
    return Kind(
        slug="stages", model=Stage, plural=_l("Stages"), single=_l("Stage"), within=within,
        purpose=_l("Where the conversation with a lead stands."),
    )  # fmt: skip


def add_pipeline(draft: RowDraft, *, ready: str = "", by: User) -> Pipeline:
    """One more, with the stages of one that is ready, or with three of its own.  Raises ``ListFieldRefused``."""
    lists.one_at_a_time()
    if len(pipelines()) >= PIPELINES_MAX:
        raise RuleBroken(_("At most %(max)d pipelines.", max=PIPELINES_MAX))
    model = READY.get(ready)
    extras = {"is_joined": model.is_joined if model else False, **draft.extras}
    _hold_team(extras.get("team_id"))
    row = _add(LEAD, RowDraft(names=draft.names, extras=extras), model or PLAIN, by=by)
    name_pipelines()
    return row


def give_stages(subject: str, model: Ready, *, by: User) -> Pipeline:
    """Things of this kind go through stages of their own: those that they had before, else those of the model."""
    lists.one_at_a_time()
    row = next(iter(pipelines(subject)), None)
    if row is None:
        extras = {"is_default": True, "is_joined": False}
        return _add(subject, RowDraft(names=dict(model.names), extras=extras), model, by=by)
    lists.unretire(list_of(subject), row, by=by)
    return row


def hide_stages(subject: str, *, by: User) -> None:
    """They go through none for now; nothing is lost."""
    if row := default_pipeline(subject):
        lists.retire(list_of(subject), row, by=by)


def _add(subject: str, draft: RowDraft, model: Ready, *, by: User) -> Pipeline:
    row: Pipeline = lists.add_row(list_of(subject), draft, by=by)
    for place, stage in enumerate(_first_stages(model)):
        db.session.add(Stage(pipeline_id=row.id, position=place, **stage))
    db.session.flush()  # whoever names the pipeline next finds its stages
    return row


def change_pipeline(row: Pipeline, draft: RowDraft, *, by: User) -> None:
    """Names, team, flags.  Raises ``ListFieldRefused``; nothing is changed then.

    ``is_default`` is taken over from the one that had it; without any, new leads are in no pipeline.
    """
    if draft.extras.get("is_default") and row.retired:
        raise ListFieldRefused("is_default", _("What is retired can’t be the default."))
    _hold_team(draft.extras.get("team_id"))
    lists.change_row(LIST, row, draft, by=by)
    if row.is_default:
        others = sa.update(Pipeline).where(Pipeline.subject == row.subject, Pipeline.id != row.id)
        db.session.execute(others.values(is_default=False))


def retire_pipeline(row: Pipeline, *, by: User) -> None:
    """Offered no longer; leads stay where they are.  Raises ``RuleBroken`` for the default."""
    if row.is_default:
        raise RuleBroken(_("The default can’t be retired. Choose another default first."))
    lists.retire(LIST, row, by=by)


def name_pipelines() -> None:
    """Their names are shown as soon as there are two of leads; opportunities have one."""
    rows = pipelines()
    for row in rows:
        row.is_named = len(rows) > 1


def add_stage(pipeline: Pipeline, draft: RowDraft, *, by: User) -> Stage:
    """One more, at the end of those that are open.  Raises ``ListFieldRefused``; nothing is stored then."""
    _check(draft.extras)
    lists.one_at_a_time()
    mine = stages_of(pipeline)
    if len(mine) >= STAGES_MAX:
        raise RuleBroken(_("At most %(max)d stages.", max=STAGES_MAX))
    row: Stage = lists.add_row(stages_in(pipeline.id), draft, by=by)
    if row.kind == OPEN:
        last = max((place for place, it in enumerate(mine) if it.kind == OPEN), default=-1)
        order = [it.id for it in mine]
        lists.reorder(stages_in(pipeline.id), [*order[: last + 1], row.id, *order[last + 1 :]])
    return row


def change_stage(row: Stage, draft: RowDraft, *, by: User) -> None:
    """Raises ``ListFieldRefused``; nothing is changed then.  A pipeline keeps one stage of kind open."""
    _check(draft.extras)
    if row.kind == OPEN != draft.extras["kind"] and is_last_open(row):
        raise ListFieldRefused("kind", _("This is the last open stage: there is always one."))
    if row.kind != draft.extras["kind"] and row.pipeline.subject != LEAD and uses_of("stages", row.id):
        raise ListFieldRefused("kind", _("Opportunities are in this stage, so its meaning stays."))
    lists.change_row(stages_in(row.pipeline_id), row, draft, by=by)


def retire_stage(row: Stage, *, by: User) -> None:
    """Entered no longer; leads stay.  Raises ``RuleBroken`` for the last open one."""
    if is_last_open(row):
        raise RuleBroken(_("This is the last open stage: there is always one."))
    lists.retire(stages_in(row.pipeline_id), row, by=by)


def is_last_open(row: Stage) -> bool:
    """Is it the only one left of its pipeline that is open?"""
    others = [it for it in stages_of(row.pipeline) if it is not row and it.kind == OPEN and not it.retired]
    return row.kind == OPEN and not others


def _check(extras: Mapping[str, Any]) -> None:
    if extras["kind"] not in KINDS:
        raise ListFieldRefused("kind", _("Choose one from the list."))
    if extras["colour"] not in COLOURS:
        raise ListFieldRefused("colour", _("Choose one from the list."))
    status_id = extras.get("status_id")
    if status_id is not None and not lists.kept(Status, [status_id]) & {it.id for it in statuses()}:
        raise ListFieldRefused("status_id", _("This choice is no longer there."))


def _hold_team(team_id: int | None) -> None:
    wanted = sa.select(Team.id).where(Team.id == team_id).with_for_update(read=True)
    if team_id is not None and db.session.scalar(wanted) is None:
        raise ListFieldRefused("team_id", _("This team is no longer there."))


def _first_stages(model: Ready) -> list[dict[str, Any]]:
    closed = next((row.id for row in statuses() if row.key == CLOSED), None)
    kind = _stages({})
    rows = []
    for stage in model.stages:
        key = lists.free_key(kind, f"{model.key}.{stage.key}")
        status_id = closed if stage.kind == LOST and model.is_joined else None
        rows.append(
            {"key": key, "names": dict(stage.names), "colour": stage.colour, "kind": stage.kind,
             "probability": stage.probability, "days_to_rot": stage.days_to_rot, "status_id": status_id}
        )  # fmt: skip
    return rows
