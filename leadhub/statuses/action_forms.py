"""The form of an action's settings, made of what its plugin gave."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import Form as PlainForm

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.plugin_settings.forms import SettingsForm, person_fields


class ActionForm(SettingsForm):
    """Settings of an action: shown, and as they are stored (JSON)."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "ActionForm":  # type: ignore[override]
        """With what is stored; what was posted goes before it."""
        return cls(data=dict(settings))

    def to_settings(self) -> dict[str, Any]:
        return {field.short_name: field.data for field in self.own_fields}


def form_for(plain: type[PlainForm] | None) -> type[ActionForm]:
    """The plugin's form, with the habits of the hub's own."""
    if plain is None or issubclass(ActionForm, plain):  # WTForms' own Form, without a field
        return ActionForm
    return type(plain.__name__, (plain, ActionForm), {})


def person_words(plain: type[PlainForm] | None, settings: Mapping[str, Any]) -> str:
    """*to Bob*, where the form asks for a person: no plugin knows who that is."""
    fields = person_fields(plain)
    user = db.session.get(User, settings[fields[0]]) if fields and settings.get(fields[0]) else None
    return _("to %(name)s", name=user.label) if user else ""


__all__ = ["ActionForm", "form_for", "person_fields", "person_words"]
