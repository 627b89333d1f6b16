"""What can be done from anywhere, and how it is found by its name.  Who may, the views themselves say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from leadhub.accounts.models import User
from leadhub.folding import fold
from leadhub.plugin_pages.queries import pages_in_menu
from leadhub.web import LANGUAGES

ACTIONS, SETTINGS = "actions", "settings"
GROUPS = {ACTIONS: _l("Actions"), SETTINGS: _l("Settings")}
WORDS_MAX = 12


@dataclass(frozen=True, slots=True)
class Action:
    """A page to go to, with the ``arguments`` of its address; ``is_post``: something that a form sends instead."""

    endpoint: str
    label: Any
    icon: str
    group: str = ACTIONS
    is_post: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)


OFFERED = (
    Action("leads.index", _l("Leads"), "users"),
    Action("leads_board.index", _l("Board"), "layout-kanban"),
    Action("customers.index", _l("Customers"), "building-store"),
    Action("opportunities.index", _l("Opportunities"), "target-arrow"),
    Action("quotations.index", _l("Quotations"), "file-text"),
    Action("orders.index", _l("Orders"), "shopping-cart"),
    Action("dashboard.index", _l("Statistics"), "chart-bar"),
    Action("leads.new", _l("Add a lead"), "plus"),
    Action("imports.index", _l("Import"), "upload"),
    Action("leads_export.as_csv", _l("Export all leads as CSV"), "download", arguments={"view": 0}),
    Action("leads_care.index", _l("Bin"), "trash"),
    Action("profile.edit", _l("Profile"), "user"),
    Action("palette.keys", _l("Keyboard"), "keyboard"),
    Action("security.logout", _l("Sign out"), "logout", is_post=True),
    Action("setup.edit", _l("General"), "settings", SETTINGS),
    Action("people.index", _l("Users and teams"), "settings", SETTINGS),
    Action("fields.index", _l("Fields"), "settings", SETTINGS),
    Action("statuses.index", _l("Statuses"), "settings", SETTINGS),
    Action("pipelines.index", _l("Stages"), "settings", SETTINGS),
    Action("lists.index", _l("Lists"), "settings", SETTINGS),
    Action("company.edit", _l("Company"), "settings", SETTINGS),
    Action("doors.index", _l("Reception"), "settings", SETTINGS),
    Action("plugins.index", _l("Plugins"), "settings", SETTINGS),
    Action("email.edit", _l("E-mail"), "settings", SETTINGS),
    Action("teams.audit_log", _l("Audit log"), "settings", SETTINGS),
    Action("diagnostic.index", _l("Diagnostic"), "settings", SETTINGS),
    Action("diagnostic.jobs", _l("Jobs"), "settings", SETTINGS),
)


def actions_for(user: User, text: str, views: Mapping[str, Any]) -> list[Action]:
    """Those whose name the text fits, in any language, and that the user may do; all of them where there is no text.

    ``views`` are the app's, by endpoint: each says what it needs.
    """
    allowed = [action for action in OFFERED if _may(user, views[action.endpoint])] + _of_plugins(user)
    if not fold(text):
        return allowed
    names: list[list[str]] = [[] for _action in allowed]
    for language in LANGUAGES:
        with force_locale(language):
            for action, its in zip(allowed, names, strict=True):
                its += [str(action.label), *_words_of_group(action)]
    return [action for action, its in zip(allowed, names, strict=True) if fits(text, its)]


def fits(text: str, names: Iterable[str]) -> bool:
    """Does every word of the text begin a word of the names?"""
    words = [word for name in names for word in fold(name).split()]
    return all(any(word.startswith(begun) for word in words) for begun in fold(text).split()[:WORDS_MAX])


def _of_plugins(user: User) -> list[Action]:
    """Their pages."""
    return [
        Action("plugin_pages.show", page.title, "puzzle", arguments={"plugin": page.plugin, "path": page.path})
        for page in pages_in_menu(user)
    ]


def _words_of_group(action: Action) -> Sequence[str]:
    return [str(GROUPS[action.group])] if action.group == SETTINGS else []


def _may(user: User, view: Any) -> bool:
    """A view without a mark of ours is a library's, for everybody who is signed in."""
    return not hasattr(view, "access") or user.may(view.access)
