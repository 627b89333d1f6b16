"""Layouts of the statistics page that are kept.  Nothing here writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.dashboard.models import DashboardLayout
from leadhub.dashboard.tabs import LEADS
from leadhub.extensions import db

SIZES = ("small", "medium", "large")
UP, DOWN, MOVED, REMOVE, ADD = "up", "down", "moved", "remove", "add"
ACTS = (UP, DOWN, MOVED, REMOVE, ADD, *SIZES)
"""A size makes the card so large; ``MOVED``: it stands in its new place already."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A card by its key, with one of ``SIZES``."""

    key: str
    size: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LayoutDraft:
    """What the layout's page was sent with: the cards that it showed, and what was pressed there.

    ``act``: one of ``ACTS``, done with the card ``key``; empty: the cards are wanted as they are.
    """

    slots: list[Slot]
    act: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The layout of one person, and the one for everybody who has none; None where there is none."""

    own: list[Slot] | None = None
    shared: list[Slot] | None = None

    @property
    def used(self) -> list[Slot] | None:
        return self.shared if self.own is None else self.own


def kept_for(user: User, tab: str = LEADS) -> Kept:
    mine = (DashboardLayout.user_id == user.id) | DashboardLayout.user_id.is_(None)
    its = DashboardLayout.tab == tab
    found = db.session.execute(sa.select(DashboardLayout.user_id, DashboardLayout.cards).where(mine, its)).all()
    by_owner = {user_id: slots_from(cards) for user_id, cards in found}
    return Kept(own=by_owner.get(user.id), shared=by_owner.get(None))


def slots_from(cards: Iterable[Any]) -> list[Slot]:
    """Without what can't be understood: whatever stands in the table, the page is shown."""
    told = [(card.get("key"), card.get("size")) for card in cards if isinstance(card, dict)]
    return [Slot(key, size) for key, size in told if isinstance(key, str) and size in SIZES]
