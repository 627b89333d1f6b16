"""The keys by which twins are found: e-mails folded, phones as E.164.  Stored and indexed, never unique."""

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from leadhub.fields.catalogue import EMAIL_MAX
from leadhub.folding import fold

KEY_MAX = 16  # a plus and fifteen digits; some countries have numbers that are longer than E.164 allows


def email_key(email: str) -> str | None:
    """Folding can make a text longer than it was."""
    return fold(email)[:EMAIL_MAX] or None


@lru_cache(maxsize=4096)
def number_of(text: str, country: str) -> PhoneNumber | None:
    """The number that people of this country (ISO 3166-1 alpha-2, or empty) mean; None for what is none."""
    number = parsed(text, country)
    return number if number and phonenumbers.is_valid_number(number) else None


@lru_cache(maxsize=4096)
def phone_key(text: str, country: str) -> str | None:
    """E.164 (ITU-T, 2010), ``+33612345678``; None for what is no number.

    A number of a range that is not given out will do: ranges are opened later than the library knows.
    """
    number = parsed(text, country) if text else None
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    key = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    return key if len(key) <= KEY_MAX else None


@lru_cache(maxsize=4096)
def parsed(text: str, country: str) -> PhoneNumber | None:
    """A number, valid or not; None for what is none."""
    try:
        return phonenumbers.parse(text, country or None)
    except NumberParseException:
        return None
