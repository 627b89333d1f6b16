"""How a lead's history reads on a page."""

from collections.abc import Mapping
from math import ceil

from babel.units import format_unit
from flask import Blueprint
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from leadhub.fields.queries import catalogue
from leadhub.leads.kinds import CALL_OUTCOMES
from leadhub.leads.models import LeadEvent
from leadhub.leads.words import field_label
from leadhub.markdown import to_html

FOLDED = 12  # lines of a text that are shown at once
LINE = 80  # characters


def register(bp: Blueprint) -> None:
    """Give every template these words."""
    bp.add_app_template_filter(to_html, "markdown")
    for words in (changed_field, deed, deed_of_nobody, file_size, is_long, outcome):
        bp.add_app_template_filter(words)


def deed(event: LeadEvent) -> str:
    """What was done, behind the name of whoever did it."""
    return {
        "created": _("created this lead"),
        "note": _("wrote a note"),
        "call": _("made a call"),
        "meeting": _("entered a meeting"),
        "file": ngettext("added a file", "added files", len(event.files)),
        "deleted": _("moved this lead to the bin"),
        "restored": _("took this lead out of the bin"),
    }.get(event.kind) or _("changed")


def deed_of_nobody(event: LeadEvent) -> str:
    """The same where the hub did it, behind the name of the door."""
    told = {"created": _("lead created"), "note": _("note added")}
    return told.get(event.kind) or _("lead changed")


def changed_field(change: Mapping[str, str]) -> str:
    """A field that the team has deleted since is called as it was then."""
    name = change["field"]
    return change["label"] if name not in catalogue() and "label" in change else field_label(name)


def outcome(key: str) -> str:
    return str(CALL_OUTCOMES.get(key, key))


def is_long(text: str) -> bool:
    """Would it take more than ``FOLDED`` lines of a page?"""
    return sum(1 + len(line) // LINE for line in text.split("\n")) > FOLDED


def file_size(size: int) -> str:
    """Bytes as people read them: ``12 kB``, ``1.4 MB``."""
    unit, number = ("megabyte", size / 1e6) if size > 999_000 else ("kilobyte", ceil(size / 1000))
    return str(format_unit(number, f"digital-{unit}", "short", format="#,##0.#", locale=get_locale() or "en"))
