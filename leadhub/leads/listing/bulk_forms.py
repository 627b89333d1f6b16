"""What is to become of many leads: an act, its field, a value, and the sentence that says so."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from leadhub.accounts import once
from leadhub.accounts.models import User
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import GROUPS, NEVER_EMPTY, Field
from leadhub.fields.queries import catalogue, may_change_field, shown_fields
from leadhub.folding import fold
from leadhub.forms import choices
from leadhub.leads.facts import is_nothing
from leadhub.leads.field_inputs import SELECTS, read
from leadhub.leads.forms import LeadForm
from leadhub.leads.many import ADD, DELETE, REMOVE, SET, TAGS, Act, may_be_changed
from leadhub.leads.words import day
from leadhub.lists.models import Tag
from leadhub.lists.queries import rows_by_word
from leadhub.web import moment

EMPTY = "empty"
ACTS: Mapping[str, Any] = {
    SET: _l("Change a field"),
    EMPTY: _l("Empty a field"),
    ADD: _l("Add tags"),
    REMOVE: _l("Remove tags"),
    DELETE: _l("Move to the bin"),
}
YES, NO = "yes", "no"


def acts_of(user: User) -> dict[str, Any]:
    """Key -> words of what this person may do with many leads."""
    tags = shown_fields(user).get(TAGS)
    has_tags = tags is not None and may_change_field(user, tags)
    return {key: words for key, words in ACTS.items() if has_tags or key not in (ADD, REMOVE)}


def fields_for(act: str, user: User) -> dict[str, Field]:
    """Fields that the act may be done to."""
    if act not in (SET, EMPTY):
        return {}
    found = may_be_changed(user)
    return {name: field for name, field in found.items() if act == SET or _may_be_empty(field)}


def grouped(fields: Mapping[str, Field]) -> list[tuple[Any, list[Field]]]:
    """As forms have them."""
    groups = [(label, [field for field in fields.values() if field.group == key]) for key, label in GROUPS.items()]
    return [(label, found) for label, found in groups if found]


def _may_be_empty(field: Field) -> bool:
    return not field.required and field.name not in NEVER_EMPTY and field.type != kinds.YES_NO


class BulkForm(LeadForm):
    """An act and, where it needs one, the input of a new value.  ``most`` is the number of leads that was shown."""

    once = HiddenField(default=once.new_key)
    most = HiddenField()
    act = ""
    field: Field | None = None

    @classmethod
    def of(cls, act: str, name: str, user: User) -> "BulkForm | None":
        """None while it is not said what to do, or to which field; a field that the person may not see is none."""
        if act not in acts_of(user):
            return None
        field = catalogue()[TAGS] if act in (ADD, REMOVE) else fields_for(act, user).get(name)
        if field is None and act != DELETE:
            return None
        form: BulkForm = cls._over(field) if field and act != EMPTY else cls.with_fields([])
        form.act, form.field = act, field
        if act == SET:
            form.control.label.text = _("New value")
        return form

    @classmethod
    def _over(cls, field: Field) -> Any:
        if field.type != kinds.YES_NO:
            return cls.with_fields([field])
        control = SelectField(field.label, choices=choices([("", "—"), (YES, _("Yes")), (NO, _("No"))]))
        return type(cls.__name__, (cls,), {field.name: control, "known": {field.name: field}})()

    @property
    def control(self) -> Any:
        """The input of the value, if there is one."""
        return self[next(iter(self.known))] if self.known else None

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.control is not None and (words := self._problem()):
            self.control.errors = [*self.control.errors, words]
            return False
        return True

    def to_act(self) -> Act:
        if self.act in (DELETE, EMPTY):
            return Act(act=SET if self.act == EMPTY else DELETE, field=self.field.name if self.field else "")
        if self.act == SET and self.field:
            return Act(act=SET, field=self.field.name, value=self._value())
        return Act(act=self.act, value=self._value())

    def sentence(self, count: int) -> str:
        """What will become of that many leads."""
        told: dict[str, str] = {"count": format_decimal(count)}
        if self.field:
            told["field"] = str(self.field.label)
        if self.act == DELETE:
            return ngettext("%(count)s lead moves to the bin.", "%(count)s leads move to the bin.", count, **told)
        if self.act == EMPTY:
            return ngettext(
                "%(field)s is emptied on %(count)s lead.", "%(field)s is emptied on %(count)s leads.", count, **told
            )
        told["value"] = self._words()
        if self.act == ADD:
            return ngettext("%(count)s lead gets “%(value)s”.", "%(count)s leads get “%(value)s”.", count, **told)
        if self.act == REMOVE:
            return ngettext("%(count)s lead loses “%(value)s”.", "%(count)s leads lose “%(value)s”.", count, **told)
        return ngettext(
            "%(field)s becomes “%(value)s” on %(count)s lead.",
            "%(field)s becomes “%(value)s” on %(count)s leads.",
            count,
            **told,
        )

    def _value(self) -> Any:
        field = self.known[next(iter(self.known))]
        if field.type == kinds.YES_NO:
            return self.control.data == YES
        return read(self.control, field, self.shown_zone)

    def _problem(self) -> str:
        field = self.known[next(iter(self.known))]
        if field.type == kinds.YES_NO:
            return "" if self.control.data in (YES, NO) else _("Choose one from the list.")
        value = self._value()
        if is_nothing(value) or value == "":
            return _("Give a value.")
        if self.act == REMOVE:
            known = rows_by_word(Tag)
            keys = {row.key for row in known.values()}
            unknown = [word for word in value if word not in keys and fold(word) not in known]
            return _("There is no tag “%(tag)s”.", tag=unknown[0]) if unknown else ""
        return ""

    def _words(self) -> str:
        """The value as the page would show it."""
        field, value = self.known[next(iter(self.known))], self._value()
        if field.type in (*SELECTS, kinds.YES_NO):
            chosen = self.control.data if isinstance(self.control.data, list) else [self.control.data]
            return ", ".join(str(option.label) for option in self.control.choices if option.value in chosen)
        if field.type == kinds.TAGS:
            return ", ".join(value)
        if field.type == kinds.MOMENT:
            return moment(value)
        if field.type == kinds.DAY:
            return day(value)
        return str(format_decimal(value)) if field.type in (kinds.NUMBER, kinds.AMOUNT) else str(value)
