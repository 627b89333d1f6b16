"""A quotation that was made elsewhere: its line, and what became of it."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from leadhub.database import utcnow
from leadhub.forms import Form, choices
from leadhub.hub.queries import hub, local
from leadhub.leads.field_inputs import NumberField
from leadhub.leads.offers import FIXED
from leadhub.lists.models import LossReason
from leadhub.lists.queries import rows_of
from leadhub.sales.models import NUMBER_MAX, Quotation
from leadhub.sales.quotations import QuotationDraft
from leadhub.web import label

AMOUNT_MAX = 10**12
AMOUNT = _l("Give an amount from 0 to a thousand billions.")
TYPED = [lambda text: " ".join(text.split()) if text else text]


def today() -> date:
    return local(utcnow()).date()


class QuotationForm(Form):
    """Number, amount, day."""

    number = StringField(_l("Quotation number"), [InputRequired(), Length(max=NUMBER_MAX)], filters=TYPED)
    amount = NumberField(_l("Amount"), [Optional()], places=2)
    currency = SelectField(_l("Currency"))
    sent_on = DateField(_l("Date"), [InputRequired()], default=today)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency.choices = choices([(code, words) for code, words in FIXED["currency"]() if code])
        if not self.currency.raw_data and not self.currency.data:
            self.currency.data = hub().currency

    def validate_amount(self, field: NumberField) -> None:
        """What is no number is told as that alone."""
        if field.data is not None and not 0 <= field.data <= AMOUNT_MAX:
            raise ValidationError(AMOUNT)

    @classmethod
    def of(cls, row: Quotation) -> "QuotationForm":
        return cls(data={
            "number": row.number, "amount": row.amount, "currency": row.currency or hub().currency,
            "sent_on": row.sent_on,
        })  # fmt: skip

    def to_draft(self) -> QuotationDraft:
        own = self.currency.data == hub().currency
        return QuotationDraft(
            number=self.number.data or "",
            amount=self.amount.data,
            currency="" if own else self.currency.data,
            sent_on=self.sent_on.data or today(),
        )


class LossForm(Form):
    """Why nothing came of it."""

    reason = SelectField(_l("Lost reason"), [InputRequired(message=_l("Choose one."))])

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = [row for row in rows_of(LossReason) if not row.retired]
        self.reason.choices = choices([("", _("Choose…")), *((row.key, label(row)) for row in rows)])

    def chosen(self) -> LossReason | None:
        return next((row for row in rows_of(LossReason) if row.key == self.reason.data), None)


class OrderForm(Form):
    """The order that came of it."""

    order_number = StringField(_l("Order number"), [InputRequired(), Length(max=NUMBER_MAX)], filters=TYPED)
    ordered_on = DateField(_l("Date"), [InputRequired()], default=today)
