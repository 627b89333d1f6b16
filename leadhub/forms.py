"""The form that every form is made from: what WTForms says, in our words.

WTForms has French of its own, chosen by Flask-WTF.  What breaks the rules of the hub's French is said here instead;
``tools/translations.py check`` tells which that is.
"""

from collections.abc import Iterable
from typing import Any

import wtforms
from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from flask_wtf.i18n import translations
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField
from wtforms.fields.choices import SelectChoice

LONGEST = 40  # characters of a whole number
WORDS = {
    "This field is required.": _l("This field is required."),
    "Field must be at least %(min)d character long.": _l("At least %(min)d characters."),
    "Field cannot be longer than %(max)d character.": _l("At most %(max)d characters."),
    "Field must be exactly %(max)d character long.": _l("Exactly %(max)d characters."),
    "Field must be between %(min)d and %(max)d characters long.": _l("Between %(min)d and %(max)d characters."),
    "Invalid email address.": _l("This is not an e-mail address."),
    "Not a valid choice.": _l("Choose one from the list."),
    "'%(value)s' is not a valid choice for this field.": _l("“%(value)s” is not in the list."),
    "Not a valid datetime value.": _l("Give a date and a time."),
    "Not a valid date value.": _l("Give a date."),
    "Not a valid time value.": _l("Give a time."),
    "Not a valid week value.": _l("Give a week."),
    "Not a valid integer value.": _l("Give a whole number."),
    "Not a valid decimal value.": _l("Give a number."),
    "Not a valid float value.": _l("Give a number."),
}


class Words:
    """Stands where WTForms looks for its translations."""

    def gettext(self, text: str) -> str:
        return str(WORDS[text] if text in WORDS else translations.gettext(text))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return str(WORDS[singular] if singular in WORDS else translations.ngettext(singular, plural, count))


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """(value, label) pairs as a select or radio field takes them."""
    return [SelectChoice(value, label) for value, label in pairs]


class IntegerField(wtforms.IntegerField):
    """No longer than what databases hold: what compares numbers as floats can't take any longer ones."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and len(valuelist[0]) > LONGEST:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value."))
        super().process_formdata(valuelist)


class Form(FlaskForm):
    """A form of the hub."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Texts, and files for those fields alone that take files.  A body in JSON is none of a form's: what
            stands in it may be of any type."""
            if formdata is not _Auto:
                return formdata
            if not form.is_submitted():
                return None
            wanted = {field.name for field in form if isinstance(field, FileField)}
            files = MultiDict(pair for pair in request.files.items(multi=True) if pair[0] in wanted)
            return CombinedMultiDict((files, request.form)) if files else request.form or None

        def get_translations(self, form: Any) -> Words:
            return Words()
