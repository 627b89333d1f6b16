"""The form of one field of a lead, where it stands on its page."""

from collections.abc import Collection
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_security import current_user
from wtforms import Field as Input

from leadhub.fields.catalogue import Field
from leadhub.leads.checks import FieldRefused
from leadhub.leads.forms import EditForm, changeable
from leadhub.leads.models import Lead
from leadhub.leads.stages.transitions import STAGE, StageRefused
from leadhub.leads.statuses.choices import REASON, STATUS
from leadhub.statuses.queries import statuses
from leadhub.web import label

BESIDE = "beside"  # names of fields that the form has been given when it was refused


class FieldForm(EditForm):
    """One field of a lead."""

    @classmethod
    def for_field(cls, lead: Lead, field: Field, asked: Collection[str] = ()) -> Any:
        """A status comes with the reason that some statuses ask for; a stage with the fields that were ``asked`` for
        when it was refused, which the form says again when it is sent."""
        wanted = {STATUS: [REASON], STAGE: [*asked, *request.form.getlist(BESIDE)]}.get(field.name, [])
        form = cls.over(lead, [field, *(it for it in changeable(current_user) if it.name in wanted)])
        for control in form.beside if field.name == STATUS else ():
            asking = ", ".join(label(row) for row in statuses() if row.needs_reason)
            control.description = _("Needed for: %(names)s", names=asking) if asking else ""
        return form

    @property
    def field(self) -> Input:
        return self[next(iter(self.known))]

    @property
    def beside(self) -> list[Input]:
        return self.inputs()[1:]

    def asking(self, error: FieldRefused) -> Any:
        """The same with what the refusal says is missing, to be filled in right there."""
        missing = error.missing if isinstance(error, StageRefused) else ()
        return type(self).for_field(self.lead, self.known[self.field.short_name], missing) if missing else self

    def refuse(self, error: FieldRefused) -> None:
        control = self[error.field] if error.field in self.known else self.field
        control.errors = [str(error)]

    def meet(self, lead: Lead, stale: Collection[str], words: str = "") -> None:
        """Sent again, it goes before what somebody else has stored."""
        self.version.data, self.told = str(lead.version), words
        self.conflicts = dict.fromkeys(stale, "")
