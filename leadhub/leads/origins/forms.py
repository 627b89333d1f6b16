"""Reads what was pressed on the queue: one lead, those that are ticked, or a group with its suggestion."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from leadhub.database import id_from
from leadhub.leads.listing.bulk import AT_ONCE

APPLY, LEAD, SOURCE, NEXT = "apply", "lead", "source", "next"


@dataclass(frozen=True, slots=True)
class Asked:
    """``wanted``: id of a lead -> key of the source that it is to get.  ``unchosen`` leads were meant, and no source
    was chosen for them.  ``next`` is the lead below the one that was pressed; 0: none."""

    wanted: Mapping[int, str] = field(default_factory=dict)
    unchosen: int = 0
    next: int = 0


def asked(told: MultiDict[str, str]) -> Asked:
    """What is no id names no lead."""
    pressed = told.get(APPLY, "")
    ids = list(filter(None, map(id_of, [pressed] if pressed.isdecimal() else told.getlist(LEAD)[:AT_ONCE])))
    chosen = {lead_id: told.get(f"{SOURCE}-{lead_id}") or told.get(SOURCE, "") for lead_id in ids}
    wanted = {lead_id: key for lead_id, key in chosen.items() if key}
    below = told.get(f"{NEXT}-{pressed}", "") if pressed.isdecimal() else ""
    return Asked(wanted, unchosen=len(chosen) - len(wanted), next=id_of(below))


def id_of(word: str) -> int:
    try:
        return id_from(word)
    except ValueError:
        return 0
