"""How roles and lines of the audit log read on a page."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from leadhub.accounts.forms import REACH_LABELS, ROLE_LABELS

KINDS = {
    "bulk": _l("Many leads changed"),
    "bulk_undone": _l("Change of many leads undone"),
    "activated": _l("User activated again"),
    "bin": _l("Leads deleted for good"),
    "deactivated": _l("User deactivated"),
    "doors": _l("Ways in changed"),
    "export": _l("Export"),
    "failed": _l("Try that failed"),
    "fields": _l("Fields changed"),
    "handover": _l("Hand-over"),
    "import": _l("Import"),
    "job_dropped": _l("Job dropped"),
    "job_retried": _l("Job tried again"),
    "layout": _l("Layout of the statistics changed"),
    "link": _l("Link to choose a password"),
    "lists": _l("Lists changed"),
    "plugins": _l("Plugins changed"),
    "password": _l("Password set"),
    "reach": _l("Who sees what changed"),
    "refused": _l("Refused page"),
    "role": _l("Role changed"),
    "samples": _l("Sample data removed"),
    "sessions": _l("Signed out by an admin"),
    "settings": _l("Settings changed"),
    "sign_in": _l("Signed in"),
    "sign_out": _l("Signed out"),
    "team": _l("Team changed"),
    "two_factor": _l("Two-factor sign-in changed"),
    "views": _l("Saved views changed"),
}
VALUES = {
    "add": _l("tags added"),
    "delete": _l("moved to the bin"),
    "remove": _l("tags removed"),
    "set": _l("field changed"),
    "code": _l("code of an app"),
    "email": _l("E-mail"),
    "general": _l("General"),
    "link": _l("link"),
    "form": _l("on the form"),
    "more": _l("More fields"),
    "off": _l("nowhere"),
    "reset": _l("forgotten password"),
    "sign_in": _l("password"),
    **ROLE_LABELS,
    **dict(REACH_LABELS),
}
NAMES = {
    "act": _l("what"),
    "action": _l("action"),
    "changed_by": _l("changed by managers only"),
    "door": _l("with"),
    "field": _l("field"),
    "file": _l("file"),
    "for_all": _l("for everybody"),
    "host": _l("server"),
    "id": _l("number"),
    "in_list": _l("in the list"),
    "kept": _l("kept"),
    "leads": _l("leads"),
    "list": _l("list"),
    "method": _l("method"),
    "moved": _l("moved"),
    "new": _l("new"),
    "old": _l("old"),
    "on": _l("on"),
    "page": _l("page"),
    "plugin": _l("plugin"),
    "permission": _l("permission"),
    "person": _l("person"),
    "query": _l("asked for"),
    "record": _l("record"),
    "removed": _l("removed"),
    "renewed": _l("new address"),
    "required": _l("required"),
    "retired": _l("retired"),
    "role": _l("role"),
    "rows": _l("lines"),
    "rule": _l("when"),
    "searchable": _l("found by the search"),
    "seen_by": _l("seen by managers only"),
    "shown": _l("shown"),
    "sources": _l("sources"),
    "status": _l("status"),
    "status_actions": _l("actions"),
    "taker": _l("handed to"),
    "view": _l("view"),
    "views": _l("saved views"),
    "pipelines": _l("pipelines"),
    "way": _l("way in"),
}


def register(bp: Blueprint) -> None:
    """Give every template these words."""
    for words in (role_label, audit_words, audit_details):
        bp.add_app_template_filter(words)


def role_label(role: str) -> str:
    return str(ROLE_LABELS.get(role, role))


def audit_words(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def audit_details(details: dict[str, Any], people: Mapping[int, str]) -> str:
    """``old: Agent · new: Manager``; ``people`` gives the names of those whose ids stand there."""
    named = {
        name: people.get(value, value) if name in ("person", "taker") else value for name, value in details.items()
    }
    told = {name: _told(value) for name, value in named.items() if value is not None}
    return " · ".join(_("%(name)s: %(value)s", name=str(NAMES.get(name, name)), value=told[name]) for name in told)


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(VALUES.get(value, value))
