"""How long visits of a stage last, counted without keeping each.  Pure functions."""

from collections.abc import Mapping
from datetime import datetime
from math import floor, log

STEP = 1.1
"""A median read out of the counters lies at most 5 % beside the exact one: half a step in the middle of it."""


def power_of(entered: datetime, left: datetime) -> int:
    """Between which powers of ``STEP`` the seconds lie; what took less than one counts as one."""
    return floor(log(max((left - entered).total_seconds(), 1), STEP))


def median_of(visits: Mapping[int, int]) -> float:
    """In seconds, out of power -> number of visits; 0 where there are none."""
    behind = sum(visits.values()) / 2
    for power in sorted(visits):
        behind -= visits[power]
        if behind <= 0 < visits[power]:
            return float(STEP ** (power + 0.5))
    return 0.0
