"""Forms about pipelines and stages, and about their deletion."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput

from leadhub.accounts.models import Team
from leadhub.forms import Form, IntegerField, choices
from leadhub.lists import guard_forms
from leadhub.lists.drafts import RowDraft
from leadhub.lists.forms import RowForm, shown_of, trimmed
from leadhub.lists.guard_forms import SAME, chosen_id
from leadhub.names import Names
from leadhub.pipelines.models import DAYS_MAX, GUIDANCE_MAX, LEAD, LOST, OPEN, Pipeline, Stage
from leadhub.pipelines.offers import askable_fields
from leadhub.pipelines.queries import counterpart_of
from leadhub.pipelines.ready import PLAIN, READY, SALES, Ready
from leadhub.pipelines.words import KIND_LABELS
from leadhub.statuses.models import COLOURS, Status
from leadhub.statuses.words import COLOUR_LABELS
from leadhub.web import label


def _id(value: Any) -> int | None:
    return int(value) if value else None


class _TeamForm(RowForm):
    """Whose a pipeline is; its names may be left as they are."""

    team_id = SelectField(
        _l("Team"), coerce=_id, default="",
        description=_l("Only its people, managers and admins bring leads here. Everybody sees them as before."),
    )  # fmt: skip

    def offer(self, teams: Sequence[Team]) -> Self:
        pairs = [(str(team.id), team.name) for team in teams]
        self.team_id.choices = choices([("", _l("Everybody’s")), *pairs])
        return self


class PipelineForm(_TeamForm):
    """Everything that an admin decides about one pipeline."""

    EXTRAS = ("team_id", "is_default", "is_joined")

    is_default = BooleanField(
        _l("New leads begin here"), description=_l("In the first stage. Without this, new leads are in no stage.")
    )
    is_joined = BooleanField(
        _l("Statuses follow the won and lost stages, and the other way round"),
        description=_l("A lead that is won asks since when it is a customer, one that is lost asks for the reason."),
    )

    @classmethod
    def of(cls, row: Pipeline, teams: Sequence[Team], *, sent: bool = False) -> Self:
        form = cls() if sent else cls(formdata=None, data=shown_of(row, cls.EXTRAS))
        return form.offer(teams).with_ids(f"pipeline-{row.id}")

    def draft_for(self, row: Pipeline) -> RowDraft:
        """What the page does not ask for it does not change."""
        draft = self.to_draft()
        team_id = self.team_id.data if self.team_id.raw_data else row.team_id
        return RowDraft(
            names=draft.names if self._asks_names() else row.names, extras={**draft.extras, "team_id": team_id}
        )

    def refuse(self, field: str, message: str) -> None:
        """Where no names are shown, what is wrong with all of it is told at the first tick."""
        super().refuse(field if self._asks_names() else "is_default", message)

    def _asks_names(self) -> bool:
        return bool(self.name_en.raw_data or self.name_fr.raw_data)


class NewPipelineForm(_TeamForm):
    """One that is ready, or one of the team's own; names that are left empty are those of the ready one."""

    EXTRAS = ("team_id",)

    ready = RadioField(_l("What is it for?"))

    @classmethod
    def over(cls, known: Sequence[Pipeline], teams: Sequence[Team], *, sent: bool = False) -> Self:
        form = cls() if sent else cls(formdata=None)
        keys = {row.key for row in known}
        form.models = [ready for ready in READY.values() if ready is not SALES or ready.key not in keys]
        pairs = [(ready.key, Names(ready.names)) for ready in form.models]
        form.ready.choices = choices([*pairs, (PLAIN.key, _l("One of our own"))])
        form.ready.data = form.ready.data or form.models[0].key
        return form.offer(teams).with_ids("new-pipeline")

    models: Sequence[Ready] = ()

    def stages_of(self, key: str) -> str:
        """What such a pipeline begins with, in words."""
        model = READY.get(key, PLAIN)
        return ", ".join(str(Names(stage.names)) for stage in model.stages)

    def to_draft(self) -> RowDraft:
        draft, model = super().to_draft(), READY.get(self.ready.data, PLAIN)
        return replace(draft, names={**model.names, **draft.names})


class StageForm(RowForm):
    """Everything that an admin decides about one stage."""

    EXTRAS: tuple[str, ...] = ("kind", "colour", "probability", "days_to_rot", "required", "guidance", "status_id")

    kind = RadioField(_l("What does this stage mean?"), choices=choices(KIND_LABELS.items()), default=OPEN)
    colour = RadioField(
        _l("Colour"), choices=choices((name, COLOUR_LABELS[name]) for name in COLOURS), default=COLOURS[0]
    )
    probability = IntegerField(
        _l("Probability, in percent"),
        [Optional(), NumberRange(0, 100, _l("Give a whole number from 0 to 100."))],
        description=_l("How many of a hundred leads here are won in the end."),
        render_kw={"min": 0, "max": 100},
    )
    days_to_rot = IntegerField(
        _l("Stagnates after … days without contact"),
        [Optional(), NumberRange(1, DAYS_MAX, _l("Give a whole number from 1 to 3650."))],
        description=_l("Leave it empty where nothing is ever late."),
        render_kw={"min": 1, "max": DAYS_MAX},
    )
    status_id = SelectField(_l("Leads that come here get the status"), coerce=_id, default="")
    guidance = TextAreaField(
        _l("What is done before a lead comes here"), [Length(max=GUIDANCE_MAX)], [trimmed], render_kw={"rows": 3}
    )
    required = SelectMultipleField(_l("Fields that must be filled"), option_widget=CheckboxInput())

    @classmethod
    def of(cls, row: Stage, statuses: Sequence[Status], *, sent: bool = False) -> Self:
        """With what the stage has; ``sent``: with what was posted instead."""
        form = cls() if sent else cls(formdata=None, data=shown_of(row, cls.EXTRAS))
        return form._over(row.pipeline, statuses, row).with_ids(f"stage-{row.id}")

    @classmethod
    def new(cls, pipeline: Pipeline, statuses: Sequence[Status], *, sent: bool = False) -> Self:
        form = cls() if sent else cls(formdata=None)
        return form._over(pipeline, statuses).with_ids("new")

    def to_draft(self) -> RowDraft:
        """Only a lost stage gives a status."""
        draft = super().to_draft()
        gives = self.status_id.data if self.kind.data == LOST else None
        return replace(draft, extras={**draft.extras, "status_id": gives})

    def _over(self, pipeline: Pipeline, statuses: Sequence[Status], row: Stage | None = None) -> Self:
        offered = [it for it in statuses if not it.retired or (row and it.id == row.status_id)]
        pairs = [(str(it.id), label(it)) for it in offered]
        self.status_id.choices = choices([("", _l("None: they keep theirs")), *pairs])
        self.required.choices = choices(askable_fields(row.required if row else ()))
        if not pipeline.is_joined:
            self.status_id.description = _l("Once statuses follow the won and lost stages here.")
        return self


class PlainStageForm(StageForm):
    """A stage that leads don't go through: it asks for no fields of theirs, and gives them no status."""

    EXTRAS = ("kind", "colour", "probability")

    days_to_rot = status_id = guidance = required = None  # type: ignore[assignment]

    def to_draft(self) -> RowDraft:
        return RowForm.to_draft(self)

    def _over(self, pipeline: Pipeline, statuses: Sequence[Status], row: Stage | None = None) -> Self:
        self.probability.description = ""
        return self


def stage_form(pipeline: Pipeline) -> type[StageForm]:
    """The form of its stages."""
    return StageForm if pipeline.subject == LEAD else PlainStageForm


class SuccessorForm(guard_forms.SuccessorForm):
    successor = SelectField(_l("Which stage takes its place?"), default=SAME)


class MappingForm(Form):
    """Where what is in the stages of one pipeline goes: a stage of another one for each that is in use."""

    @classmethod
    def over(cls, mine: Sequence[Stage], used: Mapping[int, int], others: Sequence[Stage]) -> Self:
        pairs = choices([(SAME, _l("Choose…")), *((str(row.id), label(row)) for row in others)])
        fields = {}
        for stage in mine:
            if used.get(stage.id):
                nearest = counterpart_of(stage, mine, others) if others else None
                start = str(nearest.id) if nearest else SAME
                fields[f"stage_{stage.id}"] = SelectField(label(stage), choices=pairs, default=start)
        form: Self = type(cls.__name__, (cls,), fields)()
        return form

    @property
    def is_asking(self) -> bool:
        """Is anything in use?"""
        return bool(self._stages())

    def of_stage(self, stage: Stage) -> Any:
        """Its field; None where nothing is in use."""
        return self._fields.get(f"stage_{stage.id}")

    def chosen(self) -> dict[int, int]:
        told = {int(name.removeprefix("stage_")): chosen_id(field.data) for name, field in self._stages()}
        return {stage_id: to for stage_id, to in told.items() if to}

    def refuse(self, stage_id: str, message: str) -> bool:
        """Tell it where it was chosen; False where nothing was asked."""
        field = dict(self._stages()).get(f"stage_{stage_id}")
        if field is not None:
            field.errors = [*field.errors, message]
        return field is not None

    def _stages(self) -> list[tuple[str, Any]]:
        return [(name, field) for name, field in self._fields.items() if name.startswith("stage_")]
