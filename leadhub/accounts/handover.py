"""What a person holds, and how it goes over to somebody else in one act.

Each feature that gives people something to hold (leads, later next contacts, views) tells it with a ``Holding``;
``app.py`` collects them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from leadhub.accounts.models import User


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One kind of thing.  ``count`` says how many of them a person holds, ``words`` puts that number into words.

    ``move`` gives all of them to ``taker`` (None: to nobody), says in their history that ``by`` did it, and returns
    how many there were.  It commits nothing.
    """

    key: str
    count: Callable[[User], int]
    words: Callable[[int], str]
    move: Callable[[User, User | None, User | None], int]


def bind(app: Flask, holdings: Sequence[Holding]) -> None:
    app.extensions["leadhub_holdings"] = tuple(holdings)


def held_by(user: User) -> list[str]:
    """In words, what the person holds; empty when that is nothing."""
    counted = [(holding, holding.count(user)) for holding in _holdings()]
    return [holding.words(count) for holding, count in counted if count]


def hand_over(giver: User, taker: User | None, by: User | None) -> dict[str, int]:
    """Move everything.  Kind -> how many."""
    return {holding.key: holding.move(giver, taker, by) for holding in _holdings()}


def _holdings() -> tuple[Holding, ...]:
    return cast(tuple[Holding, ...], current_app.extensions["leadhub_holdings"])
