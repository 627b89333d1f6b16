"""Forms about rows of lists."""

import hashlib
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from leadhub.accounts.queries import active_users
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.forms import Form, choices
from leadhub.lists.drafts import NAME_MAX, NOTHING, RowDraft, Successor
from leadhub.lists.kinds import Kind
from leadhub.lists.models import Campaign, ListRow, Source
from leadhub.lists.queries import successors_of
from leadhub.numbers import read_decimal, typed
from leadhub.referrers.registry import may_be_empty, uses_of
from leadhub.web import LANGUAGES, label

DETAILS_MAX = 2000
AMOUNT_MAX = Decimal(10) ** 13
WITHOUT = "none"


def stripped(text: str | None) -> str:
    return " ".join((text or "").split())


def trimmed(text: str | None) -> str:
    return (text or "").strip()


class AmountField(StringField):
    """An amount as people type it in the language of the page.  ``data`` is a decimal, or None."""

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else typed(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = read_decimal(text)
        if text and self.data is None:
            raise ValueError(_l("Give a number."))
        if self.data is not None and not 0 <= self.data < AMOUNT_MAX:
            raise ValueError(_l("Give a number that is not below zero, with at most thirteen digits."))
        if self.data is not None:
            self.data = self.data.quantize(Decimal("0.01"), ROUND_HALF_UP)


class RowForm(Form):
    """What every list's rows have: a name in each language of the hub."""

    EXTRAS: tuple[str, ...] = ()

    shown = HiddenField()  # a print of the row as the form showed it
    name_en = StringField(_l("Name in English"), [Length(max=NAME_MAX)], [stripped])
    name_fr = StringField(_l("Name in French"), [Length(max=NAME_MAX)], [stripped])

    def to_draft(self) -> RowDraft:
        names = {language: self[f"name_{language}"].data for language in LANGUAGES}
        return RowDraft(
            names={language: name for language, name in names.items() if name},
            extras={name: self[name].data for name in self.EXTRAS},
        )

    def with_ids(self, of: str) -> Self:
        """Several drawers may be open on one page: a label must not find its input in another one."""
        for field in self:
            field.id = f"{of}-{field.id}"
        return self

    def is_stale(self, row: ListRow) -> bool:
        """Has somebody changed the row since the form was opened?  Once told, the next save replaces it."""
        seen, self.shown.data = self.shown.data, print_of(row, self.EXTRAS)
        return bool(seen) and seen != self.shown.data

    def refuse(self, field: str, message: str) -> None:
        """Tell it where it was typed; what holds for all names is told at the first one."""
        at = field if field in self._fields else "name_en"
        self[at].errors = [*self[at].errors, message]


class SourceForm(RowForm):
    EXTRAS = ("details", "default_owner_id")

    details = TextAreaField(_l("Details"), [Length(max=DETAILS_MAX)], [trimmed])
    default_owner_id = SelectField(
        _l("Default owner"),
        coerce=lambda value: int(value) if value else None,
        default="",
        description=_l("Gets the leads of this source that come without an owner."),
    )

    def __init__(self, row: Source, **options: Any) -> None:
        super().__init__(**options)
        able = [user for user in active_users() if user.may(WRITE_LEADS) or user.id == row.default_owner_id]
        self.default_owner_id.choices = choices([("", _l("Nobody")), *((str(user.id), user.label) for user in able)])


class CampaignForm(RowForm):
    EXTRAS = ("details", "budget", "actual_cost", "starts_on", "ends_on")

    details = TextAreaField(_l("Details"), [Length(max=DETAILS_MAX)], [trimmed])
    budget = AmountField(_l("Budget"), render_kw={"inputmode": "decimal"})
    actual_cost = AmountField(_l("Actual cost"), render_kw={"inputmode": "decimal"})
    starts_on = DateField(_l("Begins on"), [Optional()])
    ends_on = DateField(_l("Ends on"), [Optional()])


EXTRAS: dict[Any, tuple[str, ...]] = {Source: SourceForm.EXTRAS, Campaign: CampaignForm.EXTRAS}


class DeletionForm(Form):
    """What takes the place of a row that is deleted."""

    successor = SelectField(_l("What should become of them?"), default="")

    def __init__(self, kind: Kind, row: ListRow) -> None:
        super().__init__()
        self.uses = uses_of(kind.table, row.id)
        self.rows = {str(other.id): other for other in successors_of(kind, row)} if self.uses else {}
        without = [(WITHOUT, _l("Leave it empty"))] if may_be_empty(kind.table) else []
        offered = [("", _l("Choose…")), *without, *((value, label(other)) for value, other in self.rows.items())]
        self.successor.choices = choices(offered)

    def chosen(self) -> Successor:
        return NOTHING if self.successor.data == WITHOUT else self.rows.get(self.successor.data)


def print_of(row: Any, extras: Sequence[str]) -> str:
    values = [row.names, *(getattr(row, name) for name in extras)]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def form_of(kind: Kind, row: Any, *, sent: bool = False) -> Any:
    """The form of one row, with what the row has; ``sent``: with what was posted instead."""
    forms: dict[Any, Any] = {Source: partial(SourceForm, row), Campaign: CampaignForm}
    form = forms.get(kind.model, RowForm)
    return form() if sent else form(formdata=None, data=shown_of(row, EXTRAS.get(kind.model, ())))


def shown_of(row: Any, extras: Sequence[str]) -> dict[str, Any]:
    """What the form of a row begins with."""
    names = {f"name_{language}": row.names.get(language, "") for language in LANGUAGES}
    return names | {name: getattr(row, name) for name in extras} | {"shown": print_of(row, extras)}
