"""What the contract asks of an offer.  Each returns it, or raises ``TypeError`` with a line for its author."""

import re
from collections.abc import Mapping
from typing import Any

from wtforms import DateField, DateTimeField, DecimalField, FileField, Form, TimeField
from wtforms.fields.core import UnboundField

from leadhub.plugins.api.sources import Source
from leadhub.plugins.api.statuses import COLOURS, IN_PROGRESS, LOST, OPEN, WON, Status, StatusAction, StatusRule

WORD_MAX = 200
NO_JSON = (DateField, DateTimeField, DecimalField, FileField, TimeField)  # settings are stored as JSON
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")


def check_source(source: Any) -> Source:
    if not isinstance(source, Source) or not _is_word(source.key) or not are_names(source.names):
        raise TypeError(f"{source!r} is no Source with a key and names")
    return source


def check_rule(rule: Any) -> StatusRule:
    if not isinstance(rule, StatusRule):
        raise TypeError(f"{rule!r} is no StatusRule")
    _check_key(rule)
    if not are_names(rule.label):
        raise TypeError(f"the label of {rule.key!r} is no text by language")
    if not isinstance(rule.priority, int) or not callable(rule.holds):
        raise TypeError(f"{rule.key!r} wants a whole number as its priority and a function as holds")
    _check_wished(rule.key, rule.wished)
    return rule


def check_action(action: Any) -> StatusAction:
    if not isinstance(action, StatusAction):
        raise TypeError(f"{action!r} is no StatusAction")
    _check_key(action)
    if not are_names(action.name):
        raise TypeError(f"the name of {action.key!r} is no text by language")
    if not callable(action.run):
        raise TypeError(f"{action.key!r} wants a function as run")
    if action.form is not None and not (isinstance(action.form, type) and issubclass(action.form, Form)):
        raise TypeError(f"the form of {action.key!r} is no wtforms.Form")
    for name in dir(action.form):
        made = getattr(action.form, name, None)
        if isinstance(made, UnboundField) and issubclass(made.field_class, NO_JSON):
            raise TypeError(f"the field {name!r} of {action.key!r} gives what JSON can't hold")
    return action


def are_names(names: Any) -> bool:
    """Texts by language, one at least."""
    return isinstance(names, Mapping) and bool(names) and all(_is_word(word) for pair in names.items() for word in pair)


def _is_word(word: Any) -> bool:
    return isinstance(word, str) and 0 < len(word) <= WORD_MAX


def _check_key(offer: Any) -> None:
    if not isinstance(offer.key, str) or not KEY.fullmatch(offer.key):
        raise TypeError(f"{offer.key!r} is no key: small letters, digits, _ and -, at most 48")


def _check_wished(key: str, status: Any) -> None:
    is_status = isinstance(status, Status) and _is_word(status.key) and are_names(status.names)
    if not is_status or status.kind not in (OPEN, IN_PROGRESS, WON, LOST) or status.colour not in COLOURS:
        raise TypeError(f"the status that {key!r} wishes for is no Status with a key, names, a kind and a colour")
