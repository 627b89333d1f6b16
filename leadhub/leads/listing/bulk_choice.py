"""Reads out of a request's address which leads were chosen in the list.  Nothing here writes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask_security import current_user

from leadhub.accounts.visibility import visible
from leadhub.database import bounded, id_from
from leadhub.extensions import db
from leadhub.leads.listing.asking import asked, asked_state
from leadhub.leads.listing.pages import matching
from leadhub.leads.listing.state import ListState
from leadhub.leads.models import Lead

LEAD, ALL, ACT, FIELD = "lead", "all", "act", "field"
LEADS_MAX = 1000  # that are named one by one


@dataclass(frozen=True)
class Choice:
    """``ids`` are those that were ticked; ``is_all``: whatever the list's state asks for instead."""

    state: ListState
    ids: tuple[int, ...] = ()
    is_all: bool = False

    @property
    def which(self) -> sa.Select[Any]:
        if self.is_all:
            return matching(current_user, self.state, all_of_them=True)
        return visible(current_user, Lead).where(Lead.id.in_(self.ids))

    @cached_property
    def total(self) -> int:
        """How many they are at this moment, exactly."""
        ids = self.which.with_only_columns(Lead.id).subquery()
        with bounded(db.session):
            return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0

    def address(self, **changes: Any) -> dict[str, Any]:
        """The arguments of ``url_for`` that give this choice again."""
        chosen: dict[str, Any] = {ALL: 1} if self.is_all else {LEAD: list(self.ids)}
        return self.state.address(**chosen, **changes)


def asked_choice() -> Choice:
    """Raises what a list that is asked for something odd raises; what is no id names no lead."""
    told = asked()
    own = (LEAD, ALL, ACT, FIELD)
    state = asked_state({name: values for name, values in told.items() if name not in own})
    ids = dict.fromkeys(filter(None, map(_id, list(told.get(LEAD, ()))[:LEADS_MAX])))
    return Choice(state, tuple(ids), is_all=ALL in told)


def _id(word: str) -> int:
    try:
        return id_from(word)
    except ValueError:
        return 0
