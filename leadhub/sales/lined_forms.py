"""What the forms of quotations and orders share: a subject, a currency, lines."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import Length, Optional, Regexp

from leadhub.accounts import once
from leadhub.forms import Form, choices
from leadhub.hub.queries import hub
from leadhub.leads.checks import FieldRefused
from leadhub.leads.offers import currencies
from leadhub.sales.company.queries import company
from leadhub.sales.documents import TITLE_MAX
from leadhub.sales.line_inputs import LinesInput
from leadhub.sales.money import places_of

TEXT_MAX = 10_000


def one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def stripped(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


class LinedForm(Form):
    """``version`` is the one that the person saw; a new document has none, and ``once`` instead."""

    title = StringField(_l("Subject"), [Length(max=TITLE_MAX)], filters=[one_line])
    currency = SelectField(_l("Currency"))
    lines = LinesInput(_l("Lines"))
    once = HiddenField(default=once.new_key)
    version = HiddenField(validators=[Optional(), Regexp(r"^[1-9]\d{0,8}$")])
    told = ""  # that somebody was faster

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines.tax_rate = company().tax_rate
        self.currency.data = self.currency.data or hub().currency
        offered = [(code, words) for code, words in currencies(keep=(self.currency.object_data or "")) if code]
        self.currency.choices = choices(offered)

    @property
    def is_unfinished(self) -> bool:
        return self.lines.is_unfinished

    @property
    def currency_places(self) -> str:
        """Currencies whose amounts have other than two decimals, as ``JPY:0 KWD:3``: for the totals in the browser."""
        codes = [str(choice.value) for choice in self.currency.choices]
        return " ".join(f"{code}:{places_of(code)}" for code in codes if places_of(code) != 2)

    @property
    def shown_currency(self) -> str:
        """The one that is chosen, or the hub's where nothing sensible is."""
        known = {choice.value for choice in self.currency.choices}
        return self.currency.data if self.currency.data in known else hub().currency

    def refuse(self, error: FieldRefused) -> None:
        """A rule about one field is told at the field."""
        target = next((field for field in self if field.name == error.field), self.title)
        target.errors = [*target.errors, str(error)]

    def meet(self, version: int, told: str) -> None:
        """Somebody was faster, as ``told`` says: what was typed stays, and is saved the next time."""
        self.version.data, self.told = str(version), told
