"""What became of what a door brought."""

from dataclasses import dataclass
from typing import Literal

from leadhub.leads.checks import FieldRefused

Result = Literal["created", "updated", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one draft.  ``refusal`` is there when it was refused, ``lead_id`` otherwise."""

    result: Result
    lead_id: int | None = None
    refusal: FieldRefused | None = None
