"""Who sees which records: the one rule that every query of leads, and of what hangs on them, goes through."""

from collections.abc import Collection
from typing import Any, TypeVar

import sqlalchemy as sa

from leadhub.accounts.models import Team, User
from leadhub.accounts.roles import ADMINISTER, ALL, OWN, READ_LEADS, WRITE_LEADS
from leadhub.extensions import db

Record = TypeVar("Record")
HOLDERS_MAX = 30


def visible(user: User | None, model: type[Record], *, in_bin: bool = False) -> sa.Select[Record]:
    """The records of this kind that the user may see; none for nobody, and for somebody who is deactivated.

    ``model.held_by`` names the column with the id of the person whose record it is.  How far a role reaches from
    there (all, the team's, one's own) is an admin's choice.  What nobody holds is seen by all who may write.
    Where ``model.binned_at`` names a column, what is in the bin is left out, or alone is there (``in_bin``).
    """
    statement = sa.select(model)
    if binned_at := getattr(model, "binned_at", None):
        column = getattr(model, binned_at)
        statement = statement.where(column.is_not(None) if in_bin else column.is_(None))
    if user is None or not user.active or not user.may(READ_LEADS):
        return statement.where(sa.false())
    if user.may(ADMINISTER) or user.reach == ALL:
        return statement
    holder = getattr(model, model.held_by)  # type: ignore[attr-defined]
    return statement.where(sa.or_(holder == user.id, *_shared(user, holder)))


def sees_all(user: User) -> bool:
    """Does the rule leave nothing out for this user?"""
    return user.active and user.may(READ_LEADS) and (user.may(ADMINISTER) or user.reach == ALL)


def holders_seen_by(user: User | None, model: type[Any]) -> list[sa.ColumnElement[bool]] | None:
    """The same rule piece by piece: conditions on the holder, of which one alone holds for each record that the user
    may see.  None where the pieces would be no help: the user sees all, or nothing, or the leads of very many.

    An index that leads with the holder gives each piece in its order.
    """
    if user is None or not user.active or not user.may(READ_LEADS) or user.may(ADMINISTER) or user.reach == ALL:
        return None
    holder = getattr(model, model.held_by)
    ids = [user.id]
    if user.reach != OWN:
        if (db.session.scalar(sa.select(sa.func.count(Team.id))) or 0) < 2:
            return None
        mates = sa.select(User.id).where(User.team_id == user.team_id, User.id != user.id).limit(HOLDERS_MAX)
        ids += db.session.scalars(mates) if user.team_id else []
    if len(ids) >= HOLDERS_MAX:
        return None
    return [holder == each for each in ids] + ([holder.is_(None)] if user.may(WRITE_LEADS) else [])


def holders_within(user: User, holder_ids: Collection[int | None]) -> set[int | None]:
    """The same rule asked of holders: those of them whose records the user may see.  None stands for nobody."""
    if not user.active or not user.may(READ_LEADS):
        return set()
    if user.may(ADMINISTER) or user.reach == ALL:
        return set(holder_ids)
    people = sa.select(User.id).where(User.id.in_([each for each in holder_ids if each is not None]))
    found: set[int | None] = set(db.session.scalars(people.where(sa.or_(User.id == user.id, *_shared(user, User.id)))))
    return found | ({None} & set(holder_ids) if user.may(WRITE_LEADS) else set())


def may_see(user: User, record: Any) -> bool:
    """Does the rule let the user see this record, which is flushed?"""
    model = type(record)
    is_binned = hasattr(model, "binned_at") and getattr(record, model.binned_at) is not None
    if user.may(ADMINISTER) or user.reach == ALL:
        return not is_binned
    found = visible(user, model).where(model.id == record.id).with_only_columns(model.id)
    return db.session.scalar(found) is not None


def _shared(user: User, holder: Any) -> list[sa.ColumnElement[bool]]:
    """Records of others, and of nobody, that the user may see all the same."""
    shared: list[sa.ColumnElement[bool]] = [holder.is_(None)] if user.may(WRITE_LEADS) else []
    if user.reach == OWN:
        return shared
    one_team = sa.select(sa.func.count(Team.id)).scalar_subquery() < 2  # until there is a second, all are one team
    if user.team_id is None:
        return [*shared, one_team]
    return [*shared, one_team, holder.in_(sa.select(User.id).where(User.team_id == user.team_id))]
