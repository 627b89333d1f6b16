"""Forms about statuses, their rules, their actions and their deletion."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField

from leadhub.forms import Form, choices
from leadhub.lists import guard_forms
from leadhub.lists.forms import RowForm, shown_of
from leadhub.lists.guard_forms import NONE, SAME, chosen_id, field_of
from leadhub.statuses.models import COLOURS, Status
from leadhub.statuses.queries import Bound
from leadhub.statuses.rules import OPEN
from leadhub.statuses.words import COLOUR_LABELS, KIND_LABELS
from leadhub.web import label


class StatusForm(RowForm):
    """Everything that an admin decides about one status."""

    EXTRAS = ("kind", "colour", "is_default", "is_lock", "needs_reason")

    kind = RadioField(_l("What does this status mean?"), choices=choices(KIND_LABELS.items()), default=OPEN)
    colour = RadioField(
        _l("Colour"), choices=choices((name, COLOUR_LABELS[name]) for name in COLOURS), default=COLOURS[0]
    )
    is_default = BooleanField(_l("New leads get this status"))
    is_lock = BooleanField(
        _l("Protected from automatic changes"),
        description=_l("A lead that somebody gives this status keeps it, whatever happens to its documents."),
    )
    needs_reason = BooleanField(
        _l("Asks for a reason"), description=_l("Whoever gives a lead this status says why, from the list of reasons.")
    )

    @classmethod
    def of(cls, row: Status, *, sent: bool = False) -> "StatusForm":
        """With what the status has; ``sent``: with what was posted instead."""
        form = cls() if sent else cls(formdata=None, data=shown_of(row, cls.EXTRAS))
        return form.with_ids(f"status-{row.id}")

    @classmethod
    def new(cls, *, sent: bool = False) -> "StatusForm":
        form = cls() if sent else cls(formdata=None)
        return form.with_ids("new")


class RulesForm(Form):
    """Which status each automatic rule gives; without one it is off."""

    @classmethod
    def over(cls, bound: Sequence[Bound], offered: Sequence[Status]) -> "RulesForm":
        keep = {it.row.status_id for it in bound}
        pairs = [(str(row.id), label(row)) for row in offered if not row.retired or row.id in keep]
        fields = {
            field_of(it.offer.key): SelectField(
                it.offer.label, choices=choices([(NONE, _l("Nothing: switched off")), *pairs]), default=_value(it)
            )
            for it in bound
        }
        form: RulesForm = type(cls.__name__, (cls,), fields)()
        return form

    def chosen(self, key: str) -> int | None:
        return chosen_id(self[field_of(key)].data)


class SuccessorForm(guard_forms.SuccessorForm):
    successor = SelectField(_l("Which status takes its place?"), default=SAME)


class MendForm(Form):
    """The status that a binding gets."""

    status = SelectField(_l("Status"), default=SAME)

    @classmethod
    def over(cls, offered: Sequence[Status]) -> "MendForm":
        form = cls()
        pairs = [(str(row.id), label(row)) for row in offered if not row.retired]
        form.status.choices = choices([(SAME, _l("Choose…")), *pairs])
        return form

    def chosen(self) -> int | None:
        return chosen_id(self.status.data)


def _value(bound: Bound) -> str:
    return str(bound.row.status_id) if bound.row.is_on and bound.row.status_id else NONE
