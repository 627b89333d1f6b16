"""The values by which leads cross borders.  Frozen: whoever gets one can keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadDraft:
    """A lead as a door (form, import, plugin) brings it, before the hub has stored it.

    Text that is not there is an empty string.  ``source`` and ``type`` hold a key or a name in any of the hub's
    languages; ``owner`` an e-mail address of a user.  ``received_at`` is aware.  ``external_scope`` and
    ``external_id`` together name one lead for ever: a second draft with the same pair updates that lead.
    """

    channel: str
    is_organisation: bool = False
    first_name: str = ""
    last_name: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""
    source: str = ""
    type: str = ""
    owner: str = ""
    received_at: datetime | None = None
    external_scope: str = ""
    external_id: str = ""
    other: Mapping[str, str] = field(default_factory=dict)
