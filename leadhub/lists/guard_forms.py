"""Forms of the guard: what takes the place of a row that is deleted."""

from collections.abc import Sequence
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from leadhub.database import id_from
from leadhub.forms import Form, choices
from leadhub.lists.models import ListRow
from leadhub.referrers.registry import Use
from leadhub.web import label

SAME, NONE = "", "none"


class SuccessorForm(Form):
    """One row for all that names the deleted one, and where somebody wants it, one for each kind.

    Whoever has such rows gives ``successor`` its question.
    """

    successor = SelectField(default=SAME)

    @classmethod
    def over(cls, uses: Sequence[Use], others: Sequence[ListRow]) -> Self:
        pairs = [(str(row.id), label(row)) for row in others]
        fields = {field_of(use.referrer.key): _for_one(use, pairs) for use in uses}
        form: Self = type(cls.__name__, (cls,), fields)()
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
        return chosen_id(self.successor.data)

    def chosen_for_each(self) -> dict[str, int | None]:
        told = {use.referrer.key: field.data for use, field in self.details if field.data != SAME}
        return {key: chosen_id(value) for key, value in told.items()}

    def refuse(self, referrer: str, message: str) -> None:
        field = self[field_of(referrer)] if referrer else self.successor
        field.errors = [*field.errors, message]


def field_of(key: str) -> str:
    """A form field's name for a rule or a referrer, whatever its key is made of."""
    return "of_" + "".join(sign if sign.isalnum() else f"_{ord(sign):x}_" for sign in key)


def chosen_id(text: str | None) -> int | None:
    return None if text in (SAME, NONE, None) else id_from(str(text))


def _for_one(use: Use, pairs: list[tuple[str, Any]]) -> Any:
    off = [(NONE, _l("Switch off"))] if use.referrer.may_be_empty else []
    return SelectField(str(use), choices=choices([(SAME, _l("As chosen above")), *off, *pairs]), default=SAME)
