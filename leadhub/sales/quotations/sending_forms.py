"""The mail that a quotation goes with."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from leadhub.accounts import once
from leadhub.accounts.models import User
from leadhub.forms import Form
from leadhub.leads.checks import FieldRefused
from leadhub.sales.documents import Quotation
from leadhub.sales.quotations.sending import MESSAGE_MAX, address_for, message_for


def _stripped(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


class SendForm(Form):
    """To whom, and what the mail says above the link."""

    to = StringField(
        _l("Recipient"), [DataRequired(), Length(max=254)], filters=[_stripped],
        render_kw={"type": "email", "autocomplete": "off"},
    )  # fmt: skip
    message = TextAreaField(
        _l("Message"), [DataRequired(), Length(max=MESSAGE_MAX)], filters=[_stripped], render_kw={"rows": 9}
    )
    once = HiddenField(default=once.new_key)

    @classmethod
    def of(cls, row: Quotation, user: User) -> "SendForm":
        return cls(data={"to": address_for(row), "message": message_for(row, user)})

    def refuse(self, error: FieldRefused) -> None:
        """What the quotation itself lacks is told at the first field, with where to put it right."""
        target = self._fields.get(error.field, self.to)
        target.errors = [*target.errors, str(error)]
