"""What several forms of sales ask for."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.validators import InputRequired, ValidationError

from leadhub.forms import Form, choices
from leadhub.leads.checks import FIRST_YEAR, LAST_YEAR, year_words
from leadhub.lists.models import LossReason
from leadhub.lists.queries import rows_of
from leadhub.web import label


def sensible_day(form: Form, field: DateField) -> None:
    """A validator: numbers and statistics go by the year."""
    if field.data and not FIRST_YEAR < field.data.year < LAST_YEAR:
        raise ValidationError(year_words())


class LossForm(Form):
    """Why nothing came of it."""

    reason = SelectField(_l("Lost reason"), [InputRequired(message=_l("Choose one."))])

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = [row for row in rows_of(LossReason) if not row.retired]
        self.reason.choices = choices([("", _("Choose…")), *((row.key, label(row)) for row in rows)])

    def chosen(self) -> LossReason | None:
        return next((row for row in rows_of(LossReason) if row.key == self.reason.data), None)
