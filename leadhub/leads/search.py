"""The keys by which leads are found and sorted, and what was typed in the search box: alike on every database."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberFormat

from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.leads.keys import parsed
from leadhub.leads.models import KEY_MAX, Lead

PART = "\x1f"  # between a last and a first name: folding leaves none of it in a text
NO_DIGIT = re.compile(r"\D")
AT_HOME = re.compile(r"(?<=\d)[\s.]*\(0\)")  # +33 (0)6 12 34: the nought is dialled at home alone
PHONE_LIKE = re.compile(r"[+(]?[\d][\d\s().+/\-\u2010-\u2015]*")
LETTERS_MIN = 3  # a shorter word is looked for where words begin
WORDS_MAX = 12
NAMED = (
    "is_organisation", "first_name", "last_name", "organisation", "email", "phone", "external_id", "job_title",
    "next_contact_note",
)  # fmt: skip
PHONE_DIGITS_MIN = 3


def keys_of(columns: Mapping[str, Any], others: Sequence[str] = (), texts: Iterable[str] = ()) -> dict[str, str]:
    """Column -> key, for everything that a lead is found or sorted by.

    ``columns`` are the lead's own.  ``others`` are the e-mails and phones beside the first; ``texts`` what it has in
    the team's fields that are searched.
    """
    first, last, organisation = (fold(columns[name]) for name in ("first_name", "last_name", "organisation"))
    person = f"{last}{PART}{first}" if last or first else ""
    return {
        "search_key": _search_key(columns, (last, first, organisation), others, texts),
        "sort_key": _sort_key(columns, person, organisation)[:KEY_MAX],
        "person_key": person,
        "organisation_key": organisation[:KEY_MAX],
        "job_title_key": fold(columns["job_title"]),
        "next_contact_note_key": fold(columns["next_contact_note"]),
    }


def columns_of(lead: Lead) -> dict[str, Any]:
    """What of a lead ``keys_of`` looks at."""
    return {name: getattr(lead, name) for name in NAMED}


@dataclass(frozen=True, slots=True)
class Needles:
    """What must all be in a lead's search key.  A needle that begins with a space stands where a word begins."""

    parts: tuple[str, ...]

    @property
    def indexed(self) -> tuple[str, ...]:
        """Those that are long enough for an index of trigrams."""
        return tuple(part for part in self.parts if len(part) >= LETTERS_MIN)


def needles_of(text: str) -> list[Needles]:
    """What was typed, as alternatives of which one must fit; none for what holds no word.

    ``06 12`` and ``+33 612`` are the beginnings of a phone, so that their digits are looked for in one piece.
    """
    words = list(dict.fromkeys(fold(text).split()))[:WORDS_MAX]
    if not words:
        return []
    plain = Needles(tuple(word if len(word) >= LETTERS_MIN else f" {word}" for word in words))
    digits = digits_of(text)
    if not PHONE_LIKE.fullmatch(text.strip()) or len(digits) < PHONE_DIGITS_MIN:
        return [plain]
    phone = Needles((digits,))
    return [phone] if phone == plain else [phone, plain]


def digits_of(text: str) -> str:
    """The plain digits of a phone, without what stands for a plus."""
    digits = "".join(str(int(sign)) for sign in AT_HOME.sub("", text.strip()) if sign.isdecimal())
    return digits.removeprefix("00")


def international(text: str) -> list[str]:
    """How a phone begins in E.164, without the plus, if the text begins one; none where that is unclear."""
    digits = digits_of(text)
    if text.strip().startswith(("+", "00")):
        return [digits]
    country = hub().country
    trunk = country and phonenumbers.ndd_prefix_for_region(country, True)
    if not trunk or not digits.startswith(trunk) or len(digits) <= len(trunk):
        return []
    return [f"{phonenumbers.country_code_for_region(country)}{digits.removeprefix(trunk)}"]


def _search_key(columns: Mapping[str, Any], names: Iterable[str], others: Sequence[str], texts: Iterable[str]) -> str:
    """Every word begins behind a space, the first one too."""
    emails = [columns["email"], *(text for text in others if "@" in text)]
    words = [*names, *map(fold, (*emails, columns["external_id"] or "", *texts))]
    phones = [digits for text in (columns["phone"], *others) if "@" not in text for digits in _digits_of(text)]
    return "".join(f" {word}" for word in (*words, *phones) if word)


def _digits_of(phone: str) -> list[str]:
    """As it was typed, as people of its country write it, and as E.164 has it (ITU-T, 2010), each without signs."""
    found = [NO_DIGIT.sub("", phone)]
    if number := parsed(phone, hub().country):
        forms = (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.E164)
        found += [NO_DIGIT.sub("", phonenumbers.format_number(number, form)) for form in forms]
    return [digits for digits in dict.fromkeys(found) if digits]


def _sort_key(columns: Mapping[str, Any], person: str, organisation: str) -> str:
    """People by their last name, organisations by theirs; what has no name by what it is called instead."""
    named = (organisation, person) if columns["is_organisation"] else (person, organisation)
    nameless = (columns["email"], columns["phone"], columns["external_id"] or "")
    return next(filter(None, named), "") or fold(next(filter(None, nameless), ""))
