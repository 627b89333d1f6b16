"""The forms of plugins' settings, with the habits of the hub's own: people to choose from, secrets that stay unseen."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from leadhub.accounts.queries import active_users
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.forms import Form, choices
from leadhub.plugin_settings.stored import Stored, sealed
from leadhub.plugins.api.forms import PersonField, SecretField


class SettingsForm(Form):
    """Shows what is stored, and gives what is to be stored.

    A secret is never shown: left empty, it stays as it is.
    """

    @classmethod
    def of(cls, stored: Stored, **options: Any) -> "SettingsForm":
        """With what is stored; what was posted goes before it."""
        form = cls(data=dict(stored.settings), **options)
        form._keep(stored.hidden())
        return form

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for field in self:
            if isinstance(field, PersonField):
                field.choices = choices([("", "—"), *people()])

    def to_stored(self) -> Stored:
        told = {field.short_name: field.data for field in self.own_fields}
        hidden = {field.short_name for field in self.own_fields if isinstance(field, SecretField)}
        secrets = {name: told[name] or "" for name in hidden}
        return Stored({name: value for name, value in told.items() if name not in hidden}, sealed(secrets))

    @property
    def own_fields(self) -> list[Any]:
        """Those that the plugin has asked for."""
        return [field for field in self if field.type != "CSRFTokenField"]

    def _keep(self, hidden: Mapping[str, str]) -> None:
        """What is kept stands in for a secret that nobody typed anew, also before whatever asks for it."""
        for field in self.own_fields:
            if not isinstance(field, SecretField) or not hidden.get(field.short_name):
                continue
            field.flags.required = False
            field.description = _("Stored. Leave it empty to keep it as it is.")
            if not field.data:
                field.data, field.raw_data = hidden[field.short_name], [hidden[field.short_name]]


def form_for(plain: Any) -> type[SettingsForm]:
    """The plugin's form, with the habits of the hub's own."""
    if plain is None or issubclass(SettingsForm, plain):  # WTForms' own Form, without a field
        return SettingsForm
    return type(plain.__name__, (plain, SettingsForm), {})


def person_fields(form: Any) -> list[str]:
    """Names of the fields that ask for a person."""
    return [name for name in dir(form) if getattr(getattr(form, name, None), "field_class", None) is PersonField]


def people() -> list[tuple[str, str]]:
    """Those who may have leads."""
    return [(str(user.id), user.label) for user in active_users() if user.may(WRITE_LEADS)]
