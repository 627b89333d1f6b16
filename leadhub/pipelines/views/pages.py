"""Settings > Pipelines: the two pages, the list of pipelines and the stages of one, with all that may be open there."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from leadhub.accounts.access import not_there
from leadhub.accounts.queries import teams
from leadhub.extensions import db
from leadhub.pipelines import deletion
from leadhub.pipelines.forms import NewPipelineForm, PipelineForm, stage_form
from leadhub.pipelines.models import LEAD, Pipeline, Stage
from leadhub.pipelines.queries import pipelines, stages, stages_of
from leadhub.referrers.registry import use_counts
from leadhub.statuses.queries import statuses
from leadhub.web import respond


def list_page(status: int = 200, *, founding: Any = None):
    """All pipelines; with one alone, its stages.  ``founding``: the form of a new one, with what was typed."""
    rows = pipelines()
    if len(rows) == 1:
        return stages_page(rows[0], status, founding=founding)
    of, teams_there = stages(), teams()  # held, so that the teams of the rows are read once
    counts = deletion.lead_counts([it.id for it in of])
    page = "pipelines/index.html"
    return respond(
        page,
        partial=page,
        status=status,
        rows=rows,
        ends=[rows[0], rows[-1]] if rows else [],
        stages={row.id: [it for it in of if it.pipeline_id == row.id] for row in rows},
        leads={row.id: sum(counts.get(it.id, 0) for it in of if it.pipeline_id == row.id) for row in rows},
        teams=teams_there,
        founding=founding or NewPipelineForm.over(rows, teams_there),
        is_founding=founding is not None,
    )


def stages_page(
    pipeline: Pipeline, status: int = 200, *, row: Any = None, form: Any = None, adding: Any = None,
    editing: Any = None, founding: Any = None,
):  # fmt: skip
    """The stages of one.  ``row``: the one whose drawer is open, with its form; ``adding``, ``editing`` and
    ``founding`` are forms of a new stage, of the pipeline itself and of a new pipeline, with what was typed."""
    rows, teams_there = stages_of(pipeline), teams()
    return respond(
        "pipelines/show.html",
        partial="pipelines/_stage.html" if row else "pipelines/show.html",
        status=status,
        pipeline=pipeline,
        rows=rows,
        ends=[rows[0], rows[-1]] if rows else [],
        leads=counts_of(rows),
        deletions=deletion.open_deletions(pipeline),
        teams=teams_there,
        row=row,
        opened=row,
        form=form,
        adding=adding or stage_form(pipeline).new(pipeline, statuses()),
        is_adding=adding is not None,
        editing=editing or PipelineForm.of(pipeline, teams_there),
        is_editing=editing is not None,
        founding=founding or NewPipelineForm.over(pipelines(), teams_there),
        is_founding=founding is not None,
    )


def page_of(pipeline: Pipeline, anchor: str | None = None) -> str:
    """The address of its stages."""
    if pipeline.is_named or pipeline.subject != LEAD:
        return url_for("pipelines.show", id=pipeline.id, _anchor=anchor)
    return url_for("pipelines.index", _anchor=anchor)


def counts_of(rows: Sequence[Stage]) -> Mapping[int, int]:
    """Stage -> how many leads, or whatever else goes through it, are there."""
    ids = [it.id for it in rows]
    is_of_leads = not rows or rows[0].pipeline.subject == LEAD
    return deletion.lead_counts(ids) if is_of_leads else use_counts(deletion.GUARD.table, ids)


def pipeline_of(pipeline_id: int, *, locked: bool = False) -> Pipeline:
    """``locked``: nobody else changes or deletes it before the transaction ends."""
    held: Any = {"key_share": True} if locked else None
    return db.session.get(Pipeline, pipeline_id, with_for_update=held) or not_there("pipeline", pipeline_id)


def lead_pipeline_of(pipeline_id: int, *, locked: bool = False) -> Pipeline:
    """One that leads go through; of the others nothing but the stages is anybody's to decide."""
    row = pipeline_of(pipeline_id, locked=locked)
    return row if row.subject == LEAD else not_there("pipeline", pipeline_id)


def stage_of(stage_id: int, *, locked: bool = False) -> Stage:
    held: Any = {"of": Stage, "key_share": True} if locked else None  # not its pipeline, which is read along
    return db.session.get(Stage, stage_id, with_for_update=held) or not_there("stage", stage_id)
