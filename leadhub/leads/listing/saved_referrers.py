"""What saved views name: rows of lists, statuses, fields of the team's own, people and teams.  Commits nothing."""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlencode

import sqlalchemy as sa
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from leadhub.accounts.handover import Holding
from leadhub.accounts.models import Team, User
from leadhub.extensions import db
from leadhub.fields.catalogue import BUILT_IN
from leadhub.fields.models import FieldChoice, FieldRow
from leadhub.fields.queries import CUSTOM
from leadhub.folding import fold
from leadhub.leads.listing import saved
from leadhub.leads.listing.models import ALL, PRIVATE, TEAM, SavedView
from leadhub.leads.listing.state import COLUMNS, SORT
from leadhub.referrers.registry import Given, Referrer, Undo

Query = dict[str, list[str]]


def referrers() -> list[Referrer]:
    """One for each list that a field of a lead is chosen from; for the choices of the team's own fields, and for those
    fields.  Views that were deleted and can be taken back are kept right too, but not counted."""
    chosen = [field for field in BUILT_IN if field.model]
    lists = [_of_rows(f"views.{field.name}", field.model, field.name) for field in chosen]
    fields = Referrer(
        key="views.fields", table=FieldRow.__tablename__, count=_count_of_field, words=_field_words, move=_drop_field
    )
    return [*lists, _of_rows("views.choices", FieldChoice, ""), fields]


def _of_rows(key: str, model: Any, field: str) -> Referrer:
    """``field``: the one that names rows of the model, empty where each row has a field of its own."""
    counts = partial(_counts, model, field)
    return Referrer(
        key=key,
        table=model.__tablename__,
        count=lambda row_id: counts([row_id]).get(row_id, 0),
        counts=counts,
        words=_words,
        move=partial(_move, model, field),
        page=lambda row: ("saved_views.index", {}),
        remember=partial(_remember, model, field),
        give_back=partial(_give_back, model, field),
    )


def _words(number: int) -> str:
    return str(ngettext("%(count)s saved view", "%(count)s saved views", number, count=format_decimal(number)))


def _field_words(number: int) -> str:
    return str(
        ngettext(
            "a filter, order or column of %(count)s saved view",
            "filters, orders or columns of %(count)s saved views",
            number,
            count=format_decimal(number),
        )
    )


def _counts(model: Any, field: str, row_ids: Collection[int]) -> Mapping[int, int]:
    queries = [parse_qs(query) for query in db.session.scalars(_naming(field or CUSTOM, SavedView.query))]
    if not queries:
        return {}
    places = _places(model, field, row_ids)
    counted = {row_id: sum(_names(query, *place) for query in queries) for row_id, place in places.items()}
    return {row_id: count for row_id, count in counted.items() if count}


def _move(model: Any, field: str, row_id: int, to: int | None, by: User | None) -> int:
    """The key of the row gives way to that of ``to``.  A filter that asked for nothing else is gone with it."""
    places = _places(model, field, {row_id, to} - {None})
    name, key = places[row_id]
    new = places[to][1] if to else ""
    moved = 0
    for view, query in _held(name):
        if _names(query, name, key):
            moved += not view.is_deleted
            _write(view, _without(query, name, key, new))
    return moved


def _without(query: Query, name: str, key: str, new: str) -> Query:
    return {word: _replaced(values, key, new) if _is_of(word, name) else values for word, values in query.items()}


def _remember(model: Any, field: str, row_id: int) -> list[list[Any]]:
    """(id, query) of the views that name the row."""
    name, key = _places(model, field, [row_id])[row_id]
    return [[view.id, view.query] for view, query in _held(name) if _names(query, name, key)]


def _give_back(model: Any, field: str, undo: Undo) -> Given:
    """Those that nobody has changed since ask for what they asked for before."""
    places = _places(model, field, {undo.row_id, undo.to} - {None})
    name, key = places[undo.row_id]
    new = places[undo.to][1] if undo.to in places else ""
    is_there = undo.to is None or undo.to in places  # else it was deleted too, and the views have gone on
    given = 0
    for view_id, before in undo.memory:
        view = db.session.get(SavedView, view_id, with_for_update={"key_share": True})
        if is_there and view and view.query == _written(_without(parse_qs(before), name, key, new)):
            view.query = before
            given += 1
    db.session.flush()  # others may forget what the session knows
    left = len(undo.memory) - given
    return given, [_("%(what)s: changed since, and not given back.", what=_words(left))] if left else []


def _places(model: Any, field: str, row_ids: Collection[int | None]) -> dict[int, tuple[str, str]]:
    """Row -> the field that names it, and its key."""
    owner = sa.literal("") if field else model.field_id
    rows = db.session.execute(sa.select(model.id, model.key, owner).where(model.id.in_(row_ids)))
    return {row_id: (field or f"{CUSTOM}{field_id}", key) for row_id, key, field_id in rows}


def _count_of_field(field_id: int) -> int:
    name = f"{CUSTOM}{field_id}"
    queries = db.session.scalars(_naming(name, SavedView.query))
    return sum(_asks(parse_qs(query), name) for query in queries)


def _drop_field(field_id: int, to: int | None, by: User | None) -> int:
    name = f"{CUSTOM}{field_id}"
    dropped = 0
    for view, query in _held(name):
        if _asks(query, name):
            dropped += not view.is_deleted
            columns = [column for column in ",".join(query.pop(COLUMNS, [])).split(",") if column not in ("", name)]
            rest = {word: values for word, values in query.items() if not _is_of(word, name)}
            if _sorts(rest, name):
                del rest[SORT]
            _write(view, rest | ({COLUMNS: [",".join(columns)]} if columns else {}))
    return dropped


def _naming(field: str, *wanted: Any) -> sa.Select[Any]:
    """Views whose address may ask for the field: a first look, before it is taken apart."""
    return sa.select(*wanted).where(SavedView.query.contains(field, autoescape=True), SavedView.scope.in_(saved.KEPT))


def _held(field: str) -> Iterator[tuple[SavedView, Query]]:
    """Nobody else changes these views before the transaction ends."""
    named = sa.select(SavedView).where(SavedView.query.contains(field, autoescape=True)).order_by(SavedView.id)
    locked = named.with_for_update(key_share=True).execution_options(populate_existing=True)
    for view in db.session.scalars(locked).all():
        yield view, parse_qs(view.query)


def _write(view: SavedView, query: Query) -> None:
    view.query = _written(query)
    db.session.flush()  # others may forget what the session knows


def _written(query: Query) -> str:
    return urlencode(sorted((word, values) for word, values in query.items() if values), doseq=True)


def _is_of(word: str, field: str) -> bool:
    return word.partition(".")[0] == field


def _names(query: Query, field: str, key: str) -> bool:
    return any(_is_of(word, field) and key in values for word, values in query.items())


def _asks(query: Query, field: str) -> bool:
    is_shown = field in ",".join(query.get(COLUMNS, [])).split(",")
    return is_shown or _sorts(query, field) or any(_is_of(word, field) for word in query)


def _sorts(query: Query, field: str) -> bool:
    return any(word.removeprefix("-") == field for word in query.get(SORT, []))


def _replaced(values: list[str], key: str, new: str) -> list[str]:
    told = [new if value == key else value for value in values]
    return list(dict.fromkeys(value for value in told if value))


def _count_of(user: User) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(SavedView).where(*_shared_by(user))) or 0


def _shared_by(user: User) -> list[sa.ColumnElement[bool]]:
    return [SavedView.owner_id == user.id, SavedView.scope.in_((TEAM, ALL))]


def _holding_words(number: int) -> str:
    return str(ngettext("%(num)d view that others are offered", "%(num)d views that others are offered", number))


def _hand_over(giver: User, taker: User | None, by: User | None) -> int:
    """What others are offered goes over, to whoever does it where nobody takes it: somebody must be able to change it.
    Private ones stay, and are there again when the person is."""
    new = taker or by
    if new is None or new.id == giver.id:
        return 0
    views = db.session.scalars(sa.select(SavedView).where(*_shared_by(giver)).order_by(SavedView.id)).all()
    known = saved.names_seen_by(new)
    for view in views:
        is_new = saved.view_seen_by(new, view.id) is None
        view.owner_id = new.id
        if is_new and fold(view.name) in known:
            view.name = f"{view.name[: saved.NAME_MAX - 40]} ({giver.label[:36]})"
    db.session.flush()  # the next feature asks for what is moved
    return len(views)


def _leave_team(team: Team) -> int:
    """What was for the team is for its owner alone."""
    left = 0
    for view in db.session.scalars(sa.select(SavedView).where(SavedView.team_id == team.id)):
        left += not view.is_deleted
        view.scope, view.team_id = view.scope.replace(TEAM, PRIVATE), None
    db.session.flush()  # the database keeps a team that something names
    return left


HOLDING = Holding(key="views", count=_count_of, words=_holding_words, move=_hand_over, leave_team=_leave_team)
