"""The form that every form is made from: what WTForms says, in our words.

WTForms has French of its own, chosen by Flask-WTF.  What breaks the rules of the hub's French is said here instead;
``tools/translations.py check`` tells which that is.
"""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.i18n import translations
from wtforms.fields.choices import SelectChoice

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


class Form(FlaskForm):
    """A form of the hub."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> Words:
            return Words()
