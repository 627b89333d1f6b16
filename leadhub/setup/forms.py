"""What the hub asks on its first visit, and what an admin can change of it later."""

from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from leadhub.accounts.services import PASSWORD_MAX, PASSWORD_MIN
from leadhub.folding import fold
from leadhub.forms import Form, choices
from leadhub.web import LANGUAGES, language

QUOTATIONS = (("leadhub", _l("LeadHub makes quotations")), ("elsewhere", _l("We quote elsewhere")))
NO_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


class HubForm(Form):
    """Language, time zone, country, currency, quotations."""

    language = SelectField(_l("Language"), choices=choices(LANGUAGES.items()))
    time_zone = SelectField(_l("Time zone"))
    country = SelectField(_l("Country"))
    currency = SelectField(_l("Currency"))
    quotations = RadioField(_l("Quotations"), choices=choices(QUOTATIONS), default="leadhub")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        spoken = language()
        self.time_zone.choices = choices(_zones())
        self.country.choices = choices(_countries(spoken))
        self.currency.choices = choices(_currencies(spoken))


class SetUpForm(HubForm):
    """The hub, its first admin, and whether it begins with sample data."""

    name = StringField(_l("Your name"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "name"})
    email = StringField(
        _l("E-mail"), [InputRequired(), Length(max=254)], render_kw={"type": "email", "autocomplete": "username"}
    )
    password = PasswordField(
        _l("Password"),
        [
            InputRequired(),
            Length(PASSWORD_MIN, PASSWORD_MAX, _l("A password has at least %(count)d characters.", count=PASSWORD_MIN)),
        ],
        description=_l("At least 12 characters. A sentence is easy to remember."),
        render_kw={"autocomplete": "new-password", "minlength": PASSWORD_MIN},
    )
    sample_data = BooleanField(
        _l("Add sample data"), description=_l("Sixty made-up leads to try things with; removed in one go later.")
    )


@cache
def _zones() -> list[tuple[str, str]]:
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(NO_PLACES))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


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
