"""The contract with plugins.  Values in, values out; nothing here imports the rest of LeadHub."""

from leadhub.plugins.api.context import Context, NoAnswer
from leadhub.plugins.api.data import ChartData, NumberData, Row, TableData, TemplateData, TextData
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
from leadhub.plugins.api.forms import PersonField, SecretField
from leadhub.plugins.api.hooks import API_VERSION, hookimpl
from leadhub.plugins.api.jobs import Job
from leadhub.plugins.api.leads import Address, LeadDraft, LeadSnapshot, Reach
from leadhub.plugins.api.news import (
    FieldChange,
    LeadChanged,
    LeadCreated,
    LeadDeleted,
    LeadStatusChanged,
    StatusReplaced,
)
from leadhub.plugins.api.parts import Asked, Column, Command, GoTo, LeadPanel, Page
from leadhub.plugins.api.reading import Choice, Period, Reader, Slice
from leadhub.plugins.api.sources import Polled, PublicForm, Received, Refused, Reply, Request, Source
from leadhub.plugins.api.statuses import Fact, Status, StatusAction, StatusRule
from leadhub.plugins.api.widgets import Widget

__all__ = [
    "API_VERSION", "AddNote", "Address", "Asked", "AssignOwner", "CallUrl", "ChartData", "Choice", "Column", "Command",
    "Context", "Fact", "Failed", "FieldChange", "GoTo", "Job", "LeadChanged", "LeadCreated", "LeadDeleted",
    "LeadDraft", "LeadPanel", "LeadSnapshot", "LeadStatusChanged", "MailOwner", "NoAnswer", "NumberData", "Page",
    "Period", "PersonField", "PlanNextContact", "Polled", "PublicForm", "Reach", "Reader", "Received", "Refused",
    "Reply", "Request", "Row", "SecretField", "SetFields", "Skip", "Slice", "Source", "Status", "StatusAction",
    "StatusReplaced", "StatusRule", "TableData", "TemplateData", "TextData", "Widget", "hookimpl",
]  # fmt: skip
