"""The options of a card: a form of its plugin's, filled in from the address.

Each stands there under the key of its card, ``leads_over_time.step=week``, so that one address holds those of all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa
from flask import render_template
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectMultipleField
from wtforms import Form as PlainForm

from leadhub.accounts.models import User
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.extensions import db
from leadhub.fields.catalogue import PERSON
from leadhub.folding import fold
from leadhub.forms import Form, choices
from leadhub.leads.listing.columns import listed_fields
from leadhub.leads.models import Lead
from leadhub.leads.reading_paths import pipelines_for
from leadhub.leads.reading_slices import has_slices
from leadhub.pipelines.models import Pipeline, Stage
from leadhub.pipelines.queries import may_use, pipelines
from leadhub.plugin_settings.forms import people
from leadhub.plugins.api.forms import LeadFieldField, PersonField, PipelineField
from leadhub.web import label

MARK = "_set"  # beside boxes: without any tick in it, an address would say nothing of them
FIELDS_MAX, VALUES_MAX, LENGTH_MAX = 50, 50, 500
Words = Mapping[str, Sequence[str]]
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """(value, label) pairs of what only the hub can fill in, for whoever looks; empty for what is not asked for."""

    people: Pairs
    fields: Pairs
    pipelines: Pairs


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


def offered_for(plain: type[PlainForm] | None, user: User) -> Offered:
    """What its fields offer: to be read before the plugin is called."""
    kinds = {getattr(getattr(plain, name, None), "field_class", None) for name in dir(plain)} if plain else set()
    return Offered(
        people=[("", "—"), *people()] if PersonField in kinds else [],
        fields=_fields(user) if LeadFieldField in kinds else [],
        pipelines=[(row.key, label(row)) for row in _pipelines(user)] if PipelineField in kinds else [],
    )


def filled_in(plain: type[PlainForm], key: str, words: Words, offered: Offered) -> OptionsForm:
    """To be called inside of the contained call: fields and what checks them are the plugin's."""
    form = form_for(plain)(formdata=MultiDict(words) if words else None, prefix=f"{key}.")
    for field in form:
        if isinstance(field, PersonField):
            field.choices = choices(offered.people)
        elif isinstance(field, LeadFieldField | PipelineField):
            pairs = offered.fields if isinstance(field, LeadFieldField) else offered.pipelines
            field.choices = choices(pairs)
            if not field.raw_data and field.data not in dict(pairs):  # nobody has chosen it
                field.data = pairs[0][0] if pairs else ""
    return form


def drawn(form: OptionsForm) -> Markup:
    """The inputs.  Inside of the contained call too."""
    return Markup(render_template("dashboard/_inputs.html", form=form, mark=MARK))


def switched(key: str, switch: str, told: Words, *, on: bool) -> dict[str, Sequence[str]]:
    """The same words with the one option that is on or off turned."""
    name = f"{key}.{switch}"
    kept = {other: values for other, values in told.items() if other != name} | {f"{key}.{MARK}": ["1"]}
    return kept | ({name: ["y"]} if on else {})


def path_of(address: str) -> str:
    """Empty for what is no address."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def words_beside(current: str, key: str) -> dict[str, list[str]]:
    """What the address that a browser shows says of the other cards; nothing where it says too much."""
    try:
        told = parse_qs(urlsplit(current).query, max_num_fields=1000)
    except ValueError:
        return {}
    return {name: values for name, values in told.items() if name.rpartition(".")[0] not in ("", key)}


def _fields(user: User) -> Pairs:
    """What leads can be counted by, by name; by people for managers alone."""
    found = [field for field in listed_fields(user).values() if has_slices(field)]
    told = [(field.name, str(field.label)) for field in found if field.type != PERSON or user.may(MANAGE_LEADS)]
    return sorted(told, key=lambda pair: fold(pair[1]))


def _pipelines(user: User) -> list[Pipeline]:
    """Those that are retired last, where leads are left in them."""
    retired = [row for row in pipelines() if row.retired and may_use(user, row)]
    held = sa.select(Stage.pipeline_id).where(sa.exists().where(Lead.stage_id == Stage.id, Lead.deleted_at.is_(None)))
    ids = set(db.session.scalars(held.where(Stage.pipeline_id.in_([row.id for row in retired])))) if retired else ()
    return [*pipelines_for(user), *(row for row in retired if row.id in ids)]
