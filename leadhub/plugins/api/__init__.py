"""The contract with plugins.  Values in, values out; nothing here imports the rest of LeadHub."""

from leadhub.plugins.api.context import Context, NoAnswer
from leadhub.plugins.api.data import (
    Amount,
    ChartData,
    NumberData,
    Row,
    TableData,
    TemplateData,
    TextData,
    whole_percents,
)
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
from leadhub.plugins.api.figures import Efficiency, Exits, Reached, Responses, Stagnating, Visits
from leadhub.plugins.api.forms import LeadFieldField, PersonField, PipelineField, SecretField
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
from leadhub.plugins.api.sales import Documents, Expected, Loss, Outcome, Stretch
from leadhub.plugins.api.sources import Polled, PublicForm, Received, Refused, Reply, Request, Source
from leadhub.plugins.api.statuses import Fact, Status, StatusAction, StatusRule
from leadhub.plugins.api.widgets import Widget

__all__ = [
    "API_VERSION", "AddNote", "Address", "Amount", "Asked", "AssignOwner", "CallUrl", "ChartData", "Choice",
    "Column", "Command", "Context", "Documents", "Efficiency", "Exits", "Expected", "Fact", "Failed", "FieldChange",
    "GoTo", "Job", "LeadChanged", "LeadCreated", "LeadDeleted", "LeadDraft", "LeadFieldField", "LeadPanel",
    "LeadSnapshot", "LeadStatusChanged", "Loss", "MailOwner", "NoAnswer", "NumberData", "Outcome", "Page", "Period",
    "PersonField", "PipelineField", "PlanNextContact", "Polled", "PublicForm", "Reach", "Reached", "Reader",
    "Received", "Refused", "Reply", "Request", "Responses", "Row", "SecretField", "SetFields", "Skip", "Slice",
    "Source", "Stagnating", "Status", "StatusAction", "StatusReplaced", "StatusRule", "Stretch", "TableData",
    "TemplateData", "TextData", "Visits", "Widget", "hookimpl", "whole_percents",
]  # fmt: skip
