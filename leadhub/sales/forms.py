"""What several forms of sales ask for."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired

from leadhub.forms import Form, choices
from leadhub.lists.models import LossReason
from leadhub.lists.queries import rows_of
from leadhub.web import label


class LossForm(Form):
    """Why nothing came of it."""

    reason = SelectField(_l("Lost reason"), [InputRequired(message=_l("Choose one."))])

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = [row for row in rows_of(LossReason) if not row.retired]
        self.reason.choices = choices([("", _("Choose…")), *((row.key, label(row)) for row in rows)])

    def chosen(self) -> LossReason | None:
        return next((row for row in rows_of(LossReason) if row.key == self.reason.data), None)
