"""Reads pipelines and stages.  They are few, so they are read whole.  Nothing here writes."""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.lists.queries import rows_of
from leadhub.pipelines.models import LEAD, OPEN, Pipeline, Stage, StageDeletion

TRIES = 3


def pipelines(subject: str = LEAD) -> list[Pipeline]:
    """In their order, retired ones too."""
    return [row for row in rows_of(Pipeline) if row.subject == subject]


def stages_of(pipeline: Pipeline) -> list[Stage]:
    """In their order, retired ones too."""
    wanted = sa.select(Stage).where(Stage.pipeline_id == pipeline.id)
    return list(db.session.scalars(wanted.order_by(Stage.position, Stage.id)))


def stages(subject: str = LEAD) -> list[Stage]:
    """Of all pipelines, each pipeline's together."""
    wanted = sa.select(Stage).join(Stage.pipeline).where(Pipeline.subject == subject)
    return list(db.session.scalars(wanted.order_by(Pipeline.position, Pipeline.id, Stage.position, Stage.id)))


def may_use(user: User | None, pipeline: Pipeline) -> bool:
    """Nobody: a command of the server's admin, or the hub itself."""
    return user is None or pipeline.team_id is None or pipeline.team_id == user.team_id or user.may(MANAGE_LEADS)


def may_enter(user: User | None, stage: Stage) -> bool:
    """Is the stage still there for what this person brings?"""
    return not (stage.retired or stage.pipeline.retired) and may_use(user, stage.pipeline)


def default_pipeline(subject: str = LEAD) -> Pipeline | None:
    return next((row for row in pipelines(subject) if row.is_default and not row.retired), None)


def first_stage(subject: str = LEAD) -> Stage | None:
    """Where what is new begins; nobody deletes it before this transaction ends.  None: in no pipeline.

    Whoever finds it being deleted waits, and gets the one that took its place.
    """
    held = (
        sa.select(Stage).join(Stage.pipeline)
        .where(Pipeline.subject == subject, Pipeline.is_default, ~Pipeline.retired, Stage.kind == OPEN, ~Stage.retired)
        .order_by(Stage.position, Stage.id).limit(1)
        .with_for_update(read=True, key_share=True, of=Stage).execution_options(populate_existing=True)
    )  # fmt: skip
    for _try in range(TRIES):
        if row := db.session.scalar(held):
            return row
        if default_pipeline(subject) is None:
            return None
    return None


def held_stages() -> dict[int, Stage]:
    """Id -> stage, all of them; nobody deletes or changes one before this transaction ends."""
    wanted = sa.select(Stage).order_by(Stage.id).with_for_update(read=True, key_share=True, of=Stage)
    rows = db.session.scalars(wanted.execution_options(populate_existing=True)).all()
    return {row.id: row for row in rows}


def stages_named(words: Iterable[str], subject: str = LEAD) -> dict[str, Stage]:
    """Word -> the stage whose key or name it is, that of the default pipeline first.  Unknown words are left out."""
    rows = [row for row in stages(subject) if not row.retired and not row.pipeline.retired]
    rows.sort(key=lambda row: not row.pipeline.is_default)  # the order stays among equals
    known: dict[str, Stage] = {row.key: row for row in rows}
    for row in rows:
        for language, name in row.names.items():
            known.setdefault(fold(name), row)
            known.setdefault(fold(f"{row.pipeline.label(language)} {name}"), row)
    found = {word: known.get(word) or known.get(fold(word)) for word in words if word}
    return {word: row for word, row in found.items() if row}


def stages_outside(pipeline: Pipeline) -> list[Stage]:
    """Of other pipelines, those that can be entered: the default pipeline's first."""
    found = [row for row in stages(pipeline.subject) if row.pipeline_id != pipeline.id and not row.retired]
    return sorted((row for row in found if not row.pipeline.retired), key=lambda row: not row.pipeline.is_default)


def counterpart_of(stage: Stage, mine: Sequence[Stage], others: Sequence[Stage]) -> Stage | None:
    """What comes nearest to it among ``others``: in the first pipeline there, of its kind, as far along as it is in
    ``mine``."""
    alike = [row for row in others if row.pipeline_id == others[0].pipeline_id and row.kind == stage.kind]
    place = [row.id for row in mine if row.kind == stage.kind].index(stage.id)
    return alike[min(place, len(alike) - 1)] if alike else None


def stage_of_kind(pipeline_id: int, kind: str, known: Mapping[int, Stage]) -> Stage | None:
    """The first one of that kind that is not retired."""
    mine = [row for row in known.values() if row.pipeline_id == pipeline_id and row.kind == kind and not row.retired]
    return min(mine, key=lambda row: (row.position, row.id), default=None)


def names_with_pipeline(stage: Stage | None) -> dict[str, str]:
    """By language, as histories keep them."""
    if stage is None:
        return {}
    languages: Sequence[str] = [*stage.names]
    return {language: stage.label(language) for language in languages}


def deletion_of(deletion_id: int, *, locked: bool = False) -> StageDeletion | None:
    wanted = sa.select(StageDeletion).where(StageDeletion.id == deletion_id).options(joinedload(StageDeletion.by))
    return db.session.scalar(wanted.with_for_update(of=StageDeletion) if locked else wanted)
