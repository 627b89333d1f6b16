"""Grows and changes the lists; ``deletion`` takes rows away.  Commits nothing."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from leadhub.accounts import audit
from leadhub.accounts.models import Role, User
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.lists.drafts import NAME_MAX, RowDraft
from leadhub.lists.kinds import Kind
from leadhub.lists.models import ListRow, Source
from leadhub.lists.queries import Row, rows_by_word, rows_in, rows_of
from leadhub.plugins.api.sources import Source as SourceOffer

KEY_MAX = 200
RESERVED = {"none", "me"}


class ListFieldRefused(RuleBroken):
    """A value that a row can't have.  ``field``: ``names``, ``name_<language>`` or the column."""

    status = 422

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class RowGone(RuleBroken):
    """Somebody else has deleted the row meanwhile."""


def rows_named(model: type[Row], words: Iterable[str], *, language: str) -> dict[str, Row]:
    """Word -> the row whose key or name it is; an unknown word becomes a row with that name.

    Of words that differ in case or accents only, the first gives the row its name.  The rows stay until the end of the
    transaction: one that is being deleted at this moment is waited for, and made anew.  Costs two reads and one write,
    however many words there are.
    """
    wanted = {word: fold(word) for word in words if fold(word)}
    known = rows_by_word(model) if wanted else {}
    there = kept(model, {known[folded].id for folded in wanted.values() if folded in known})
    known = {folded: row for folded, row in known.items() if folded not in wanted.values() or row.id in there}
    fresh: dict[str, Row] = {}
    for word, folded in wanted.items():
        if folded not in known:
            row: Any = {"key": key_of(folded), "names": {language: word}, "position": len(known)}
            fresh[folded] = known[folded] = model(**row)
    db.session.add_all(fresh.values())
    db.session.flush()  # the new rows' ids are asked for
    return {word: known[folded] for word, folded in wanted.items()}


def rows_chosen(model: type[Row], words: Iterable[str]) -> dict[str, Row]:
    """The same, for keys (or words) that were chosen from the list: one that no row goes by (any more) is left out."""
    wanted = {word: fold(word) for word in words if fold(word)}
    known = rows_by_word(model) if wanted else {}
    by_key = {row.key: row for row in known.values()}
    told = {word: by_key.get(word) or known.get(folded) for word, folded in wanted.items()}
    found = {word: row for word, row in told.items() if row}
    there = kept(model, {row.id for row in found.values()})
    return {word: row for word, row in found.items() if row.id in there}


def kept(model: type[Row], row_ids: Iterable[int]) -> set[int]:
    """Those of the rows that nobody deletes before this transaction ends; SQLite has one writer at a time anyway."""
    found = set(row_ids)
    if not found or db.session().get_bind().dialect.name == "sqlite":
        return found
    there = sa.select(model.id).where(model.id.in_(found)).order_by(model.id)
    return set(db.session.scalars(there.with_for_update(read=True, key_share=True)))


def key_of(folded: str) -> str:
    """The folded word; one that is too long (folding can lengthen) is cut, with a print of all of it.  What filters
    mean something else by is no key."""
    if folded in RESERVED:
        return f"{folded}#"
    if len(folded) <= KEY_MAX:
        return folded
    digest = hashlib.sha256(folded.encode()).hexdigest()[:16]
    return f"{folded[: KEY_MAX - 17]}#{digest}"


def adopt_sources(offers: Iterable[SourceOffer]) -> int:
    """Give each source that a plugin offers a row, where it has none yet.  Returns how many are new."""
    present = {row.key for row in rows_of(Source)}
    fresh = [offer for offer in offers if offer.is_listed and offer.key not in present]
    for place, offer in enumerate(fresh, start=len(present)):
        db.session.add(Source(key=offer.key, names=dict(offer.names), position=place))
    return len(fresh)


def add_row(kind: Kind, draft: RowDraft, *, by: User) -> Any:
    """A row at the end of the list.  Raises ``ListFieldRefused``; nothing is stored then."""
    one_at_a_time()
    rows = rows_in(kind)
    names = _checked_names(draft.names, {}, rows)
    extras = _checked_extras(draft.extras)
    start = "".join(f"{value}:" for value in kind.within.values() if isinstance(value, int))
    key = free_key(kind, start + fold(names.get(hub().language) or next(iter(names.values()))))
    place = max((row.position for row in rows), default=-1) + 1
    row = kind.model(key=key, names=names, position=place, **kind.within, **extras)  # type: ignore[call-arg]
    db.session.add(row)
    db.session.flush()  # the key is unique, in the database's own opinion too
    note(kind, by, new=row.label(hub().language))
    return row


def change_row(kind: Kind, row: ListRow, draft: RowDraft, *, by: User) -> None:
    """New names and whatever else the list has.  The key stays.  Raises ``ListFieldRefused``."""
    one_at_a_time()
    others = [other for other in rows_in(kind) if other is not row]
    names = _checked_names(draft.names, row.names, others if not row.retired else [])
    extras = _checked_extras(draft.extras)
    old = row.label(hub().language)
    row.names = names
    for column, value in extras.items():
        setattr(row, column, value)
    new = row.label(hub().language)
    note(kind, by, old=old, new=new if new != old else None)


def retire(kind: Kind, row: ListRow, *, by: User) -> None:
    """Offered no longer; what names it keeps it."""
    if not row.retired:
        row.retired = True
        note(kind, by, old=row.label(hub().language), retired=True)


def unretire(kind: Kind, row: ListRow, *, by: User) -> None:
    """Raises ``ListFieldRefused`` where another row has the name meanwhile."""
    if row.retired:
        one_at_a_time()
        _checked_names(row.names, {}, [other for other in rows_in(kind) if other is not row])
        row.retired = False
        note(kind, by, old=row.label(hub().language), retired=False)


def reorder(kind: Kind, row_ids: Sequence[int]) -> None:
    """These rows take, in this order, the places that they hold among all; ids of rows that are gone count nothing."""
    rows = rows_in(kind)
    by_id = {row.id: row for row in rows}
    moved = iter([by_id[row_id] for row_id in dict.fromkeys(row_ids) if row_id in by_id])
    named = set(row_ids)
    _number([next(moved) if row.id in named else row for row in rows])


def move_by_one(kind: Kind, row: ListRow, *, up: bool) -> None:
    """Before the one above or behind the one below; the first and the last stay."""
    rows = rows_in(kind)
    place = rows.index(row)
    other = place - 1 if up else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    _number(rows)


def note(kind: Kind, by: User | None, **details: str | int | bool | None) -> None:
    """A line of the audit log, in the words of the hub's language."""
    with force_locale(hub().language):
        audit.record("lists", user=by, list=str(kind.plural), **details)


def one_at_a_time() -> None:
    """Until the transaction ends nobody else gives a name, so that no two are alike, whoever presses a button twice."""
    db.session.execute(sa.select(Role.id).where(Role.name == "admin").with_for_update(key_share=True))


def _number(rows: Sequence[ListRow]) -> None:
    """In one statement, in the order of ids: two who order one list wait for each other, and a row that is deleted
    meanwhile has no place."""
    moved = {row.id: (row, place) for place, row in enumerate(rows) if row.position != place}
    if not moved:
        return
    table: Any = type(rows[0]).__table__  # type: ignore[attr-defined]
    change = sa.update(table).where(table.c.id == sa.bindparam("row")).values(position=sa.bindparam("place"))
    db.session.execute(change, [{"row": row_id, "place": moved[row_id][1]} for row_id in sorted(moved)])
    for row, _place in moved.values():
        db.session.expire(row, ["position"])


def _checked_names(names: Mapping[str, str], own: Mapping[str, str], others: Iterable[ListRow]) -> dict[str, str]:
    """Without the empty ones.  A name that the row has already is nobody's business."""
    told = {language: " ".join(name.split()) for language, name in names.items() if fold(name)}
    if not told:
        raise ListFieldRefused("names", _("Give a name in one language at least."))
    taken = {(language, fold(name)) for other in others if not other.retired for language, name in other.names.items()}
    for language, name in told.items():
        if len(name) > NAME_MAX:
            raise ListFieldRefused(f"name_{language}", _("At most %(max)d characters.", max=NAME_MAX))
        if name != own.get(language) and (language, fold(name)) in taken:
            raise ListFieldRefused(f"name_{language}", _("Another row of this list has this name."))
    return told


def free_names(names: Mapping[str, str], others: Iterable[ListRow]) -> dict[str, str]:
    """These names, with a number behind those that another row has."""
    taken = {(language, fold(name)) for other in others if not other.retired for language, name in other.names.items()}
    return {
        language: next(
            told
            for told in chain([name], (f"{name} {number}" for number in count(2)))
            if (language, fold(told)) not in taken
        )
        for language, name in names.items()
    }


def free_key(kind: Kind, folded: str) -> str:
    """One that no row has: keys are unique over the whole table, those of other fields' choices too."""
    wanted = key_of(folded)
    alike = sa.select(kind.model.key).where(kind.model.key.startswith(wanted[: KEY_MAX - 20], autoescape=True))
    taken = set(db.session.scalars(alike))
    number = 1
    while wanted in taken:
        number += 1
        wanted = key_of(f"{folded}#{number}")
    return wanted


def _checked_extras(extras: Mapping[str, Any]) -> dict[str, Any]:
    first, last = extras.get("starts_on"), extras.get("ends_on")
    if first and last and last < first:
        raise ListFieldRefused("ends_on", _("The end is before the beginning."))
    if owner_id := extras.get("default_owner_id"):  # who is being deactivated takes nothing over
        there = sa.select(User.id).where(User.id == owner_id, User.active).with_for_update(read=True)
        if db.session.scalar(there) is None:
            raise ListFieldRefused("default_owner_id", _("This person is no longer there."))
    return dict(extras)
