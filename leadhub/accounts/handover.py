"""What a person holds, and how it goes over to somebody else in one act.

Each feature that gives people something to hold (leads, later next contacts, views) tells it with a ``Holding``;
``app.py`` collects them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from leadhub.accounts.models import Team, User


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One kind of thing.  ``count`` says how many of them a person holds, ``words`` puts that number into words.

    ``move`` gives all of them to ``taker`` (None: to nobody), says in their history that ``by`` did it, and returns
    how many there were.  It commits nothing.

    ``leave_team`` frees what is bound to a team, which is about to be deleted, and returns how many that were; None:
    nothing of the kind ever is.
    """

    key: str
    count: Callable[[User], int]
    words: Callable[[int], str]
    move: Callable[[User, User | None, User | None], int]
    leave_team: Callable[[Team], int] | None = None


def bind(app: Flask, holdings: Sequence[Holding]) -> None:
    app.extensions["leadhub_holdings"] = tuple(holdings)


def held_by(user: User) -> list[str]:
    """In words, what the person holds; empty when that is nothing."""
    counted = [(holding, holding.count(user)) for holding in _holdings()]
    return [holding.words(count) for holding, count in counted if count]


def hand_over(giver: User, taker: User | None, by: User | None) -> dict[str, int]:
    """Move everything.  Kind -> how many."""
    return {holding.key: holding.move(giver, taker, by) for holding in _holdings()}


def leave_team(team: Team) -> dict[str, int]:
    """Nothing is bound to the team any more.  Kind -> how many were, those without any left out."""
    left = {holding.key: holding.leave_team(team) for holding in _holdings() if holding.leave_team}
    return {key: count for key, count in left.items() if count}


def _holdings() -> tuple[Holding, ...]:
    return cast(tuple[Holding, ...], current_app.extensions["leadhub_holdings"])
