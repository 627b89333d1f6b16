"""Leads counted by a field, and by people."""

from collections.abc import Sequence

from flask_babel import format_percent
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice

from leadhub.plugins.api import ChartData, LeadFieldField, Period, Reader, Slice
from leadhub.plugins.api.widgets import Options

SHOWN_MAX = 40


class FieldForm(Form):
    field = LeadFieldField(_l("Field"))
    shape = SelectField(
        _l("Shown as"), choices=[SelectChoice("bar", _l("Bars")), SelectChoice("pie", _l("Pie"))], default="bar"
    )


def leads_by_field(reader: Reader, period: Period, options: Options) -> ChartData:
    return _chart(reader, period, options["field"], options["shape"], is_chosen=True)


def leads_by_owner(reader: Reader, period: Period, options: Options) -> ChartData:
    return _chart(reader, period, "owner")


def leads_by_creator(reader: Reader, period: Period, options: Options) -> ChartData:
    return _chart(reader, period, "created_by")


def _chart(reader: Reader, period: Period, field: str, shape: str = "bar", *, is_chosen: bool = False) -> ChartData:
    found = reader.leads_by(field, period=period) if field else []
    without = [part for part in found if (part.where or {}).get(field) == "none"]
    named = [part for part in found if part not in without]
    shown, rest = named[:SHOWN_MAX], named[SHOWN_MAX:]
    words = [_("By the field “%(field)s”.", field=reader.label(field))] if found and is_chosen else []
    words.append(_largest(shown, sum(part.value for part in found)))
    if rest:
        words.append(_("The %(number)s largest stand by themselves.", number=SHOWN_MAX))
    kind: str = "pie" if shape == "pie" else "bar"
    slices = [*shown, *_together(rest), *without]
    return ChartData(kind=kind, slices=slices, sentence=" ".join(filter(None, words)))  # type: ignore[arg-type]


def _together(rest: Sequence[Slice]) -> list[Slice]:
    """No words of the list ask for just these."""
    if not rest:
        return []
    before = None if rest[0].before is None else sum(part.before or 0 for part in rest)
    return [Slice(label=_("All others"), value=sum(part.value for part in rest), before=before)]


def _largest(shown: Sequence[Slice], total: int) -> str:
    most = max(shown, key=lambda part: part.value, default=None)
    if most is None or not total:
        return ""
    return _("%(share)s of the leads: %(name)s.", share=format_percent(most.value / total), name=most.label)
