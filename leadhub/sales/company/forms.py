"""What an admin says of the company that quotes."""

from decimal import Decimal
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, FileField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError
from wtforms.widgets import TextInput

from leadhub.forms import Form, IntegerField
from leadhub.hub.queries import hub
from leadhub.leads.checks import FieldRefused
from leadhub.leads.field_inputs import NumberField
from leadhub.sales import numbers, parties
from leadhub.sales.company.drafts import CompanyDraft, NextNumbers
from leadhub.sales.company.logos import LOGO_MAX, SIDE_MAX, Logo, read_logo
from leadhub.sales.company.queries import SERIES, order_series, quotation_series
from leadhub.sales.documents import SERIES_MAX, TITLE_MAX, Company

ADDRESS_MAX, TERMS_MAX = 1000, 5000
DAYS_MAX = 365
PICTURES = "image/png,image/jpeg,image/webp"


def _stripped(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


def _number(label: Any, **options: Any) -> IntegerField:
    return IntegerField(label, widget=TextInput(), render_kw={"inputmode": "numeric", "autocomplete": "off"}, **options)


class CompanyForm(Form):
    """Who quotes, what stands on documents, how they are numbered."""

    name = StringField(_l("Name"), [Length(max=TITLE_MAX)], filters=[_stripped])
    address = TextAreaField(_l("Address"), [Length(max=ADDRESS_MAX)], filters=[_stripped], render_kw={"rows": 3})
    email = StringField(_l("E-mail"), [Length(max=254)], filters=[_stripped], render_kw={"type": "email"})
    phone = StringField(_l("Phone"), [Length(max=64)], filters=[_stripped], render_kw={"type": "tel"})
    website = StringField(_l("Website"), [Length(max=500)], filters=[_stripped])
    siren = StringField(_l("SIREN"), [Length(max=32)], filters=[_stripped], render_kw={"inputmode": "numeric"})
    vat_number = StringField(_l("VAT number"), [Length(max=32)], filters=[_stripped])
    logo = FileField(
        _l("Logo"),
        description=_l(
            "PNG, JPEG or WebP, at most %(size)s kB and %(side)s pixels a side.", size=LOGO_MAX // 1000, side=SIDE_MAX
        ),
        render_kw={"accept": PICTURES},
    )
    no_logo = BooleanField(_l("Take the logo away"))
    terms = TextAreaField(
        _l("Terms"),
        [Length(max=TERMS_MAX)],
        filters=[_stripped],
        description=_l("What a new quotation says at its end: payment, delivery, guarantees."),
        render_kw={"rows": 4},
    )
    tax_rate = NumberField(_l("Tax rate, in percent"), [InputRequired()], places=3)
    valid_days = _number(
        _l("Days for which a quotation is valid"),
        validators=[NumberRange(1, DAYS_MAX, message=_l("Give a number of days from 1 to 365."))],
    )
    quotation_series = StringField(
        _l("Numbers of quotations begin with"), [Length(max=SERIES_MAX)], filters=[_stripped]
    )
    next_quotation = _number(_l("Next quotation of this year"), validators=[Optional(), NumberRange(1)])
    order_series = StringField(_l("Numbers of orders begin with"), [Length(max=SERIES_MAX)], filters=[_stripped])
    next_order = _number(_l("Next order of this year"), validators=[Optional(), NumberRange(1)])
    version = HiddenField(validators=[InputRequired(), Regexp(r"^[1-9]\d{0,8}$")])

    @classmethod
    def of(cls, row: Company) -> "CompanyForm":
        form, year = cls(obj=row), parties.today().year
        usual = SERIES.get(hub().language, SERIES["en"])
        for kind, series, letters in zip(
            ("quotation", "order"), (quotation_series(), order_series()), usual, strict=True
        ):
            number = numbers.written(series, year, numbers.last_number(series, year) + 1)
            form[f"{kind}_series"].description = _("Left empty: %(letters)s", letters=letters)
            form[f"next_{kind}"].description = _("%(number)s, unless you give a higher one here.", number=number)
        return form

    def validate_email(self, field: Field) -> None:
        if not field.data:
            return
        try:
            validate_email(field.data, check_deliverability=False, globally_deliverable=False)
        except EmailNotValidError:
            raise ValidationError(_("This is not an e-mail address.")) from None

    def validate_website(self, field: Field) -> None:
        if field.data and not field.data.lower().startswith(("http://", "https://")):
            field.data = f"https://{field.data}"

    def validate_tax_rate(self, field: NumberField) -> None:
        """What is no number is told as that alone."""
        if field.data is not None and not (0 <= field.data <= 100 and field.data == round(field.data, 3)):
            raise ValidationError(_("Give a tax rate from 0 to 100 percent."))

    def refuse(self, error: FieldRefused) -> None:
        self[error.field].errors = [*self[error.field].errors, str(error)]

    def to_draft(self) -> CompanyDraft:
        names = set(CompanyDraft.__dataclass_fields__) - {"tax_rate"}
        return CompanyDraft(tax_rate=self.tax_rate.data or Decimal(0), **{name: self[name].data for name in names})

    def to_logo(self) -> Logo | None:
        """None: the one that is there stays.  Raises ``FieldRefused``."""
        sent = self.logo.data
        if isinstance(sent, FileStorage) and sent.filename:
            return read_logo(sent.stream)
        return Logo() if self.no_logo.data else None

    def to_next(self) -> NextNumbers:
        return NextNumbers(quotation=self.next_quotation.data, order=self.next_order.data)
