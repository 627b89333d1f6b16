"""Forms about views of the list that are kept."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from wtforms import HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput

from leadhub.accounts import once
from leadhub.accounts.roles import MANAGE_LEADS, ROLES
from leadhub.accounts.words import role_label
from leadhub.database import id_from
from leadhub.forms import Form, choices
from leadhub.leads.listing.models import ALL, PRIVATE, TEAM, SavedView
from leadhub.leads.listing.saved import NAME_MAX, ViewDraft, scopes_for


def stripped(text: str | None) -> str:
    return " ".join((text or "").split())


class QueryForm(Form):
    """What the list shows, to be kept in a view."""

    query = HiddenField()
    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """Of the view as the page showed it; 0 where the page says nothing that could be one."""
        try:
            return id_from(self.version.data or "")
        except ValueError:
            return 0


class ViewForm(QueryForm):
    """A view's name, and whom it is for."""

    once = HiddenField()
    name = StringField(_l("Name"), [DataRequired(), Length(max=NAME_MAX)], [stripped])
    scope = RadioField(_l("Who is offered it"), default=PRIVATE)
    default_for = SelectMultipleField(
        _l("The list opens with it for"),
        option_widget=CheckboxInput(),
        description=_l(
            "Only a view for everybody can do that. A role has one such view: this one takes the place of another."
        ),
    )

    def __init__(self, view: SavedView | None = None, **options: Any) -> None:
        super().__init__(**options)
        words = {PRIVATE: _("Only me"), TEAM: _("My team"), ALL: _("Everybody")}
        if view and view.owner_id != current_user.id:
            words[PRIVATE] = _("Only its owner")
        if view and view.scope == TEAM and view.team_id != current_user.team_id:
            words[TEAM] = _("The team that it was made for")
        self.scope.choices = choices((scope, words[scope]) for scope in scopes_for(current_user, view))
        self.default_for.choices = choices((role, role_label(role)) for role in ROLES)
        if not current_user.may(MANAGE_LEADS):
            del self.default_for

    @classmethod
    def new(cls, query: str) -> "ViewForm":
        return cls(formdata=None, data={"query": query, "once": once.new_key(), "scope": PRIVATE})

    @classmethod
    def of(cls, view: SavedView) -> "ViewForm":
        """The form with what the view has."""
        told = {"name": view.name, "scope": view.scope, "default_for": view.default_for, "version": str(view.version)}
        return cls(view, formdata=None, data=told)

    def to_draft(self) -> ViewDraft:
        roles = self.default_for.data if "default_for" in self else None
        return ViewDraft(name=self.name.data, scope=self.scope.data, default_for=roles)

    def refuse(self, field: str, message: str) -> None:
        """Tell it where it was typed."""
        self[field].errors = [*self[field].errors, message]
