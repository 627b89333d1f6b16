"""What somebody writes into a lead's history: a note, a call, a meeting."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from flask_wtf.file import MultipleFileField
from wtforms import DateTimeLocalField, Field, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional, Regexp, ValidationError

from leadhub.accounts import once
from leadhub.fields.queries import may_change_field, shown_fields
from leadhub.forms import Form, choices
from leadhub.leads.activities import CALL, MEETING, NEXT, NEXT_BY, NOTE, Activity
from leadhub.leads.checks import FIRST_YEAR, LAST_YEAR
from leadhub.leads.files import Stored
from leadhub.leads.kinds import CALL_OUTCOMES
from leadhub.leads.models import Lead
from leadhub.lists.models import LossReason
from leadhub.lists.queries import rows_of
from leadhub.markdown import LONGEST
from leadhub.statuses.queries import statuses
from leadhub.web import label, moment, zone

FORMAT = "%Y-%m-%dT%H:%M"
ZONES = available_timezones()
MORNING = time(9)
AS_IT_IS, NONE, PICK = "", "none", "pick"
QUICK: dict[str, Any] = {"tomorrow": _l("Tomorrow"), "days": _l("In 3 days"), "week": _l("Next week (Monday)")}


def _lines(text: str | None) -> str:
    """A browser sends two signs for the end of a line."""
    return re.sub(r"\r\n?", "\n", text or "")


class ActivityForm(Form):
    """What each kind asks for.  ``lead`` is the one it is about."""

    KIND = ""
    kind = HiddenField()
    once = HiddenField(default=once.new_key)
    clock = HiddenField(validators=[AnyOf(ZONES)], default=lambda: zone().key)  # that times were shown on
    body = TextAreaField(_l("Note"), [Length(max=LONGEST)], [_lines])
    files = MultipleFileField(_l("Files"))

    @classmethod
    def of(cls, lead: Lead) -> "ActivityForm":
        """What was posted goes before what the lead has."""
        form = cls(data=cls.shown(lead) | {"kind": cls.KIND})
        form.kind.data = cls.KIND
        form.lead = lead
        form.fit()
        return form

    @staticmethod
    def shown(lead: Lead) -> dict[str, Any]:
        """Field -> what it begins with."""
        return {}

    def fit(self) -> None:
        """Offer what there is to choose on this lead."""

    @property
    def clock_zone(self) -> ZoneInfo:
        """The person may have chosen another one since, in another window."""
        return ZoneInfo(self.clock.data) if self.clock.data in ZONES else zone()

    def uploads(self) -> list[tuple[str, BinaryIO]]:
        return [(file.filename or "", file.stream) for file in self.files.data or () if file]

    def activity(self, stored: Sequence[Stored]) -> Activity:
        return Activity(kind=self.KIND, body=self.body.data, files=stored)

    @property
    def version_seen(self) -> int:
        """The lead's, when the form was opened."""
        return 0

    def changes(self) -> dict[str, Any]:
        """What it changes of the lead: field -> value."""
        return {}

    def see(self, lead: Lead) -> None:
        """The person is shown what the lead holds by now."""

    def field_about(self, name: str) -> Field:
        """Where something wrong with a field of the lead, or of the activity, is told."""
        return self[name if name in self else "body"]

    def check_moment(self, field: Field) -> None:
        """Only moments that the person's clock shows."""
        if not FIRST_YEAR < field.data.year < LAST_YEAR:
            told = {"first": FIRST_YEAR + 1, "last": LAST_YEAR - 1}
            raise ValidationError(_("Give a year between %(first)d and %(last)d.", **told))
        if _aware(field.data, self.clock_zone).astimezone(self.clock_zone).replace(tzinfo=None) != field.data:
            raise ValidationError(_("The clock skips this time on that day."))


class NoteForm(ActivityForm):
    """Words, files, or both."""

    KIND = NOTE


class MeetingForm(ActivityForm):
    """One that was, or one to come."""

    KIND = MEETING
    happens_at = DateTimeLocalField(_l("When"), [InputRequired()], format=[FORMAT])

    def validate_happens_at(self, field: Field) -> None:
        self.check_moment(field)

    def activity(self, stored: Sequence[Stored]) -> Activity:
        happens_at = _aware(self.happens_at.data, self.clock_zone)
        return Activity(kind=self.KIND, body=self.body.data, files=stored, happens_at=happens_at)


class CallForm(ActivityForm):
    """How it went, and what is next."""

    KIND = CALL
    version = HiddenField(validators=[InputRequired(), Regexp(r"^[1-9]\d{0,8}$")])
    outcome = RadioField(_l("Outcome"), choices=choices(CALL_OUTCOMES.items()), default="reached")
    next = RadioField(_l("Next contact"), default=AS_IT_IS)
    next_at = DateTimeLocalField(_l("When"), [Optional()], format=[FORMAT])
    status = SelectField(_l("Status"))
    lost_reason = SelectField(_l("Lost reason"), default="")
    status_was = HiddenField()  # so that one that was not touched takes back nobody's

    @staticmethod
    def shown(lead: Lead) -> dict[str, Any]:
        reason = lead.lost_reason.key if lead.lost_reason else ""
        return {
            "version": lead.version, "status": lead.status.key, "status_was": lead.status.key, "lost_reason": reason,
        }  # fmt: skip

    def fit(self) -> None:
        self.status.choices = choices(_statuses(keep={self.lead.status.key, self.status_was.data}))
        if any(row.needs_reason for row in statuses()):
            keep = {self.lead.lost_reason.key} if self.lead.lost_reason else set()
            reasons = [(row.key, label(row)) for row in rows_of(LossReason) if not row.retired or row.key in keep]
            self.lost_reason.choices = choices([("", "—"), *reasons])
        else:
            del self.lost_reason
        self.next.choices = choices(_moments(self.lead, keep=self.next.data))
        field = shown_fields(current_user).get(NEXT)
        if field is None or not may_change_field(current_user, field):
            del self.next, self.next_at

    def validate_next(self, field: Field) -> None:
        if field.data == PICK and not self.next_at.data and not self.next_at.process_errors:
            raise ValidationError(_("Give a date and a time."))

    def validate_next_at(self, field: Field) -> None:
        if field.data:
            self.check_moment(field)

    @property
    def version_seen(self) -> int:
        return int(self.version.data)

    def see(self, lead: Lead) -> None:
        self.version.data = str(lead.version)

    def activity(self, stored: Sequence[Stored]) -> Activity:
        return Activity(kind=self.KIND, body=self.body.data, files=stored, outcome=self.outcome.data)

    def changes(self) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        if self.status.data != self.status_was.data:
            changed["status"] = self.status.data
            if self.lost_reason and self.lost_reason.data:
                changed["lost_reason"] = self.lost_reason.data
        if self.next and (self.next.data != AS_IT_IS or self.next_at.data):
            changed[NEXT] = self._next_contact()
        return changed

    def field_about(self, name: str) -> Field:
        return super().field_about("next" if name in (NEXT, NEXT_BY) else name)

    def _next_contact(self) -> datetime | None:
        if self.next.data == NONE:
            return None
        if self.next.data in QUICK:
            return quick_moment(self.next.data, datetime.now(UTC), self.clock_zone)
        return _aware(self.next_at.data, self.clock_zone)


FORMS: dict[str, type[ActivityForm]] = {NOTE: NoteForm, CALL: CallForm, MEETING: MeetingForm}


def quick_moment(choice: str, now: datetime, clock: ZoneInfo) -> datetime:
    """Nine in the morning of that day, on that clock; aware, UTC."""
    today = now.astimezone(clock).date()
    days = {"tomorrow": 1, "days": 3, "week": 7 - today.weekday()}[choice]
    return _aware(datetime.combine(today + timedelta(days=days), MORNING), clock)


def _aware(shown: datetime, clock: ZoneInfo) -> datetime:
    return shown.replace(tzinfo=clock).astimezone(UTC)


def _moments(lead: Lead, keep: str | None) -> list[tuple[str, Any]]:
    """``keep``: what was chosen, since somebody may have taken the lead's next contact away meanwhile."""
    if not lead.next_contact_at and keep != NONE:
        return [(AS_IT_IS, _("None")), *QUICK.items(), (PICK, _("Choose a time"))]
    as_it_is = _("As it is: %(moment)s", moment=moment(lead.next_contact_at) if lead.next_contact_at else "–")
    return [(AS_IT_IS, as_it_is), (NONE, _("None")), *QUICK.items(), (PICK, _("Choose a time"))]


def _statuses(keep: set[str | None]) -> list[tuple[str, str]]:
    """Those still offered, and those that the lead has or had."""
    return [(row.key, label(row)) for row in statuses() if not row.retired or row.key in keep]
