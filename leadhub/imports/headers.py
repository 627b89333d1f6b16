"""From headers to fields.  A header is compared as a whole: what is not in ``synonyms`` is kept, never guessed."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from leadhub.folding import fold
from leadhub.imports import synonyms

PLACES = {
    f"{block}_{part}" if block else part: (block, part)
    for block in ("", *synonyms.PLACE_BLOCKS)
    for part in synonyms.PLACE_PARTS
}
"""Field -> block and part of an address: ``office_city`` is the city of the office, ``city`` that of the address."""
FIELDS = (*synonyms.STORED, *PLACES)
_NONE: Mapping[str, str] = {}
_BARE_NAMES = frozenset({"name", "nom"})
_CONTACT_NAMES = frozenset({"contactname", "nomducontact", "contactperson", "fullname", "nomcomplet"})
_TITLES = frozenset({"leadname", "nomdelapiste", "prospect"})
_WEAK_NAMES = frozenset({"contact", "customer", "client", "prospect"})
_BARE_IDS = frozenset({"id", "identifiant"})
_JOB_OR_COURTESY = frozenset({"title", "titre"})
_VALUE = "value"
_LABELS = ("label", "type")
_AMOUNTS = ("employees", "annual_revenue", "expected_value")


class Synonym(NamedTuple):
    """A field and how strong the word is for it: 0 is strongest."""

    field: str
    rank: int


@lru_cache(maxsize=4096)
def key_of(header: str) -> str:
    """A header without anything but letters and digits: ``first_name``, ``FirstName``, ``First  name`` are one."""
    return "".join(letter for letter in fold(header) if letter.isalnum())


def _words(table: str) -> list[str]:
    return [key for word in table.split("|") if (key := key_of(word))]


def _place_words(block: str, part: str) -> list[str]:
    """A part of an address before or behind what tells its block: ``Billing City``, ``Ville (bureau)``."""
    parts = _words(synonyms.PLACE_PARTS[part])
    if not block:
        return parts
    blocks = _words(synonyms.PLACE_BLOCKS[block])
    return [key for word in parts for name in blocks for key in (name + word, word + name)]


def _stored() -> dict[str, Synonym]:
    """A word of a field of its own goes before one that is put together."""
    keys = {field: _words(table) for field, table in synonyms.STORED.items()}
    keys |= {field: _place_words(*place) for field, place in PLACES.items()}
    found: dict[str, Synonym] = {}
    for field, words in keys.items():
        for rank, key in enumerate(words):
            found.setdefault(key, Synonym(field, rank))
    return found


_STORED = _stored()
_NUMBERS = frozenset(_words(synonyms.KNOWN_NUMBERS)).union(
    *(_words(synonyms.STORED[name]) for name in _AMOUNTS),
    *(_place_words(block, part) for block, part in PLACES.values() if part == "postal_code"),
)
_DATES = frozenset(_words(synonyms.KNOWN_DATES))
_KNOWN = _NUMBERS | _DATES | frozenset(_words(synonyms.KNOWN_TEXTS)) | frozenset(_STORED)


def synonym_of(header: str) -> Synonym | None:
    """The field with a column of its own that the header names."""
    return _STORED.get(key_of(header))


def is_known(header: str) -> bool:
    """Whether the hub knows what such a column holds, be it stored in a field or under other data."""
    return key_of(header) in _KNOWN


def is_number(header: str) -> bool:
    """Known other data that is a number: ``28212.0`` means ``28212`` there."""
    return key_of(header) in _NUMBERS


def is_date(header: str) -> bool:
    """Known other data that is a date."""
    return key_of(header) in _DATES


def is_weak_name(header: str) -> bool:
    """``Contact`` and the like: a person, or a way to reach one.  What the column holds decides."""
    return key_of(header) in _WEAK_NAMES


def is_bare_id(header: str) -> bool:
    """An id that says nothing about what it counts."""
    return key_of(header) in _BARE_IDS


def is_job_or_courtesy(header: str) -> bool:
    """``Title``: what somebody does, or how one is addressed.  What the column holds decides."""
    return key_of(header) in _JOB_OR_COURTESY


def labels_beside(headers: Sequence[str]) -> dict[str, int]:
    """The key of what they are about -> the place of a column of labels.

    ``Phone 1 - Label`` or ``- Type`` is about ``Phone 1 - Value``, ``Address 1 - Label`` about the whole address.
    """
    keys = {key_of(header): index for index, header in enumerate(headers)}
    found = {key.removesuffix(word): index for key, index in keys.items() for word in _LABELS if key.endswith(word)}
    return {key: index for key, index in found.items() if key}


def label_key(header: str) -> str:
    """What ``labels_beside`` knows the column of values by: ``Phone 1 - Value``, ``Phone`` beside ``Phone (type)``."""
    return key_of(header).removesuffix(_VALUE)


def block_keys(block: str) -> list[str]:
    """What ``labels_beside`` may know a block of an address by."""
    return _words(synonyms.PLACE_BLOCKS.get(block, ""))


def candidates(headers: Sequence[str], own: Mapping[str, str] = _NONE) -> dict[str, list[int]]:
    """For each field the columns that could be it, the strongest first.  Columns beside it matter for names.

    ``own``: key of a header -> field that the team added, which goes before the other words for such a column.
    The last ``Nom`` beside a ``Prénom`` is the last name (French Outlook has two: the first holds the full name);
    a bare ``Name`` beside a ``Contact Name`` is the title of the lead (Odoo) and stays in other data.
    """
    found: dict[str, list[tuple[int, int]]] = {field: [] for field in (*FIELDS, *own.values())}
    for index, header in enumerate(headers):
        name = own.get(key_of(header))
        synonym = Synonym(name, 0) if name else synonym_of(header)
        if synonym:
            found[synonym.field].append((synonym.rank, index))
    ordered = {field: [index for _rank, index in sorted(places)] for field, places in found.items()}
    _settle_names(headers, ordered)
    return ordered


def _settle_names(headers: Sequence[str], ordered: dict[str, list[int]]) -> None:
    keys = [key_of(header) for header in headers]
    names = ordered["name"]
    bare = [index for index in names if keys[index] in _BARE_NAMES]
    if bare and ordered["first_name"] and not ordered["last_name"]:
        ordered["last_name"] = [bare[-1]]
        names.remove(bare[-1])
    if any(keys[index] in _CONTACT_NAMES for index in names):
        _leave_out(names, [index for index in names if keys[index] in _BARE_NAMES])
    if len(names) > 1 or ordered["first_name"] or ordered["last_name"]:
        _leave_out(names, [index for index in names if keys[index] in _TITLES])


def _leave_out(indexes: list[int], unwanted: list[int]) -> None:
    indexes[:] = [index for index in indexes if index not in unwanted]
