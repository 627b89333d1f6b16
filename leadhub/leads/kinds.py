"""The fixed sets of words that a lead's fields are made of: stored as keys, put into words where they are shown."""

from typing import Any

from babel import Locale
from flask_babel import lazy_gettext as _l

EMAIL_TYPES: dict[str, Any] = {"work": _l("Work"), "home": _l("Home"), "other": _l("Other")}
PHONE_TYPES: dict[str, Any] = {
    "work": _l("Work"),
    "mobile": _l("Mobile"),
    "home": _l("Home"),
    "fax": _l("Fax"),
    "other": _l("Other"),
}
ADDRESS_TYPES: dict[str, Any] = {
    "billing": _l("Billing"),
    "shipping": _l("Shipping"),
    "office": _l("Office"),
    "personal": _l("Personal"),
    "plant": _l("Plant"),
    "postal": _l("Postal"),
    "shop": _l("Shop"),
    "subsidiary": _l("Subsidiary"),
    "warehouse": _l("Warehouse"),
    "current": _l("Current"),
    "permanent": _l("Permanent"),
    "other": _l("Other"),
}
GENDERS: dict[str, Any] = {"female": _l("Female"), "male": _l("Male"), "other": _l("Other")}
CALL_OUTCOMES: dict[str, Any] = {
    "reached": _l("Reached"),
    "no_answer": _l("No answer"),
    "message_left": _l("Message left"),
}
LANGUAGES = (
    "en", "fr", "de", "es", "it", "pt", "nl", "pl", "ar", "bg", "ca", "cs", "da", "el", "et", "fi", "ga", "he", "hi",
    "hr", "hu", "id", "is", "ja", "ko", "lb", "lt", "lv", "ms", "mt", "no", "ro", "ru", "sk", "sl", "sq", "sr", "sv",
    "th", "tr", "uk", "vi", "zh",
)  # fmt: skip  # ISO 639-1: what people write to each other in; the first ones are offered first
ENGLISH = Locale.parse("en")
CURRENCIES = frozenset(code for code in map(str, ENGLISH.currencies) if len(code) == 3 and code.isalpha())  # ISO 4217
NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}  # to CLDR alone
COUNTRIES = {code for code in map(str, ENGLISH.territories) if len(code) == 2 and code.isalpha()} - NO_COUNTRIES
FIXED_SETS: dict[str, Any] = {"gender": GENDERS, "language": LANGUAGES, "currency": CURRENCIES}
"""Field -> its set, of the fields of type ``fixed``."""
