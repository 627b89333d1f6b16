"""The lead's forms, made from the field catalogue: a new lead, a whole one, a field of one."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import gettext as _
from wtforms import Field as Input
from wtforms import HiddenField
from wtforms.validators import AnyOf, InputRequired, Regexp, ValidationError

from leadhub.accounts import once
from leadhub.accounts.models import User
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import FORM, GROUPS, NEVER_EMPTY, Field
from leadhub.fields.queries import may_change_field, shown_fields
from leadhub.forms import Form
from leadhub.leads.checks import FIRST_YEAR, LAST_YEAR, FieldRefused, year_words
from leadhub.leads.facts import is_nothing
from leadhub.leads.field_inputs import aware, filled, input_of, mark, offer, on_clock, read
from leadhub.leads.models import Lead
from leadhub.leads.offers import Offers
from leadhub.leads.row_inputs import ADD
from leadhub.leads.stages.transitions import SINCE, STAGE
from leadhub.leads.statuses.choices import REASON, STATUS
from leadhub.pipelines.queries import pipelines
from leadhub.plugins.api.leads import LeadDraft, Reach
from leadhub.web import zone

ZONES = available_timezones()
UPDATE = "update"  # the button that shows the lines of another country
FRONT = (
    "is_organisation", "first_name", "last_name", "organisation", "email", "phone", "source", "owner",
    "next_contact_at",
)  # fmt: skip
THEIRS, MINE = "theirs", "mine"
REACHES = ("email", "phone")


class LeadForm(Form):
    """Rules that every door shares are in ``leads.checks``; here are only those of typing."""

    clock = HiddenField(validators=[AnyOf(ZONES)], default=lambda: zone().key)  # that it was shown on
    known: Mapping[str, Field] = {}  # what it has inputs for

    @classmethod
    def with_fields(cls, fields: Iterable[Field], **options: Any) -> Any:
        """A form that has inputs for these fields."""
        known = {field.name: field for field in fields}
        inputs = {name: input_of(field) for name, field in known.items()}
        form = type(cls.__name__, (cls,), {**inputs, "known": known})(**options)
        found = Offers()
        for name, field in known.items():
            offer(form[name], field, found)
            form[name].flags.required = field.required
        return form

    def process(self, formdata: Any = None, *args: Any, **options: Any) -> None:
        self.sent = self.meta.wrap_formdata(self, formdata)
        super().process(formdata, *args, **options)

    @property
    def is_unfinished(self) -> bool:
        """Was it sent only to be shown again: with another row, with the lines of another country?"""
        return self.sent is not None and (ADD in self.sent or UPDATE in self.sent)

    @property
    def shown_zone(self) -> ZoneInfo:
        """Of the clock that the form showed: the person may have chosen another one since, in another window."""
        return ZoneInfo(self.clock.data) if self.clock.data in ZONES else zone()

    def inputs(self, names: Collection[str] | None = None) -> list[Input]:
        return [self[name] for name in self.known if names is None or name in names]

    @property
    def front(self) -> list[Input]:
        """What everybody fills in."""
        first = [name for name in FRONT if name in self.known and self.known[name].shown == FORM]
        rest = [name for name, field in self.known.items() if field.shown == FORM and name not in first]
        return [self[name] for name in (*first, *rest)]

    @property
    def more(self) -> list[tuple[Any, list[Input]]]:
        """The rest, by group."""
        behind = {name: field for name, field in self.known.items() if field.shown != FORM}
        groups = ((label, [name for name in behind if behind[name].group == key]) for key, label in GROUPS.items())
        return [(label, self.inputs(names)) for label, names in groups if names]

    @property
    def must_open(self) -> bool:
        """Is there something behind *more fields* that has to be seen?"""
        if self.is_unfinished:
            return True
        return any(field.errors for _label, found in self.more for field in found)

    def validate(self, extra_validators: Any = None) -> bool:
        for name, field in self.known.items():
            if field.type == kinds.MOMENT:
                self[name].validators = [*self[name].validators, self._shown_by_the_clock]
        return bool(super().validate(extra_validators))

    def _shown_by_the_clock(self, form: Any, field: Input) -> None:
        """Only moments that the person's clock shows: not the hour that summer time skips, nor the year 1."""
        typed = field.data
        if typed and not FIRST_YEAR < typed.year < LAST_YEAR:
            raise ValidationError(year_words())
        if typed and on_clock(aware(typed, self.shown_zone), self.shown_zone) != typed:
            raise ValidationError(_("The clock skips this time on that day."))

    def values(self) -> dict[str, Any]:
        """Field -> what was typed, as changes of a lead have it."""
        return {name: read(self[name], field, self.shown_zone) for name, field in self.known.items()}

    def reaches(self) -> tuple[list[str], list[str]]:
        """E-mails and phones as they stand in the form."""
        emails, phones = ([reach.value for reach in self[name].data] if name in self.known else [] for name in REACHES)
        return emails, phones

    def refuse(self, error: FieldRefused) -> None:
        """A rule about one field is told at the field; one about a field that is not here, at the first."""
        target = self[error.field] if error.field in self.known else self[next(iter(self.known))]
        target.errors = [*target.errors, str(error)]


class NewLeadForm(LeadForm):
    """A whole new lead."""

    once = HiddenField(default=once.new_key)

    @classmethod
    def of(cls, user: User) -> "NewLeadForm":
        """With what this person may fill in.  An unsent form proposes them as owner, and the usual type."""
        fields = [
            field for field in changeable(user) if field.name not in (STATUS, REASON, SINCE) and not _is_given(field)
        ]
        form: NewLeadForm = cls.with_fields(fields)
        if form.sent is None:
            for name, value in (("owner", user.email), ("type", "prospect")):
                if name in form.known:
                    form[name].data = value
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        for name, field in self.known.items():
            if field.required and not self[name].errors and self[name].data in (None, "", (), []):
                self[name].errors = [*self[name].errors, _("This field is required.")]
                is_valid = False
        return is_valid

    def to_draft(self) -> LeadDraft:
        values: dict[str, Any] = {"custom": {}}
        for name, value in self.values().items():
            if self.known[name].is_custom:
                values["custom"] |= {} if is_nothing(value) else {name: value}
            elif self.known[name].type in (kinds.EMAILS, kinds.PHONES):
                first, *others = value or [Reach(value="")]
                values |= {name: first.value, f"{name}_type": first.type, f"{name}s": tuple(others)}
            else:
                values[name] = value
        return LeadDraft(channel="form", **values)


class EditForm(LeadForm):
    """Fields of a lead, the version of it that the person saw, and a print of what each field showed."""

    version = HiddenField(validators=[InputRequired(), Regexp(r"^[1-9]\d{0,8}$")])
    shown = HiddenField()
    lead: Lead
    conflicts: dict[str, str]  # field in which somebody else was faster -> what was chosen for it
    told: str  # who that was

    @classmethod
    def of(cls, lead: Lead, user: User) -> "EditForm":
        """The whole lead, as far as this person may change it."""
        return cls.over(lead, changeable(user))

    @classmethod
    def over(cls, lead: Lead, fields: Iterable[Field]) -> Any:
        """Filled with what the lead has; what was sent goes before it."""
        known = {field.name: field for field in fields}
        data = {name: filled(lead, field, zone()) for name, field in known.items()}
        form = cls.with_fields(known.values(), data={**data, "version": lead.version})
        form.lead, form.told = lead, ""
        form.conflicts = {name: form.choice(name) for name in form.asked}
        if form.sent is None:
            form.shown.data = form.prints({name: mark(value) for name, value in data.items()})
        form.show_what_is_new()
        for name in set(NEVER_EMPTY) & set(known):
            form[name].validators = [InputRequired()]
        return form

    @staticmethod
    def prints(marks: Mapping[str, str]) -> str:
        return json.dumps(marks, separators=(",", ":"))

    def show_what_is_new(self) -> None:
        """A field that the sent form had no input for, since an admin has brought it back only now, was not emptied."""
        told, clock = self.marks, self.shown_zone
        for name in [name for name in self.known if told and name not in told]:
            value = filled(self.lead, self.known[name], clock)
            self[name].process(None, value)
            told[name] = mark(value)
        if told:
            self.shown.data = self.prints(told)

    @property
    def marks(self) -> dict[str, str]:
        """Field -> print of what the form showed; nothing for what can't be read."""
        try:
            told = json.loads(self.shown.data or "{}")
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}

    def changes(self) -> dict[str, Any]:
        """What the person changed, but for the fields in which they keep what somebody else has stored."""
        values = self.values()
        return {name: values[name] for name in self.touched() if self.choice(name) != THEIRS}

    def touched(self) -> list[str]:
        """Fields that differ from what the form showed and from what is stored."""
        told, clock, found = self.marks, self.shown_zone, []
        for name, field in self.known.items():
            now = mark(self[name].data)
            if now not in (told.get(name), mark(filled(self.lead, field, clock))):
                found.append(name)
        return found

    def choice(self, name: str) -> str:
        """``theirs``, ``mine`` or nothing: what was chosen where somebody else was faster."""
        return self.sent.get(f"keep-{name}", "") if self.sent is not None else ""

    @property
    def asked(self) -> list[str]:
        """Fields for which the form that was sent asked for a choice."""
        return [name for name in self.sent.getlist("conflict") if name in self.known] if self.sent is not None else []

    @property
    def is_undecided(self) -> bool:
        return any(self.choice(name) not in (THEIRS, MINE) for name in self.asked)

    def meet(self, lead: Lead, stale: Collection[str], words: str = "") -> None:
        """Somebody was faster, as ``words`` say.  What was typed stays, what was not touched shows what is stored by
        now, and ``stale`` fields ask for a choice."""
        self.told, told, clock = words, self.marks, self.shown_zone
        mine = {name for name in self.known if mark(self[name].data) != told.get(name) and self.choice(name) != THEIRS}
        self.lead, self.version.data = lead, str(lead.version)
        for name, field in self.known.items():
            if name not in mine:
                value = filled(lead, field, clock)
                self[name].process(None, value)
                told[name] = mark(value)
        self.shown.data = self.prints(told)
        self.conflicts = {name: "" for name in self.known if name in stale}

    @property
    def must_open(self) -> bool:
        behind = {field.name for _label, found in self.more for field in found}
        return bool(super().must_open or behind & set(self.conflicts))


def _is_given(field: Field) -> bool:
    """Does a new lead get it without a question?  The stage, while there is one pipeline."""
    return field.name == STAGE and len(pipelines()) < 2


def changeable(user: User) -> list[Field]:
    return [field for field in shown_fields(user).values() if may_change_field(user, field)]
