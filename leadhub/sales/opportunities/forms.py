"""Forms of opportunities: one of them, why it was lost, what a list shows."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, DateTimeLocalField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from leadhub.accounts import once
from leadhub.accounts.models import User
from leadhub.accounts.queries import user_by_email
from leadhub.fields.queries import catalogue
from leadhub.forms import Form, IntegerField, choices
from leadhub.hub.queries import hub
from leadhub.leads.checks import FIRST_YEAR, LAST_YEAR, FieldRefused, year_words
from leadhub.leads.field_inputs import NumberField, aware, mark, on_clock
from leadhub.leads.offers import FIXED, Offers
from leadhub.lists.models import OpportunityType
from leadhub.lists.queries import rows_of
from leadhub.sales.documents import OPEN, OPPORTUNITY_STATES, TITLE_MAX, Opportunity
from leadhub.sales.drafts import OpportunityDraft
from leadhub.sales.forms import LossForm, sensible_day
from leadhub.sales.money import places_of
from leadhub.sales.opportunities.periods import LATE, MONTH, NEXT_MONTH, NEXT_QUARTER, QUARTER
from leadhub.sales.opportunities.queries import ALL, MINE, NOBODY, WORDS_MAX, Wanted
from leadhub.sales.parties import Party
from leadhub.sales.words import opportunity_state
from leadhub.web import label, zone

ZONES = available_timezones()
FILTERS = ("q", "state", "owner", "closing")
NOTE_MAX, SHORT_MAX = 10_000, 500
TEXT_MAX = 20 * WORDS_MAX
TYPED = [lambda text: " ".join(text.split()) if text else ""]
PERCENT = _l("Give a whole number from 0 to 100.")


def _lines(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


class OpportunityForm(Form):
    """One opportunity.  Moments are on the clock that the form showed."""

    clock = HiddenField(validators=[AnyOf(ZONES)], default=lambda: zone().key)
    title = StringField(_l("Title"), [InputRequired(), Length(max=TITLE_MAX)], filters=TYPED)
    type = SelectField(_l("Type"), default="")
    amount = NumberField(_l("Amount"), render_kw={"inputmode": "decimal", "autocomplete": "off"})
    currency = SelectField(_l("Currency"))
    expected_close = DateField(_l("Expected close"), [Optional(), sensible_day])
    probability = IntegerField(
        _l("Probability, in percent"), [Optional(), NumberRange(0, 100, PERCENT)], render_kw={"min": 0, "max": 100}
    )
    owner = SelectField(_l("Owner"), default="")
    competitor = StringField(_l("Competitor"), [Length(max=TITLE_MAX)], filters=TYPED)
    next_contact_at = DateTimeLocalField(_l("Next contact"), [Optional()], format=["%Y-%m-%dT%H:%M"])
    next_contact_note = StringField(_l("Next contact: note"), [Length(max=SHORT_MAX)], filters=TYPED)
    note = TextAreaField(_l("Note"), [Length(max=NOTE_MAX)], filters=[_lines], render_kw={"rows": 4})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        codes = [(code, words) for code, words in FIXED["currency"](self.currency.object_data) if code]
        self.currency.choices = choices(codes)
        self.owner.choices = choices(Offers().of(catalogue()["owner"], self.owner.object_data))
        self.types = [row for row in rows_of(OpportunityType) if not row.retired or row.key == self.type.object_data]
        self.type.choices = choices([("", "—"), *((row.key, label(row)) for row in self.types)])
        self.amount.places = places_of(self.currency.data or hub().currency)

    @property
    def shown(self) -> list[Any]:
        """The type only where there are some."""
        hidden = ("HiddenField", "CSRFTokenField")
        return [field for field in self if field.type not in hidden and (field is not self.type or self.types)]

    @property
    def shown_zone(self) -> ZoneInfo:
        return ZoneInfo(self.clock.data) if self.clock.data in ZONES else zone()

    def validate_next_contact_at(self, field: DateTimeLocalField) -> None:
        """Only moments that the person's clock shows."""
        if field.data and not FIRST_YEAR < field.data.year < LAST_YEAR:
            raise ValidationError(year_words())
        if field.data and on_clock(aware(field.data, self.shown_zone), self.shown_zone) != field.data:
            raise ValidationError(_("The clock skips this time on that day."))

    def to_draft(self) -> OpportunityDraft:
        moment = self.next_contact_at.data
        return OpportunityDraft(
            title=self.title.data or "", currency=self.currency.data, amount=self.amount.data,
            type_id=next((row.id for row in self.types if row.key == self.type.data), None),
            expected_close=self.expected_close.data, probability=self.probability.data,
            owner_id=self._owner_id(),
            next_contact_at=aware(moment, self.shown_zone) if moment else None,
            next_contact_note=self.next_contact_note.data or "", note=self.note.data or "",
            competitor=self.competitor.data or "",
        )  # fmt: skip

    def _owner_id(self) -> int | None:
        """Who has it keeps it, though nothing may be given to them any more."""
        owner = user_by_email(self.owner.data) if self.owner.data else None
        return owner.id if owner else None

    def refuse(self, error: FieldRefused) -> None:
        self[error.field].errors = [*self[error.field].errors, str(error)]


class NewOpportunityForm(OpportunityForm):
    """Of a lead or a customer."""

    once = HiddenField(default=once.new_key)

    @classmethod
    def of(cls, party: Party, user: User) -> "NewOpportunityForm":
        """The party's owner has it, else whoever makes it."""
        owner = party.owner if party.owner and party.owner.active else user
        return cls(data={"owner": owner.email, "currency": getattr(party, "currency", "") or hub().currency})


class EditOpportunityForm(OpportunityForm):
    """One that is there, and the version of it that the person saw."""

    version = HiddenField(validators=[InputRequired(), Regexp(r"^[1-9]\d{0,8}$")])
    told = ""  # that somebody was faster
    differing: list[str]

    @classmethod
    def of(cls, row: Opportunity) -> "EditOpportunityForm":
        form = cls(data={**_filled(row), "version": row.version})
        form.differing = []
        return form

    def meet(self, row: Opportunity, told: str) -> None:
        """Somebody was faster, as ``told`` says: what was typed stays, and is saved the next time."""
        self.version.data, self.told = str(row.version), told
        stored = _filled(row)
        self.differing = [
            field.label.text for field in self.shown if mark(field.data) != mark(stored.get(field.name))
        ]  # fmt: skip


class LostForm(LossForm):
    """Why an opportunity was lost, and to whom."""

    competitor = StringField(_l("Competitor"), [Length(max=TITLE_MAX)], filters=TYPED)


class PlaceForm(Form):
    """Another stage for one, and the version of it that the person saw."""

    version = HiddenField(validators=[InputRequired(), Regexp(r"^[1-9]\d{0,8}$")])
    stage = HiddenField()


class LostPlaceForm(LostForm):
    """The same, where it is lost by that."""

    version = HiddenField(validators=[InputRequired(), Regexp(r"^[1-9]\d{0,8}$")])
    stage = HiddenField()

    @property
    def is_asked(self) -> bool:
        """Has it been shown yet?"""
        return bool(self.reason.raw_data)


class FilterForm(Form):
    """What the list shows; read from the address."""

    class Meta(Form.Meta):
        csrf = False

    q = StringField(_l("Search opportunities"))
    state = SelectField(_l("State"), default=OPEN)
    owner = SelectField(_l("Owner"), default="")
    closing = SelectField(_l("Expected close"), default="")

    @classmethod
    def asked(cls, args: Mapping[str, str], people: list[User]) -> "FilterForm":
        """What is none of the choices is as if it were not there."""
        form = cls(
            formdata=None, data={name: args[name] for name in ("q", "state", "owner", "closing") if name in args}
        )
        form.q.data = (form.q.data or "").strip()[:TEXT_MAX]
        states = [(state, opportunity_state(state)) for state in OPPORTUNITY_STATES]
        form.state.choices = choices([*states, (ALL, _("All states"))])
        named = [(str(user.id), user.label) for user in people]
        form.owner.choices = choices([("", _("Everybody")), (MINE, _("Mine")), (NOBODY, _("Nobody’s")), *named])
        form.closing.choices = choices([("", _("Whenever")), *_periods()])
        for field in (form.state, form.owner, form.closing):
            if field.data not in [choice.value for choice in field.choices]:
                field.data = field.default
        return form

    def wanted(self) -> Wanted:
        return Wanted(self.state.data, self.owner.data, self.closing.data, self.q.data)


def _periods() -> list[tuple[str, str]]:
    return [
        (LATE, _("Late")), (MONTH, _("This month")), (NEXT_MONTH, _("Next month")), (QUARTER, _("This quarter")),
        (NEXT_QUARTER, _("Next quarter")),
    ]  # fmt: skip


def _filled(row: Opportunity) -> dict[str, Any]:
    """What the form shows of it."""
    same = ("title", "amount", "currency", "expected_close", "probability", "next_contact_note", "competitor", "note")
    moment = row.next_contact_at
    return {name: getattr(row, name) for name in same} | {
        "type": row.type.key if row.type else "",
        "owner": row.owner.email if row.owner else "",
        "next_contact_at": on_clock(moment, zone()) if moment else None,
    }
