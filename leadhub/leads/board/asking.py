"""What a request asks of the board: the leads, the pipeline, how much of each column."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, request
from flask_security import current_user

from leadhub.database import bounded, id_from
from leadhub.extensions import db
from leadhub.leads.board import figures, queries
from leadhub.leads.counters.queries import Sum, sums_for
from leadhub.leads.listing.asking import asked_state
from leadhub.leads.listing.state import ListState
from leadhub.pipelines.models import Pipeline, Stage


@dataclass(frozen=True)
class Board:
    """What a request asks for: the leads, the pipeline, and the stages that are its columns."""

    state: ListState
    pipeline: Pipeline
    stages: list[Stage]
    sums: list[Sum]

    @classmethod
    def asked(cls) -> "Board":
        """404 for a pipeline that is none, and alike for one of another team."""
        state = asked_state()
        pipeline = queries.board_named(state.pipeline, current_user) or abort(404)
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
