"""An order: its form."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from leadhub.sales.documents import NUMBER_MAX, Order
from leadhub.sales.drafts import LineDraft, OrderDraft
from leadhub.sales.forms import sensible_day
from leadhub.sales.lined_forms import TEXT_MAX, LinedForm, one_line, stripped
from leadhub.sales.lines import drafts_of

FILLED = ("title", "currency", "number", "ordered_on", "reference", "note")


class OrderForm(LinedForm):
    """What somebody tells of an order."""

    number = StringField(
        _l("Order number"), [Length(max=NUMBER_MAX)], filters=[one_line],
        description=_l("Leave it empty for the next number, given when the order is confirmed."),
    )  # fmt: skip
    ordered_on = DateField(
        _l("Ordered on"), [Optional(), sensible_day], description=_l("Empty: the day on which it is confirmed.")
    )
    reference = StringField(_l("Customer’s reference"), [Length(max=NUMBER_MAX)], filters=[one_line])
    note = TextAreaField(_l("Note"), [Length(max=TEXT_MAX)], filters=[stripped], render_kw={"rows": 3})

    @classmethod
    def of(cls, row: Order) -> "OrderForm":
        data: dict[str, Any] = {name: getattr(row, name) for name in FILLED} | {"version": str(row.version)}
        form = cls(data=data | {"lines": drafts_of(row) or _known_amount(row)})
        form.keep_number(row)
        return form

    def keep_number(self, row: Order) -> None:
        """What LeadHub has counted stays."""
        if row.sequence is not None:
            del self.number

    def to_draft(self) -> OrderDraft:
        return OrderDraft(
            currency=self.currency.data, lines=self.lines.data, title=self.title.data or "",
            number=(self.number.data or "") if "number" in self else "", ordered_on=self.ordered_on.data,
            reference=self.reference.data or "", note=self.note.data or "",
        )  # fmt: skip


def _known_amount(row: Order) -> tuple[LineDraft, ...]:
    """Of a quotation that was made elsewhere its amount alone is known: a line to begin with."""
    if not row.amount:
        return ()
    about = row.title or (row.quotation.number if row.quotation else "") or row.number
    return (LineDraft(description=about or "–", unit_price=row.amount),)
