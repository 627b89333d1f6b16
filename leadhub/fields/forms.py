"""Forms of Settings > Fields."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import ALL, CUSTOM_TYPES, FORM, MANAGERS, MORE, OFF, Field
from leadhub.fields.drafts import Decision, FieldDraft
from leadhub.forms import Form, choices
from leadhub.names import Names
from leadhub.web import LANGUAGES, language

CHOICES_LENGTH = 100_000  # characters of the first choices together
TYPES = {
    kinds.TEXT: _l("Text"),
    kinds.NUMBER: _l("Number"),
    kinds.DAY: _l("Date"),
    kinds.CHOICE: _l("One choice"),
    kinds.CHOICES: _l("Several choices"),
    kinds.YES_NO: _l("Yes or no"),
    kinds.LINK: _l("Web address"),
}
SHOWN = ((FORM, _l("On the form")), (MORE, _l("More fields")), (OFF, _l("Nowhere")))
WHO = ((ALL, _l("Everybody")), (MANAGERS, _l("Managers and admins")))


def stripped(text: str | None) -> str:
    return " ".join((text or "").split())


class DecisionForm(Form):
    """One row of the table.  ``told`` is what the page showed: only what somebody changes there is decided."""

    told = HiddenField()
    shown = SelectField(choices=choices(SHOWN))
    required = BooleanField()
    in_list = BooleanField()

    @classmethod
    def of(cls, field: Field, *, sent: bool = False) -> "DecisionForm":
        """With what holds for the field; ``sent``: with what was posted instead, where it was."""
        now: dict[str, Any] = {"shown": field.shown, "required": field.required, "in_list": field.in_list}
        data = now | {"told": _print(**now)}
        options: dict[str, Any] = {} if sent else {"formdata": None}
        form = cls(prefix=f"{field.name}-", data=data, meta={"csrf": False}, **options)
        if field.core:
            del form.shown
        if not field.may_be_required:
            del form.required
        return form

    def to_decision(self, field: Field) -> Decision | None:
        """None where the row was left as it was shown, or was not on the page."""
        now = Decision.of(field)
        typed = {name: self[name].data for name in ("shown", "required", "in_list") if name in self}
        new: dict[str, Any] = {"shown": now.shown, "required": False, "in_list": False} | typed
        if not self.told.raw_data or self.told.data == _print(**new):
            return None
        return replace(now, **new)


class FieldForm(Form):
    """What stands in a field's drawer."""

    name_en = StringField(_l("Name in English"), [Length(max=200)], [stripped])
    name_fr = StringField(_l("Name in French"), [Length(max=200)], [stripped])
    seen_by = SelectField(_l("Who sees it"), choices=choices(WHO))
    changed_by = SelectField(_l("Who changes it"), choices=choices(WHO))
    searchable = BooleanField(
        _l("Found by the search"), description=_l("Only where everybody sees the field. It takes a moment to hold.")
    )

    @classmethod
    def of(cls, field: Field, *, sent: bool = False) -> "FieldForm":
        names = field.label.names if isinstance(field.label, Names) else {}
        data = {f"name_{language}": name for language, name in names.items()}
        data |= {"seen_by": field.seen_by, "changed_by": field.changed_by, "searchable": field.searchable}
        form = cls(data=data) if sent else cls(data=data, formdata=None)
        for name in () if field.is_custom else ("name_en", "name_fr"):
            del form[name]
        for name in ("seen_by", "changed_by") if field.core else ():
            del form[name]
        if not field.may_be_searchable:
            del form.searchable
        return form

    def names(self) -> dict[str, str]:
        return {language: self[f"name_{language}"].data for language in LANGUAGES}

    def to_decision(self, field: Field) -> Decision:
        typed = {name: self[name].data for name in ("seen_by", "changed_by", "searchable") if name in self}
        return replace(Decision.of(field), **typed)


class NewFieldForm(Form):
    """A field to be added."""

    type = SelectField(
        _l("Type"),
        choices=choices((name, TYPES[name]) for name in CUSTOM_TYPES),
        default=kinds.TEXT,
        description=_l("It stays what it is: a field of another type is another field."),
    )
    name_en = StringField(_l("Name in English"), [Length(max=200)], [stripped])
    name_fr = StringField(_l("Name in French"), [Length(max=200)], [stripped])
    shown = SelectField(_l("Where it is shown"), choices=choices(SHOWN), default=MORE)
    choices = TextAreaField(
        _l("Choices"),
        [Length(max=CHOICES_LENGTH)],
        description=_l("One a line, where one or several can be chosen. You can change them later."),
    )

    def to_draft(self) -> FieldDraft:
        return FieldDraft(
            type=self.type.data,
            names={language: self[f"name_{language}"].data for language in LANGUAGES},
            shown=self.shown.data,
            choices=tuple((self.choices.data or "").splitlines()),
        )


class DeletionForm(Form):
    """Asks for the name of a field that leads have something in."""

    name = StringField(filters=[stripped])

    def __init__(self, field: Field, **options: Any) -> None:
        super().__init__(**options)
        self.name.label.text = _("Type “%(name)s” to delete it", name=str(field.label))


def names_first(form: Any) -> list[Any]:
    """The fields of a name, that of the reader's language first."""
    languages = sorted(LANGUAGES, key=lambda name: name != language())
    return [form[f"name_{language}"] for language in languages if f"name_{language}" in form]


def _print(shown: str, required: bool, in_list: bool) -> str:
    return f"{shown} {required:d} {in_list:d}"
