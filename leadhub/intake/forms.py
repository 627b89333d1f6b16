"""What an admin gives a door, and what a stranger types into its form."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form as PlainForm
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from leadhub.forms import Form, choices
from leadhub.intake.models import Door
from leadhub.lists.models import Source
from leadhub.lists.queries import rows_of
from leadhub.web import label

NAME_MAX = 200
TRAP = "fax_again"  # a field that nobody sees


def stripped(text: str | None) -> str:
    return " ".join((text or "").split())


class DoorForm(Form):
    """The name of a door, and the source that its leads get."""

    name = StringField(_l("Name"), [DataRequired(), Length(max=NAME_MAX)], [stripped])
    source = SelectField(_l("Source of its leads"), description=_l("Leads that name a source of their own keep that."))

    @classmethod
    def over(cls, door: Door | None, *, name: str = "", wished: str = "") -> "DoorForm":
        """Filled in as the door is; a new one with a name, and the source whose key is ``wished``."""
        rows = rows_of(Source)
        chosen = door.source_id if door else next((row.id for row in rows if row.key == wished), None)
        form = cls(data={"name": door.name if door else name, "source": str(chosen or "")})
        offered = [(str(row.id), label(row)) for row in rows if not row.retired or row.id == chosen]
        form.source.choices = choices([("", _l("No source")), *offered])
        return form

    @property
    def source_id(self) -> int | None:
        return int(self.source.data) if self.source.data else None


class StrangerForm(Form):
    """What every public form has beside the fields that its plugin asks for."""

    once = HiddenField()


def public_form_for(fields: type[PlainForm]) -> type[StrangerForm]:
    """The plugin's form, with the habits of the hub's own."""
    return type(fields.__name__, (fields, StrangerForm), {})


def values_of(form: Any) -> dict[str, Any]:
    """What was typed, by the plugin's own names."""
    return {field.short_name: field.data for field in form if field.short_name not in ("csrf_token", "once")}
