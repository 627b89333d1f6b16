"""The contract with plugins.  Values in, values out; nothing here imports the rest of LeadHub."""

from leadhub.plugins.api.context import Context
from leadhub.plugins.api.effects import (
    AddNote,
    AssignOwner,
    CallUrl,
    Failed,
    MailOwner,
    PlanNextContact,
    SetFields,
    Skip,
)
from leadhub.plugins.api.forms import PersonField
from leadhub.plugins.api.hooks import API_VERSION, hookimpl
from leadhub.plugins.api.leads import Address, LeadDraft, LeadSnapshot, Reach
from leadhub.plugins.api.sources import Source
from leadhub.plugins.api.statuses import Fact, Status, StatusAction, StatusRule

__all__ = [
    "API_VERSION", "AddNote", "Address", "AssignOwner", "CallUrl", "Context", "Fact", "Failed", "LeadDraft",
    "LeadSnapshot", "MailOwner", "PersonField", "PlanNextContact", "Reach", "SetFields", "Skip", "Source", "Status",
    "StatusAction", "StatusRule", "hookimpl",
]  # fmt: skip
