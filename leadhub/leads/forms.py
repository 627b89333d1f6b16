"""A lead typed in by hand, whole or a field at a time."""

from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, DateTimeLocalField, Field, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from leadhub.accounts.queries import active_users
from leadhub.forms import Form, choices
from leadhub.hub.queries import local, time_zone
from leadhub.leads.checks import FIRST_YEAR, LAST_YEAR
from leadhub.leads.fields import EMAIL_MAX, FIELDS, TEXT_MAX
from leadhub.leads.models import Lead
from leadhub.lists.models import LeadType, Source
from leadhub.lists.queries import rows_of
from leadhub.plugins.api.leads import LeadDraft
from leadhub.statuses.queries import statuses
from leadhub.web import label

NONE = ("", "—")


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class LeadForm(Form):
    """Rules that every door shares are in ``leads.checks``; here are only those of typing."""

    is_organisation = BooleanField(FIELDS["is_organisation"].label)
    first_name = StringField(FIELDS["first_name"].label, [Length(max=TEXT_MAX)], [_stripped])
    last_name = StringField(FIELDS["last_name"].label, [Length(max=TEXT_MAX)], [_stripped])
    organisation = StringField(FIELDS["organisation"].label, [Length(max=TEXT_MAX)], [_stripped])
    email = StringField(
        FIELDS["email"].label, [Length(max=EMAIL_MAX)], [_stripped], render_kw={"type": "email", "inputmode": "email"}
    )
    phone = StringField(FIELDS["phone"].label, [Length(max=TEXT_MAX)], [_stripped], render_kw={"type": "tel"})
    source = SelectField(FIELDS["source"].label, default="")
    owner = SelectField(FIELDS["owner"].label, default="")
    type = SelectField(FIELDS["type"].label, default="")
    status = SelectField(FIELDS["status"].label)
    received_at = DateTimeLocalField(FIELDS["received_at"].label, [Optional()], format=["%Y-%m-%dT%H:%M"])

    def __init__(self, *args: Any, only: tuple[str, ...], **kwargs: Any) -> None:
        """``only`` names the fields this form has."""
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            if name not in only:
                del self[name]
        for name, offered in CHOICES.items():
            if name in only:
                self[name].choices = choices(offered(keep=self[name].object_data))

    def validate_received_at(self, field: Field) -> None:
        """Only moments that the hub's clock shows: not the hour that summer time skips, nor the year 1."""
        typed = field.data
        if typed and not FIRST_YEAR < typed.year < LAST_YEAR:
            raise ValidationError(_("Give a year between %(first)d and %(last)d.", first=1901, last=2099))
        if typed and local(typed.replace(tzinfo=time_zone()).astimezone(UTC)).replace(tzinfo=None) != typed:
            raise ValidationError(_("The clock skips this time on that day."))

    def values(self) -> dict[str, Any]:
        """Field name -> what was typed; a time is moved from the hub's clock to an aware moment."""
        typed = {name: field.data for name, field in self._fields.items() if name in FIELDS}
        if typed.get("received_at"):
            typed["received_at"] = typed["received_at"].replace(tzinfo=time_zone()).astimezone(UTC)
        return typed


class NewLeadForm(LeadForm):
    """A whole new lead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, only=tuple(name for name in FIELDS if name != "status"), **kwargs)

    def to_draft(self) -> LeadDraft:
        return LeadDraft(channel="form", **self.values())


class FieldForm(LeadForm):
    """One field of a lead, and the version of the lead that the person saw."""

    version = HiddenField(validators=[InputRequired(), Regexp(r"^[1-9]\d{0,8}$")])

    @classmethod
    def of(cls, lead: Lead, name: str) -> "FieldForm":
        """Filled with what the lead has; what was posted goes before it."""
        form = cls(only=(name,), data={name: shown_value(lead, name), "version": lead.version})
        form.lead = lead
        if name == "received_at":
            form[name].validators = [InputRequired()]
        return form

    @property
    def field(self) -> Field:
        return next(field for name, field in self._fields.items() if name in FIELDS)

    def values(self) -> dict[str, Any]:
        """As of any lead form; a moment that was left as it was shown keeps its seconds."""
        typed = super().values()
        if "received_at" in typed and self["received_at"].data == shown_value(self.lead, "received_at"):
            typed["received_at"] = self.lead.received_at
        return typed


def shown_value(lead: Lead, name: str) -> str | bool | datetime:
    """The field's value as its form control takes it."""
    if name == "owner":
        return lead.owner.email if lead.owner else ""
    if name in ("source", "type", "status"):
        row = getattr(lead, name)
        return row.key if row else ""
    if name == "received_at":
        return local(lead.received_at).replace(tzinfo=None, second=0, microsecond=0)
    return getattr(lead, FIELDS[name].column)


def _owners(keep: str | None) -> list[tuple[str, str]]:
    people = [(user.email, user.label) for user in active_users()]
    return [NONE, *people] if not keep or keep in dict(people) else [NONE, *people, (keep, keep)]


def _rows(model: Any, keep: str | None) -> list[tuple[str, str]]:
    """Rows still offered, and the one that the lead has."""
    return [NONE, *((row.key, label(row)) for row in rows_of(model) if not row.retired or row.key == keep)]


CHOICES = {
    "owner": _owners,
    "source": lambda keep: _rows(Source, keep),
    "type": lambda keep: _rows(LeadType, keep),
    "status": lambda keep: [(row.key, label(row)) for row in statuses() if not row.retired or row.key == keep],
}
