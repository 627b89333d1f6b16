"""What a cell says in a field of a certain kind.  Each gives None where the cell does not fit: it is kept elsewhere."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from leadhub.fields.catalogue import TEXT_MAX, URL_MAX
from leadhub.folding import fold
from leadhub.imports.cells import whole_number
from leadhub.leads.checks import AMOUNT_MAX, EMPLOYEES_MAX, FIRST_YEAR, LAST_YEAR, TAGS_MAX, is_web_address
from leadhub.leads.kinds import COUNTRIES, CURRENCIES, LANGUAGES
from leadhub.numbers import read_decimal

_GENDERS = {
    "female": "female f femme feminin feminine woman w",
    "male": "male m homme masculin masculine man h",
    "other": "other autre divers diverse nonbinary x",
}
_GENDER_OF = {word: gender for gender, words in _GENDERS.items() for word in words.split()}
_COURTESY = "mr mrs ms miss mx sir madam dr prof professor m mme mlle me monsieur madame mademoiselle docteur maitre"
_COURTESIES = frozenset(_COURTESY.split())
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}(?::\d{1,5})?(?:[/?#]\S*)?")
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₺": "TRY", "₩": "KRW", "₪": "ILS", "zł": "PLN"}
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD"})
_AMOUNT = re.compile(r"(?P<before>[^\d+.,-]*)(?P<number>[+−-]?[\d.,'’\s]+)(?P<after>\D*)")
_BETWEEN_TAGS = re.compile(r"\s*(?::::|[;,|\n])\s*")
_BETWEEN_CHOICES = re.compile(r"\s*[;|\n]\s*")
_CENTS, _TEN_THOUSANDTHS = Decimal("0.01"), Decimal("0.0001")
_IN_WORDS = {"uk": "GB", "england": "GB", "great britain": "GB", "holland": "NL", "etats unis d amerique": "US",
             "united states of america": "US", "usa": "US", "grande bretagne": "GB", "angleterre": "GB",
             "czech republic": "CZ", "republique tcheque": "CZ", "turkey": "TR", "south korea": "KR", "uae": "AE",
             "russian federation": "RU", "ivory coast": "CI", "hong kong": "HK", "hongkong": "HK"}  # fmt: skip


def read_text(cell: str, limit: int = TEXT_MAX) -> str | None:
    return cell if len(cell) <= limit else None


def read_gender(cell: str) -> str | None:
    return _GENDER_OF.get("".join(letter for letter in fold(cell) if letter.isalnum()))


def is_courtesy(cell: str) -> bool:
    """``Mme``, ``Dr.``, ``Mr. and Mrs.``: how one is addressed, no title of a job."""
    words = fold(cell).replace(".", " ").replace("&", " ").split()
    return bool(words) and all(word in _COURTESIES or word in ("and", "et") for word in words)


@lru_cache(maxsize=1024)
def read_language(cell: str) -> str | None:
    """ISO 639-1, from a code (``fr``, ``fr-FR``) or a name in English or French."""
    code = re.split(r"[-_]", cell.strip().lower())[0]
    if code in LANGUAGES and re.fullmatch(r"[A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?", cell.strip()):
        return code
    return _languages().get(fold(cell).split(" (")[0])


@lru_cache(maxsize=1024)
def read_country(cell: str) -> str | None:
    """ISO 3166-1 alpha-2, from a code of two or three letters or a name in English or French."""
    if len(cell) == 2 and cell.upper() in COUNTRIES:
        return cell.upper()
    return _countries().get(fold(cell).replace(".", ""))


def read_website(cell: str) -> str | None:
    """A host alone becomes an address."""
    text = f"https://{cell}" if len(cell) < URL_MAX and _HOST.fullmatch(cell) else cell
    return text if len(text) <= URL_MAX and is_web_address(text) else None


def read_employees(cell: str) -> int | None:
    """``1,200``, ``1 200`` and ``155000.0``; no range."""
    number = read_decimal(whole_number(cell), "en")
    if number is None or number != number.to_integral_value() or not 0 <= number <= EMPLOYEES_MAX:
        return None
    return int(number)


def read_amount(cell: str, own: str) -> tuple[Decimal, str] | None:
    """The amount, and its currency where the cell tells it.  ``own``: the hub's, which ``$`` is where it can be."""
    found = _AMOUNT.fullmatch(cell.strip()) if len(cell) < 60 else None
    number = read_decimal(found["number"], "en") if found else None
    if found is None or number is None or abs(number) >= AMOUNT_MAX or number != number.quantize(_CENTS):
        return None
    signs = [sign.strip() for sign in (found["before"], found["after"]) if sign.strip()]
    if not signs:
        return number, ""
    currency = read_currency(signs[0], own) if len(signs) == 1 else None
    return (number, currency) if currency else None


def read_currency(cell: str, own: str) -> str | None:
    """ISO 4217, from a code or a sign."""
    text = cell.strip()
    if text.upper() in CURRENCIES:
        return text.upper()
    if text in ("$", "US$", "$US"):
        return own if text == "$" and own in _DOLLARS else "USD"
    return _SIGNS.get(text)


def read_number(cell: str, language: str) -> Decimal | None:
    number = read_decimal(whole_number(cell), language)
    if number is None or abs(number) >= AMOUNT_MAX or number != number.quantize(_TEN_THOUSANDTHS):
        return None
    return number


def read_tags(cell: str) -> tuple[str, ...] | None:
    """``Friends; Open source``; Google puts a star before its own and ``:::`` between them."""
    return _several(word.strip("* ") for word in _BETWEEN_TAGS.split(cell))


def read_choices(cell: str) -> tuple[str, ...] | None:
    return _several(_BETWEEN_CHOICES.split(cell))


def read_person(cell: str, people: Mapping[str, str]) -> str | None:
    """The e-mail of a user, from that or an exact name."""
    return people.get(fold(cell))


def in_range(moment: datetime | None) -> datetime | None:
    """Without the years that the door refuses."""
    return moment if moment and FIRST_YEAR < moment.year < LAST_YEAR else None


def _several(words: Iterable[str]) -> tuple[str, ...] | None:
    """Each once."""
    found: dict[str, str] = {}
    for word in words:
        if folded := fold(word):
            found.setdefault(folded, word.strip())
    if len(found) > TAGS_MAX or any(len(word) > TEXT_MAX for word in found.values()):
        return None
    return tuple(found.values())


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    names = {fold(Locale.parse(page).languages[code]): code for page in ("en", "fr") for code in LANGUAGES}
    return names | {fold(Locale.parse(code).languages[code]): code for code in LANGUAGES}


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Folded name or code of three letters -> country."""
    names = {fold(name).replace(".", ""): code for page in ("en", "fr") for code, name in _territories(page)}
    codes = {fold(alias): found[0] for alias, found in get_global("territory_aliases").items() if len(alias) == 3}
    return {key: code for key, code in (codes | names | _IN_WORDS).items() if code in COUNTRIES and not key.isdigit()}


def _territories(page: str) -> Iterable[tuple[str, str]]:
    return Locale.parse(page).territories.items()
