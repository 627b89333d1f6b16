"""Forms about statuses, their rules, their actions and their deletion."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField

from leadhub.database import id_from
from leadhub.forms import Form, choices
from leadhub.lists.forms import RowForm, shown_of
from leadhub.referrers.registry import Use
from leadhub.statuses.models import COLOURS, Status
from leadhub.statuses.queries import Bound
from leadhub.statuses.rules import OPEN
from leadhub.statuses.words import COLOUR_LABELS, KIND_LABELS
from leadhub.web import label

SAME, NONE = "", "none"


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
        return form._with_ids(f"status-{row.id}")

    @classmethod
    def new(cls, *, sent: bool = False) -> "StatusForm":
        form = cls() if sent else cls(formdata=None)
        return form._with_ids("new")

    def _with_ids(self, of: str) -> "StatusForm":
        """Several drawers may be open on one page: a label must not find its input in another one."""
        for field in self:
            field.id = f"{of}-{field.id}"
        return self


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
        return _id(self[field_of(key)].data)


class SuccessorForm(Form):
    """What takes the place of a deleted status: for all that names it, and where somebody wants it, for each kind."""

    successor = SelectField(_l("Which status takes its place?"), default=SAME)

    @classmethod
    def over(cls, uses: Sequence[Use], others: Sequence[Status]) -> "SuccessorForm":
        pairs = [(str(row.id), label(row)) for row in others]
        fields = {field_of(use.referrer.key): _for_one(use, pairs) for use in uses}
        form: SuccessorForm = type(cls.__name__, (cls,), fields)()
        form.successor.choices = choices([(SAME, _l("Choose…")), *pairs])
        form.uses = uses
        return form

    uses: Sequence[Use] = ()

    @property
    def details(self) -> list[tuple[Use, Any]]:
        return [(use, self[field_of(use.referrer.key)]) for use in self.uses]

    @property
    def is_detailed(self) -> bool:
        """Was anything but the one choice for all made, or refused?"""
        return any(field.data not in (SAME, None) or field.errors for _use, field in self.details)

    def chosen(self) -> int | None:
        return _id(self.successor.data)

    def chosen_for_each(self) -> dict[str, int | None]:
        told = {use.referrer.key: field.data for use, field in self.details if field.data != SAME}
        return {key: _id(value) for key, value in told.items()}

    def refuse(self, referrer: str, message: str) -> None:
        field = self[field_of(referrer)] if referrer else self.successor
        field.errors = [*field.errors, message]


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
        return _id(self.status.data)


def field_of(key: str) -> str:
    """A form field's name for a rule or a referrer, whatever its key is made of."""
    return "of_" + "".join(sign if sign.isalnum() else f"_{ord(sign):x}_" for sign in key)


def _for_one(use: Use, pairs: list[tuple[str, Any]]) -> Any:
    off = [(NONE, _l("Switch off"))] if use.referrer.may_be_empty else []
    return SelectField(str(use), choices=choices([(SAME, _l("As chosen above")), *off, *pairs]), default=SAME)


def _value(bound: Bound) -> str:
    return str(bound.row.status_id) if bound.row.is_on and bound.row.status_id else NONE


def _id(text: str | None) -> int | None:
    return None if text in (SAME, NONE, None) else id_from(str(text))
