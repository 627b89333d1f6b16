"""The order within a stage, by hand: each lead has a word, and words sort as texts do.

A word is a fraction: between any two there is always another one, so that whoever moves a lead writes to that lead
alone.  Without a hand in it, what came last stands on top.
"""

import secrets
from datetime import UTC, datetime
from itertools import zip_longest

from leadhub.leads.models import RANK_MAX

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LENGTH = 16  # decimal digits of a moment
MOST = 10**LENGTH - 1
NOISE = 2  # digits at the end, so that two who meet at one place don't get the same word


def newest(now: datetime, place: int = 0) -> str:
    """The word of what enters now: before all that entered earlier.  ``place`` counts those of one block."""
    micros = int(now.replace(tzinfo=now.tzinfo or UTC).timestamp() * 1_000_000)
    return f"{MOST - micros - place:0{LENGTH}d}{_noise()}"


def between(before: str, after: str) -> str | None:
    """A word behind ``before`` and before ``after``; an empty one is no bound.  None: there is no room."""
    if after and before >= after:
        return None
    word = _middle(before, after)
    noisy = word + _noise()
    if not after or noisy < after:
        word = noisy
    return word if len(word) <= RANK_MAX else None


def _noise() -> str:
    """Never ends with a zero, below which there would be no room."""
    return "".join(secrets.choice(DIGITS[1:]) for _ in range(NOISE))


def _middle(before: str, after: str) -> str:
    """Digit by digit: the first place where there is room between the two."""
    word = ""
    for place, (low, high) in enumerate(zip_longest(before, after)):
        is_bound = word == after[:place]
        least = DIGITS.index(low) if low else 0
        most = DIGITS.index(high) if high and is_bound else len(DIGITS)
        if most - least > 1:
            return word + DIGITS[(least + most) // 2]
        word += DIGITS[least]
    return word + DIGITS[len(DIGITS) // 2]
