"""A quotation that was made elsewhere: its line, and what became of it."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from leadhub.forms import Form, choices
from leadhub.hub.queries import hub
from leadhub.leads.field_inputs import NumberField
from leadhub.leads.offers import FIXED
from leadhub.sales.documents import NUMBER_MAX, Quotation
from leadhub.sales.drafts import QuotationDraft
from leadhub.sales.forms import sensible_day
from leadhub.sales.parties import today

AMOUNT_MAX = 10**12
AMOUNT = _l("Give an amount from 0 to a thousand billions.")
TYPED = [lambda text: " ".join(text.split()) if text else text]


class QuotationForm(Form):
    """Number, amount, day."""

    number = StringField(_l("Quotation number"), [InputRequired(), Length(max=NUMBER_MAX)], filters=TYPED)
    amount = NumberField(_l("Amount"), [Optional()], places=2)
    currency = SelectField(_l("Currency"))
    sent_on = DateField(_l("Date"), [InputRequired(), sensible_day], default=today)

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
            "number": row.number, "amount": row.amount, "currency": row.currency,
            "sent_on": row.sent_on,
        })  # fmt: skip

    def to_draft(self) -> QuotationDraft:
        return QuotationDraft(
            number=self.number.data or "",
            amount=self.amount.data,
            currency=self.currency.data,
            sent_on=self.sent_on.data or today(),
        )


class OrderForm(Form):
    """The order that came of it."""

    order_number = StringField(_l("Order number"), [InputRequired(), Length(max=NUMBER_MAX)], filters=TYPED)
    ordered_on = DateField(_l("Date"), [InputRequired(), sensible_day], default=today)
