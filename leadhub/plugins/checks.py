"""What the contract asks of an offer.  Each returns it, or raises ``TypeError`` with a line for its author."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from wtforms import DateField, DateTimeField, DecimalField, FileField, Form, TimeField
from wtforms.fields.core import UnboundField

from leadhub.plugins.api.forms import SecretField
from leadhub.plugins.api.jobs import Job
from leadhub.plugins.api.parts import Column, Command, LeadPanel, Page
from leadhub.plugins.api.sources import Source
from leadhub.plugins.api.statuses import COLOURS, IN_PROGRESS, LOST, OPEN, WON, Status, StatusAction, StatusRule
from leadhub.plugins.api.widgets import Widget

WORD_MAX, TEXT_MAX = 200, 500
NO_JSON = (DateField, DateTimeField, DecimalField, FileField, TimeField)  # settings are stored as JSON
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")
ROLES = ("viewer", "agent", "manager", "admin")
DATES = ("received", "left", "now", "submitted", "settled", "ordered")
SIZES = ("small", "medium", "large")
SHORTEST = timedelta(minutes=5)


def check_source(source: Any) -> Source:
    if not isinstance(source, Source) or not _is_word(source.key) or not are_names(source.names):
        raise TypeError(f"{source!r} is no Source with a key and names")
    for name in ("receive", "poll", "form"):
        if getattr(source, name) is not None and not callable(getattr(source, name)):
            raise TypeError(f"{source.key!r} wants a function as {name}")
    check_form(source.key, source.settings_form)
    return source


def check_rule(rule: Any) -> StatusRule:
    found = _offer(rule, StatusRule, "label", "holds")
    if not isinstance(found.priority, int):
        raise TypeError(f"{found.key!r} wants a whole number as its priority")
    _check_wished(f"the status that {found.key!r} wishes for", found.wished)
    return found


def check_status(status: Any) -> Status:
    _check_wished(repr(status), status)
    return status  # type: ignore[no-any-return]


def check_action(action: Any) -> StatusAction:
    found = _offer(action, StatusAction, "name", "run")
    check_form(found.key, found.form, secrets=False)
    return found


def check_widget(widget: Any) -> Widget:
    found = _offer(widget, Widget, "title", "load")
    check_form(found.key, found.form, secrets=False)
    _check_role(found)
    if found.size not in SIZES:
        raise TypeError(f"the size of {found.key!r} is none of {', '.join(SIZES)}")
    if found.goes_by not in DATES or (found.about and not are_names(found.about, TEXT_MAX)):
        raise TypeError(f"what {found.key!r} goes by is none of {', '.join(DATES)}, or what it is about no texts")
    return found


def check_panel(panel: Any) -> LeadPanel:
    return _offer(panel, LeadPanel, "title", "load")


def check_column(column: Any) -> Column:
    return _offer(column, Column, "title", "load")


def check_page(page: Any) -> Page:
    found = _offer(page, Page, "title", "show")
    _check_role(found)
    if found.key == "static":
        raise TypeError("the key 'static' is taken by the plugin's own files")
    return found


def check_job(job: Any) -> Job:
    found = _offer(job, Job, "name", "run")
    if not isinstance(found.every, timedelta) or found.every < SHORTEST or not isinstance(found.offset, timedelta):
        raise TypeError(f"{found.key!r} wants a timedelta of five minutes or more as every")
    return found


def check_command(command: Any) -> Command:
    if not isinstance(command, Command):
        raise TypeError(f"{command!r} is no Command")
    _check_key(command)
    if not _is_word(command.help) or not callable(command.run):
        raise TypeError(f"{command.key!r} wants a line of help and a function as run")
    return command


def check_form(key: str, form: Any, *, secrets: bool = True) -> None:
    """A form of settings or options: plain, and of values that JSON can hold.  Without ``secrets`` none is a secret:
    those stand in the settings of the plugin or of a source."""
    if form is not None and not (isinstance(form, type) and issubclass(form, Form)):
        raise TypeError(f"the form of {key!r} is no wtforms.Form")
    for name in dir(form):
        made = getattr(form, name, None)
        if isinstance(made, UnboundField) and issubclass(made.field_class, NO_JSON):
            raise TypeError(f"the field {name!r} of {key!r} gives what JSON can't hold")
        if isinstance(made, UnboundField) and issubclass(made.field_class, SecretField) and not secrets:
            raise TypeError(f"the field {name!r} of {key!r} is secret: put it into the plugin's own SETTINGS")


def are_names(names: Any, most: int = WORD_MAX) -> bool:
    """Texts by language, one at least, each of so many characters."""
    return isinstance(names, Mapping) and bool(names) and all(_is_word(w, most) for pair in names.items() for w in pair)


def _is_word(word: Any, most: int = WORD_MAX) -> bool:
    return isinstance(word, str) and 0 < len(word) <= most


def _offer(offer: Any, model: type[Any], names: str, work: str) -> Any:
    """One of ``model`` with a key, with texts by language and a function under these names."""
    if not isinstance(offer, model):
        raise TypeError(f"{offer!r} is no {model.__name__}")
    _check_key(offer)
    if not are_names(getattr(offer, names)):
        raise TypeError(f"the {names} of {offer.key!r} is no text by language")
    if not callable(getattr(offer, work)):
        raise TypeError(f"{offer.key!r} wants a function as {work}")
    return offer


def _check_key(offer: Any) -> None:
    if not isinstance(offer.key, str) or not KEY.fullmatch(offer.key):
        raise TypeError(f"{offer.key!r} is no key: small letters, digits, _ and -, at most 48")


def _check_role(offer: Any) -> None:
    if offer.role not in ROLES:
        raise TypeError(f"the role of {offer.key!r} is none of {', '.join(ROLES)}")


def _check_wished(what: str, status: Any) -> None:
    is_status = isinstance(status, Status) and _is_word(status.key) and are_names(status.names)
    if not is_status or status.kind not in (OPEN, IN_PROGRESS, WON, LOST) or status.colour not in COLOURS:
        raise TypeError(f"{what} is no Status with a key, names, a kind and a colour")
