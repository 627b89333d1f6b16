"""The kinds of things that plugins offer, and the hook that each comes through."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from leadhub.plugins import checks

NEWS = ("lead_created", "lead_changed", "lead_status_changed", "lead_deleted", "status_replaced")
"""Hooks that tell what has happened; nothing is collected from them."""


@dataclass(frozen=True)
class Kind:
    """``check`` returns an offer, or raises ``TypeError``.  ``scope`` says whose keys stand alone in the hub, without
    the plugin's name before them: everybody's, those of bundled plugins, or nobody's."""

    hook: str
    check: Callable[[Any], Any]
    scope: str = "bundled"


KINDS = {
    "sources": Kind("register_sources", checks.check_source, "everybody"),
    "statuses": Kind("register_statuses", checks.check_status, "everybody"),
    "rules": Kind("register_status_rules", checks.check_rule),
    "actions": Kind("register_status_actions", checks.check_action),
    "widgets": Kind("register_widgets", checks.check_widget),
    "panels": Kind("register_lead_panels", checks.check_panel),
    "columns": Kind("register_columns", checks.check_column),
    "pages": Kind("register_pages", checks.check_page, "nobody"),
    "jobs": Kind("register_jobs", checks.check_job, "nobody"),
    "commands": Kind("register_commands", checks.check_command, "nobody"),
}


def whole_key(kind: str, plugin: str, key: str, *, is_bundled: bool) -> str:
    """How the hub names an offer."""
    scope = KINDS[kind].scope
    is_bare = scope == "everybody" or (scope == "bundled" and is_bundled)
    return key if is_bare else f"{plugin}.{key}"
