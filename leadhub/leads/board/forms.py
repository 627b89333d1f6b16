"""What the board asks for: a place for a card and what its stage wants; a new lead in a few fields."""

from dataclasses import replace
from typing import Any

from flask_security import current_user
from wtforms import HiddenField
from wtforms.validators import Optional, Regexp

from leadhub.database import ID_MAX
from leadhub.fields.queries import catalogue
from leadhub.leads.checks import FieldRefused
from leadhub.leads.field_forms import FieldForm
from leadhub.leads.forms import NewLeadForm, changeable
from leadhub.leads.models import Lead
from leadhub.leads.stages.transitions import STAGE, STATUS, wanted_by
from leadhub.pipelines.models import Stage
from leadhub.plugins.api.leads import LeadDraft

QUICK = ("first_name", "last_name", "organisation", "email", "phone", "expected_value")


class MoveForm(FieldForm):
    """The stage of a lead, its place there, and whatever the stage has asked for."""

    after = HiddenField(validators=[Optional(), Regexp(r"^\d{1,10}$")])

    @classmethod
    def moving(cls, lead: Lead) -> Any:
        return cls.for_field(lead, catalogue()[STAGE])

    def refused(self, error: FieldRefused) -> Any:
        """The form again, with the reason and what is missing."""
        form = self.asking(error)
        form.refuse(error)
        return form

    @property
    def after_id(self) -> int | None:
        """Id of the card above, 0 for none; None where nobody has chosen a place."""
        return min(int(self.after.data), ID_MAX) if self.after.data else None


class QuickForm(NewLeadForm):
    """A lead that is added to a stage: how to call and to reach it, and what is required."""

    stage: Stage

    @classmethod
    def into(cls, stage: Stage) -> "QuickForm":
        wanted = {*QUICK, *wanted_by(stage)} - {STATUS, STAGE}
        fields = [field for field in changeable(current_user) if field.name in wanted or field.required]
        form: QuickForm = cls.with_fields(fields)
        form.stage = stage
        return form

    def to_draft(self) -> LeadDraft:
        usual = {"owner": current_user.email, "type": "prospect"}  # what the whole form proposes
        given = {name: word for name, word in usual.items() if name not in self.known}
        return replace(super().to_draft(), stage=self.stage.key, **given)
