"""What a request asks of the board: the leads, the pipeline, how much of each column."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.exceptions import NotFound

from leadhub.database import bounded, id_from
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.leads.board import figures, queries
from leadhub.leads.counters.queries import Sum, sums_for
from leadhub.leads.listing.asking import asked_state
from leadhub.leads.listing.state import ListState
from leadhub.pipelines.models import Pipeline, Stage


class NoPipeline(UserError):
    """None is offered to this person."""

    status = 404


@dataclass(frozen=True)
class Board:
    """What a request asks for: the leads, the pipeline, and the stages that are its columns."""

    state: ListState
    pipeline: Pipeline
    stages: list[Stage]
    sums: list[Sum]

    @classmethod
    def asked(cls) -> "Board":
        """Raises ``NoPipeline`` where none is there; one of another team is 404, as one that is none."""
        state = asked_state()
        pipeline = queries.board_named(state.pipeline, current_user)
        if pipeline is None:
            raise NoPipeline(_("There is no pipeline for you yet.")) if not state.pipeline else NotFound()
        sums = sums_for(current_user)
        held = {row.stage_id: row for row in sums if row.stage_id}
        return cls(replace(state, pipeline=pipeline.key), pipeline, queries.stages_on(pipeline, held), sums)

    def columns(self, of: Iterable[Stage] | None = None) -> dict[str, Any]:
        """What their template needs.  Figures of filtered leads are a second piece, since they are counted."""
        wanted = self.stages if of is None else list(of)
        with bounded(db.session):
            found = queries.columns_of(current_user, self.state, wanted, _deep())
            told = {} if self.state.is_narrowed else figures.counted(current_user, wanted, self.sums)
        return {"state": self.state, "columns": found, "figures": told, "pipeline": self.pipeline}


def _deep() -> dict[int, int]:
    """Id of a stage -> cards that the page shows of it: ``deep=12:60,14:40``."""
    found = {}
    for pair in request.args.get("deep", "")[:1000].split(","):
        stage_id, _colon, number = pair.partition(":")
        try:
            found[id_from(stage_id)] = id_from(number)
        except ValueError:
            continue
    return found
