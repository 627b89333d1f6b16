"""What the hub asks on its first visit, and what an admin can change of it later."""

from functools import cache

from babel import Locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import TextInput

from leadhub.accounts.forms import new_password, zones
from leadhub.folding import fold
from leadhub.forms import Form, IntegerField, choices
from leadhub.web import LANGUAGES, language

BIN_DAYS_MAX = 3650
QUOTATIONS = (("leadhub", _l("LeadHub makes quotations")), ("elsewhere", _l("We quote elsewhere")))


class HubForm(Form):
    """Language, time zone, country, currency, quotations."""

    language = SelectField(_l("Language"), choices=choices(LANGUAGES.items()))
    time_zone = SelectField(_l("Time zone"))
    country = SelectField(_l("Country"))
    currency = SelectField(_l("Currency"))
    quotations = RadioField(
        _l("Quotations"),
        choices=choices(QUOTATIONS),
        default="leadhub",
        description=_l("A team that quotes elsewhere has one line for each: number, amount, date and outcome."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        spoken = language()
        self.time_zone.choices = choices(zones())
        self.country.choices = choices(_countries(spoken))
        self.currency.choices = choices(_currencies(spoken))


class SettingsForm(HubForm):
    """The same later, and what nobody needs to decide on the first day."""

    bin_days = IntegerField(
        _l("Days in the bin"),
        [NumberRange(0, BIN_DAYS_MAX, message=_l("Give a number of days from 0 to 3650."))],
        default=30,
        description=_l(
            "After that a deleted lead goes for good. With 0 it stays in the bin until somebody deletes it."
        ),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
        widget=TextInput(),
    )


class SetUpForm(HubForm):
    """The hub, its first admin, and whether it begins with sample data."""

    name = StringField(_l("Your name"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "name"})
    email = StringField(
        _l("E-mail"), [InputRequired(), Length(max=254)], render_kw={"type": "email", "autocomplete": "username"}
    )
    password = new_password(_l("Password"))
    sample_data = BooleanField(
        _l("Add sample data"), description=_l("Sixty made-up leads to try things with; removed in one go later.")
    )


@cache
def _countries(spoken: str) -> list[tuple[str, str]]:
    from pycountry import countries  # heavy, and wanted on two pages only

    names = Locale.parse(spoken).territories
    return sorted(((it.alpha_2, names.get(it.alpha_2, it.name)) for it in countries), key=lambda pair: fold(pair[1]))


@cache
def _currencies(spoken: str) -> list[tuple[str, str]]:
    from pycountry import currencies

    names = Locale.parse(spoken).currencies
    return [(it.alpha_3, f"{it.alpha_3} – {names.get(it.alpha_3, it.name)}") for it in currencies]
