"""Moves a card: through the same door as every change of a lead, and then to its place by hand.  Commits nothing."""

from collections.abc import Mapping
from typing import Any

from leadhub.accounts.models import User
from leadhub.leads.models import Lead
from leadhub.leads.services import update_lead
from leadhub.leads.stages.places import place

ON_TOP = 0


def move(lead: Lead, changes: Mapping[str, Any], *, by: User, version: int, after_id: int | None) -> None:
    """``changes`` are those of ``update_lead``, which says what it raises; none: the lead stays in its stage.

    ``after_id``: the lead that it stands below from now on, or ``ON_TOP``; None: where who enters stands, or where it
    stood.
    """
    if changes:
        update_lead(lead, changes, by=by, version=version)
    if after_id is not None and lead.stage_id is not None:
        place(lead, after_id or None)
