"""Reads imports by web.  Nothing here writes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.accounts.models import User
from leadhub.accounts.roles import ADMINISTER
from leadhub.accounts.visibility import visible
from leadhub.extensions import db
from leadhub.imports.models import OPEN, Import, ImportRefusal

PAGE = 50


def imports_seen_by(user: User | None) -> sa.Select[Import]:
    """One's own, however far one's role sees leads: a file holds more than what came of it.  An admin's: all."""
    statement = visible(user, Import)
    if user is None or user.may(ADMINISTER):
        return statement
    return statement.where(Import.by_id == user.id)


def newest(user: User | None) -> Sequence[Import]:
    """The last fifty, newest first, each with its person."""
    statement = imports_seen_by(user).options(joinedload(Import.by)).order_by(Import.id.desc()).limit(PAGE)
    return db.session.scalars(statement).all()


def import_seen_by(user: User | None, import_id: int) -> Import | None:
    """The import, if it is there and the user may see it."""
    return db.session.scalar(imports_seen_by(user).where(Import.id == import_id).options(joinedload(Import.by)))


def import_in(import_id: int, state: str, run: int) -> Import | None:
    """The import, if it is in that state and nobody has started or resumed it since that run.  For the worker."""
    statement = sa.select(Import).where(Import.id == import_id, Import.state == state, Import.run == run)
    return db.session.scalar(statement.execution_options(populate_existing=True))


def refusals_of(import_id: int, limit: int | None = None) -> Sequence[ImportRefusal]:
    """In the order of their lines."""
    statement = sa.select(ImportRefusal).where(ImportRefusal.import_id == import_id).order_by(ImportRefusal.id)
    return db.session.scalars(statement.limit(limit)).all()


def open_count(user_id: int) -> int:
    """How many imports of the person still hold a file."""
    statement = sa.select(sa.func.count()).select_from(Import)
    return db.session.scalar(statement.where(Import.by_id == user_id, Import.state.in_(OPEN))) or 0


def kept_files() -> set[str]:
    """Names of the files that imports still need."""
    return set(db.session.scalars(sa.select(Import.file).where(Import.file != "")))
