"""The form of an action's settings, made of what its plugin gave."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import Form as PlainForm

from leadhub.accounts.models import User
from leadhub.accounts.queries import active_users
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.extensions import db
from leadhub.forms import Form, choices
from leadhub.plugins.api.forms import PersonField


class ActionForm(Form):
    """Settings of an action: shown, and as they are stored (JSON)."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "ActionForm":
        """With what is stored; what was posted goes before it."""
        return cls(data=dict(settings))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for field in self:
            if isinstance(field, PersonField):
                field.choices = choices([("", "—"), *people()])

    def to_settings(self) -> dict[str, Any]:
        return {field.name: field.data for field in self if field.name != "csrf_token"}


def form_for(plain: type[PlainForm] | None) -> type[ActionForm]:
    """The plugin's form, with the habits of the hub's own."""
    if plain is None or issubclass(ActionForm, plain):  # WTForms' own Form, without a field
        return ActionForm
    return type(plain.__name__, (plain, ActionForm), {})


def person_fields(form: Any) -> list[str]:
    """Names of the fields that ask for a person."""
    return [name for name in dir(form) if getattr(getattr(form, name, None), "field_class", None) is PersonField]


def person_words(plain: type[PlainForm] | None, settings: Mapping[str, Any]) -> str:
    """*to Bob*, where the form asks for a person: no plugin knows who that is."""
    fields = person_fields(plain)
    user = db.session.get(User, settings[fields[0]]) if fields and settings.get(fields[0]) else None
    return _("to %(name)s", name=user.label) if user else ""


def people() -> list[tuple[str, str]]:
    """Those who may have leads."""
    return [(str(user.id), user.label) for user in active_users() if user.may(WRITE_LEADS)]
