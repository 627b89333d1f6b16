"""Forms about oneself."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Length

from leadhub.forms import Form, choices
from leadhub.web import LANGUAGES

THEMES = (("system", _l("As the system")), ("light", _l("Light")), ("dark", _l("Dark")))


class ProfileForm(Form):
    """Name, language and theme."""

    name = StringField(_l("Your name"), [Length(max=200)], render_kw={"autocomplete": "name"})
    language = SelectField(_l("Language"), choices=choices([("", _l("As the hub")), *LANGUAGES.items()]))
    theme = RadioField(_l("Theme"), choices=choices(THEMES))
