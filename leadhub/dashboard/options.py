"""The options of a card: a form of its plugin's, filled in from the address.

Each stands there under the key of its card, ``leads_over_time.step=week``, so that one address holds those of all.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import render_template
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectMultipleField
from wtforms import Form as PlainForm

from leadhub.forms import Form, choices
from leadhub.plugin_settings.forms import people, person_fields
from leadhub.plugins.api.forms import PersonField

MARK = "_set"  # beside boxes: without any tick in it, an address would say nothing of them
FIELDS_MAX, VALUES_MAX, LENGTH_MAX = 50, 50, 500
Words = Mapping[str, Sequence[str]]


class OptionsForm(Form):
    """Shown, and as the plugin gets them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, meta={"csrf": False})

    def to_options(self) -> dict[str, Any]:
        return {field.short_name: field.data for field in self}

    @property
    def has_boxes(self) -> bool:
        return any(isinstance(field, BooleanField | SelectMultipleField) for field in self)


def form_for(plain: type[PlainForm]) -> type[OptionsForm]:
    """The plugin's form, with the habits of the hub's own."""
    return OptionsForm if issubclass(OptionsForm, plain) else type(plain.__name__, (plain, OptionsForm), {})


def own_words(key: str, asked: Words) -> dict[str, list[str]]:
    """What an address says of this card."""
    names = [name for name in asked if name.rpartition(".")[0] == key][:FIELDS_MAX]
    return {name: [value[:LENGTH_MAX] for value in asked[name][:VALUES_MAX]] for name in names}


def people_for(plain: type[PlainForm] | None) -> list[tuple[str, str]]:
    """Whom its fields offer: to be read before the plugin is called."""
    return [("", "—"), *people()] if plain and person_fields(plain) else []


def filled_in(plain: type[PlainForm], key: str, words: Words, offered: list[tuple[str, str]]) -> OptionsForm:
    """To be called inside of the contained call: fields and what checks them are the plugin's."""
    form = form_for(plain)(formdata=MultiDict(words) if words else None, prefix=f"{key}.")
    for field in form:
        if isinstance(field, PersonField):
            field.choices = choices(offered)
    return form


def drawn(form: OptionsForm) -> Markup:
    """The inputs.  Inside of the contained call too."""
    return Markup(render_template("dashboard/_inputs.html", form=form, mark=MARK))


def switched(key: str, switch: str, told: Words, *, on: bool) -> dict[str, Sequence[str]]:
    """The same words with the one option that is on or off turned."""
    name = f"{key}.{switch}"
    kept = {other: values for other, values in told.items() if other != name} | {f"{key}.{MARK}": ["1"]}
    return kept | ({name: ["y"]} if on else {})


def words_beside(current: str, key: str) -> dict[str, list[str]]:
    """What the address that a browser shows says of the other cards."""
    told = parse_qs(urlsplit(current).query, max_num_fields=1000)
    return {name: values for name, values in told.items() if name.rpartition(".")[0] not in ("", key)}
