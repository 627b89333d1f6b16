"""What an admin decided or typed about fields."""

from collections.abc import Mapping
from dataclasses import dataclass

from leadhub.fields.catalogue import MORE, Field


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What can be decided about any field, in the words that ``Field`` has for it."""

    shown: str
    required: bool
    in_list: bool
    seen_by: str
    changed_by: str
    searchable: bool = False

    @classmethod
    def of(cls, field: Field) -> "Decision":
        return cls(
            shown=field.shown,
            required=field.required,
            in_list=field.in_list,
            seen_by=field.seen_by,
            changed_by=field.changed_by,
            searchable=field.searchable,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldDraft:
    """A field to be added.  ``names`` is by language; ``choices`` are the names of the first ones, where it has any."""

    type: str
    names: Mapping[str, str]
    shown: str = MORE
    choices: tuple[str, ...] = ()
