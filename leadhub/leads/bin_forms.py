"""The form before what can't be undone."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, ValidationError

from leadhub.folding import fold
from leadhub.forms import Form


class NamedForm(Form):
    """Asks for the name of what is deleted for good."""

    name = StringField(_l("Name"))

    def __init__(self, wanted: str, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.wanted = wanted
        self.name.label.text = _("To go on, write its name: %(name)s", name=wanted)

    def validate_name(self, field: StringField) -> None:
        if fold(field.data or "") != fold(self.wanted):
            raise ValidationError(_("This is not its name."))
