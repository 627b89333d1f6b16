"""What a column of a file can be, in this hub: the fields of the catalogue that are not off, and where a file has more
columns than a lead has fields, those beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import FIELDS, Field
from leadhub.imports import headers
from leadhub.imports.headers import PLACES, key_of

FURTHER = {
    "further_email": ("email", ""),
    "mobile": ("phone", "mobile"),
    "home_phone": ("phone", "home"),
    "further_phone": ("phone", ""),
}
"""What a person can tell of a column: the field that it is beside, and the type of what is in it."""
CHOSEN = ("stage", "customer_since")
"""The same, of columns that mean something else in each system, so that no header is taken for one."""
WORDS_MAX, TAGS_MAX = 200, 500  # different ones in a column; more would flood the list
_OF = {"name": "last_name", "external_id": "", "fax": "phone"} | {name: of for name, (of, _type) in FURTHER.items()}
_CORE = ("name", "external_id", *(name for name, field in FIELDS.items() if field.core))


@dataclass(frozen=True, slots=True)
class Targets:
    """``names`` in the order in which they are offered, ``own`` by the keys of their labels in any language,
    ``limits``: of a list, how many different words a column may bring."""

    fields: Mapping[str, Field]
    names: tuple[str, ...]
    own: Mapping[str, str]
    limits: Mapping[str, int]

    @classmethod
    def of(cls, catalogue: Mapping[str, Field] = FIELDS) -> "Targets":
        """A field that is off is none: its columns stay other data."""
        there = {name: field for name, field in catalogue.items() if field.shown != kinds.OFF}
        custom = {name: field for name, field in there.items() if field.is_custom}
        names = [name for name in (*headers.FIELDS, *CHOSEN, *FURTHER) if field_of(name) in ("", *there)]
        return cls(
            fields=there,
            names=(*names, *custom),
            own=MappingProxyType(_own(custom)),
            limits=MappingProxyType({name: _limit(field) for name, field in there.items() if _limit(field)}),
        )

    @property
    def dates(self) -> list[str]:
        return [name for name, field in self.fields.items() if field.type in (kinds.MOMENT, kinds.DAY)]


def field_of(name: str) -> str:
    """The field of the catalogue that it feeds; empty where that is none of a person's."""
    return "addresses" if name in PLACES else _OF.get(name, name)


def _own(custom: Mapping[str, Field]) -> dict[str, str]:
    """What names, reaches or identifies a lead stays what it is, whatever a team calls its fields."""
    found: dict[str, str] = {}
    for name, field in custom.items():
        for label in field.label.names.values():
            synonym = headers.synonym_of(label)
            if key_of(label) and not (synonym and synonym.field in _CORE):
                found.setdefault(key_of(label), name)
    return found


def _limit(field: Field) -> int:
    if field.name == "status" or not field.model:
        return 0
    return TAGS_MAX if field.type == kinds.TAGS else WORDS_MAX
