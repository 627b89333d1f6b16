"""What one cell says: cleaned text, e-mails and phones in it, a name, a yes or no.  Knows no columns."""

import re
from dataclasses import dataclass

from leadhub.folding import fold
from leadhub.tables import is_harmless_form

_EDGES = " \t\r\n\v\f\u00a0\u2007\u202f\u3000\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_WORDS_FOR_NOTHING = (
    "select|-select-|--select--|-- select --|please select|select...|choose|--none--|-none-|(none)|(blank)|(empty)"
    "|(vide)|(null)|<null>|null|none|undefined|n/a|#n/a|#n/d|#null!|#ref!|#value!|#name?|#div/0!|#num!|#nul!|#nom?"
    "|#valeur!|#nombre!|sélectionner|sélectionnez|choisir|-|--|---|–|—|\\n"
)
_NOTHING = frozenset(_WORDS_FOR_NOTHING.split("|"))
_NOTHING_AS_WRITTEN = frozenset({"NaN", "nan"})  # Nan is a first name

CONTACT_MAX = 2000  # letters: more of them are a text, and to look for addresses in it would take long
EMAIL = re.compile(r"[^\s@<>()\[\],;:\"/|\\]+@(?:[^\s@<>()\[\],;:\"/|\\.]+\.)+[^\s@<>()\[\],;:\"/|\\.]{2,}")
PHONE = re.compile(r"\+?[\d() ./\u00a0\u202f‐‑–-]{6,30}(?:\s?(?:x|ext\.?|poste)\s?\d{1,6})?", re.IGNORECASE)
PLAIN_PHONE = re.compile(r"\(?\+?\d[\d() -]{5,20}\d")
WORD = re.compile(r"[^\W\d_]+")
_UNIX_TIME = re.compile(r"1\d{9}(?:\d{3})?")
_PREFIX = re.compile(r"^\s*(?:p|tel|mailto):\s*", re.IGNORECASE)
_META_ID = re.compile(r"^l:(\d+)$")
_WHOLE_NUMBER = re.compile(r"([+-]?\d+)\.0+")
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d+)", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[;|\n,]|\s/\s|\s&\s)\s*")
_NAME_PART = re.compile(r"[^\W\d_]+(?:[ .'’-]{1,2}[^\W\d_]+){0,3}\.?")
_AFTER_A_COMMA = "inc ltd llc llp plc gmbh ag kg sa sas sarl sasu eurl bv nv co corp jr sr ii iii phd md esq"
_SUFFIXES = frozenset(_AFTER_A_COMMA.split())
_TOTALS = frozenset(
    {"total", "totals", "totaux", "grand total", "total general", "sub total", "subtotal", "sous total"}
)
_TOTAL_STARTS = ("tot", "grand", "sub", "sous")
_SUM = re.compile(r"[^\w@]*\d[\d\s.,'’]*\W{0,2}(?:[A-Z]{3})?")
_YES = frozenset({"1", "yes", "y", "true", "x", "oui", "o", "vrai"})
_NO = frozenset({"0", "no", "n", "false", "non", "faux"})


class Cleaner(dict[str, str]):
    """``cleaner[cell]`` is the cleaned cell; short ones are remembered, since most columns repeat themselves."""

    def __missing__(self, cell: str) -> str:
        text = cell.strip(_EDGES)
        if len(text) > 16 and text[0] != "'":
            return text  # as ``clean`` would say, sooner
        text = clean(text)
        if len(self) < 8192:
            self[cell] = text
        return text


def clean(cell: str) -> str:
    """Without white space around it; words that only say "nothing here" become nothing.

    The apostrophe that exporters put before ``= + - @`` comes off, once: what ``tables.harmless`` wrote is read again.
    """
    text = cell.lstrip(_EDGES)
    if is_harmless_form(text):  # before its end is stripped: a line break may be all that is behind the apostrophe
        return text[1:].strip(_EDGES)
    text = text.rstrip(_EDGES)
    if len(text) <= 16 and (text in _NOTHING_AS_WRITTEN or text.lower() in _NOTHING):
        return ""
    return text


@dataclass(slots=True)
class Contact:
    """E-mails and phones of one cell.  ``whole``: they say all that the cell said."""

    emails: list[str]
    phones: list[str]
    whole: bool


def read_contact(cell: str, *, is_phone_column: bool) -> Contact:
    """Take e-mails and phones out of a cell.  In a phone column a phone may be written more freely."""
    if len(cell) > CONTACT_MAX:
        return Contact([], [], False)
    if EMAIL.fullmatch(cell):
        return Contact([cell], [], True)
    if is_phone_column and PLAIN_PHONE.fullmatch(cell):
        return Contact([], [cell], True)
    text = _PREFIX.sub("", cell)
    emails = EMAIL.findall(text)
    rest = EMAIL.sub(" ; ", text) if emails else text
    rest = rest.strip(" \t\n;,|/<>&")
    phones = _phones(rest, is_phone_column and not emails) if rest else []
    return Contact(emails, phones, not rest.strip(" \t\n;,|/<>&") or bool(phones))


def _phones(text: str, freely: bool) -> list[str]:
    text = whole_number(text)
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific:
        return _written_out(*scientific.groups(default=""))
    parts = _BETWEEN.split(text)
    if all(is_phone(part) for part in parts):
        return parts
    if freely and sum(letter.isdigit() for letter in text) >= 5 and text.count(".") != 1:
        return [text]
    return []


def is_phone(text: str) -> bool:
    """Whether the text is written as a phone and nothing else.  Other numbers may be written so too."""
    return PHONE.fullmatch(text) is not None and 6 <= sum(letter.isdigit() for letter in text) <= 20


def _written_out(first: str, fraction: str, exponent: str) -> list[str]:
    """``3.3639980041E+10`` is 33639980041; ``3.36E+10`` has lost its digits and is no phone any more."""
    if len(fraction) != int(exponent) or len(fraction) < 5:
        return []
    return [first + fraction]


def is_long_phone(text: str) -> bool:
    """Long enough to be no other number, and no Unix time.  For columns without a name."""
    digits = sum(letter.isdigit() for letter in text)
    return 9 <= digits <= 15 and PHONE.fullmatch(text) is not None and not _UNIX_TIME.fullmatch(text)


def whole_number(text: str) -> str:
    """``28212.0``, as spreadsheets and data frames write it, is ``28212``.  Other text stays as it is."""
    found = _WHOLE_NUMBER.fullmatch(text)
    return found[1] if found else text


def read_id(text: str) -> str:
    """An id as its own system knows it: without the mark of Meta's exports (``l:123``), never as a fraction."""
    return _META_ID.sub(r"\1", whole_number(text))


def split_name(text: str) -> tuple[str, str]:
    """First and last name of a name written in one column.

    Only ``Last, First`` is split; else the whole is the last name, since no rule tells a second first name from a
    double last name.  ``Acme, Inc.`` and ``Smith, John - USD`` are not split.
    """
    last, comma, first = text.partition(",")
    first = first.strip()
    if not comma or not _NAME_PART.fullmatch(last) or not _NAME_PART.fullmatch(first):
        return "", text
    if first.rstrip(".").casefold().replace(".", "") in _SUFFIXES:
        return "", text
    return first, last


def is_total_line(cells: list[str]) -> bool:
    """A report's last line: the word, and beside it nothing but sums."""
    first = next(filter(None, cells), "")
    if not first.lower().startswith(_TOTAL_STARTS) or fold(first).rstrip(" :") not in _TOTALS:
        return False
    return all(_SUM.fullmatch(cell) for cell in cells if cell and cell != first)


def read_yes_or_no(text: str) -> bool | None:
    """``None`` where the cell says neither."""
    word = fold(text)
    if word in _YES:
        return True
    return False if word in _NO else None
