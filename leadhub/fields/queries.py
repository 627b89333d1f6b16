"""Reads the catalogue: the built-in fields with what admins decided, and those that the team added."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from leadhub.accounts.models import User
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.extensions import db
from leadhub.fields.catalogue import ALL, BUILT_IN, CHOICE, CHOICES, FOLLOW_UP, MANAGERS, OFF, OTHER, TEXT_MAX, Field
from leadhub.fields.models import FieldChoice, FieldRow
from leadhub.folding import fold
from leadhub.lists.kinds import Kind
from leadhub.names import Names
from leadhub.referrers.registry import Use, uses_of
from leadhub.web import LANGUAGES

CUSTOM = "custom_"
SLUG = "field-"  # of the list of a field's choices, before the row's id
KEPT = "fields"
STAGE = "stage"  # asks for others
LONGEST = {"text": 2000, "link": 500}  # characters


def catalogue() -> Mapping[str, Field]:
    """Name -> field, in their order, those that are off too.  Read once a transaction."""
    kept = db.session().info
    if KEPT not in kept:
        kept[KEPT] = {field.name: field for field in _fields()}
    found: Mapping[str, Field] = kept[KEPT]
    return found


def shown_fields(user: User | None) -> dict[str, Field]:
    """Those that are not off and that the user may see.  None: a command of the server's admin, who sees all."""
    return {name: field for name, field in catalogue().items() if field.shown != OFF and may_see_field(user, field)}


def may_see_field(user: User | None, field: Field) -> bool:
    return field.seen_by != MANAGERS or user is None or user.may(MANAGE_LEADS)


def may_change_field(user: User | None, field: Field) -> bool:
    """What one may not see one may not change either."""
    return may_see_field(user, field) and (field.changed_by != MANAGERS or user is None or user.may(MANAGE_LEADS))


@dataclass(frozen=True, slots=True)
class HiddenFields:
    """Names of fields that somebody may not see.

    Other data of an import may hold what did not fit such a field, so it is here with them.  Of a field that was
    deleted nobody knows any more who saw it: its name is here for all but managers.
    """

    names: frozenset[str]
    with_deleted: bool

    def __contains__(self, name: object) -> bool:
        if str(name).startswith(OTHER):
            return bool(self.names)
        is_deleted = str(name).startswith(CUSTOM) and str(name) not in catalogue()
        return name in self.names or (self.with_deleted and is_deleted)


def hidden_fields(user: User | None) -> HiddenFields:
    """What the user may not see, in the history either."""
    names = frozenset(name for name, field in catalogue().items() if not may_see_field(user, field))
    return HiddenFields(names, with_deleted=user is not None and not user.may(MANAGE_LEADS))


def custom_fields() -> list[Field]:
    """Those that the team added, in their order."""
    return [field for field in catalogue().values() if field.is_custom]


def searched_fields() -> list[Field]:
    """Texts of the team's own that the search box looks at.  What not everybody sees is found by nobody."""
    return [field for field in custom_fields() if field.searchable and field.shown != OFF and field.seen_by == ALL]


def custom_field(row_id: int) -> Field | None:
    return next((field for field in custom_fields() if field.row_id == row_id), None)


def names_of(field: Field) -> set[str]:
    """What it is called in every language, folded."""
    if isinstance(field.label, Names):
        return {fold(name) for name in field.label.names.values()}
    names = set()
    for language in LANGUAGES:
        with force_locale(language):
            names.add(fold(str(field.label)))
    return names


def uses_of_field(field: Field) -> list[Use]:
    """What would go with a field that the team added, in numbers."""
    return uses_of(FieldRow.__tablename__, field.row_id) if field.row_id else []


def askable_fields(kept: Collection[str] = ()) -> list[tuple[str, Any]]:
    """(name, label) of what a stage may ask for, in their order; with those of ``kept`` that are off by now."""
    return [
        (field.name, field.label)
        for field in catalogue().values()
        if field.name in kept or (field.shown != OFF and field.may_be_required and field.name != STAGE)
    ]


def list_of_choices(slug: str) -> Kind | None:
    """The choices of a field that the team added, as a list like the others; None where the slug is none of a field."""
    number = slug.removeprefix(SLUG)
    field = custom_field(int(number)) if slug.startswith(SLUG) and number.isdecimal() and len(number) < 11 else None
    if field is None or field.model is None:
        return None
    return Kind(
        slug=slug,
        model=FieldChoice,
        plural=field.label,
        single=_l("Choice"),
        purpose=_l("What can be chosen in this field of a lead."),
        within={"field_id": int(number)},
    )


def slug_of(field: Field) -> str:
    """Of the list of its choices; empty where it has none."""
    return f"{SLUG}{field.row_id}" if field.is_custom and field.model else ""


def choices_of(field: Field) -> list[FieldChoice]:
    """The choices of a field that the team added, in their order, retired ones too."""
    return [choice for choice in _choices() if choice.field_id == field.row_id]


def forget() -> None:
    """After a change of the catalogue in this transaction."""
    kept = db.session().info
    kept.pop(KEPT, None)
    kept.pop(FieldChoice, None)


def _choices() -> list[FieldChoice]:
    """Of all fields in one query."""
    kept = db.session().info
    if FieldChoice not in kept:
        ordered = sa.select(FieldChoice).order_by(FieldChoice.position, FieldChoice.id)
        kept[FieldChoice] = list(db.session.scalars(ordered))
    found: list[FieldChoice] = kept[FieldChoice]
    return found


def _fields() -> list[Field]:
    rows = list(db.session.scalars(sa.select(FieldRow).order_by(FieldRow.position, FieldRow.id)))
    decided = {row.name: row for row in rows if not row.type}
    return [
        *(_decided(field, decided.get(field.name)) for field in BUILT_IN),
        *(_custom(row) for row in rows if row.type),
    ]


def _decided(field: Field, row: FieldRow | None) -> Field:
    if row is None:
        return field
    told: dict[str, Any] = {"required": row.required, "in_list": row.in_list}
    if not field.core:
        told |= {"shown": row.shown, "seen_by": row.seen_by, "changed_by": row.changed_by}
    return replace(field, **told)


def _custom(row: FieldRow) -> Field:
    return Field(
        name=row.name,
        label=Names(row.names),
        type=row.type,
        group=FOLLOW_UP,
        limit=LONGEST.get(row.type, TEXT_MAX),
        model=FieldChoice if row.type in (CHOICE, CHOICES) else None,
        shown=row.shown,
        required=row.required,
        in_list=row.in_list,
        seen_by=row.seen_by,
        changed_by=row.changed_by,
        row_id=row.id,
        searchable=row.searchable,
    )


@event.listens_for(Session, "after_transaction_end")
def _forget_with_transaction(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(KEPT, None)
        session.info.pop(FieldChoice, None)
