"""Cards of the statistics page: what comes in, from where, how it stands, and what is to be done."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, SelectField
from wtforms.fields.choices import SelectChoice

from leadhub.plugins.api import (
    ChartData,
    Choice,
    NumberData,
    Period,
    PipelineField,
    Reader,
    Slice,
    TemplateData,
    Widget,
    hookimpl,
    whole_percents,
)
from leadhub.plugins.api.reading import Where
from leadhub.plugins.api.statuses import IN_PROGRESS, LOST, OPEN, WON
from leadhub.plugins.api.widgets import Options
from leadhub.plugins.builtin.standard_widgets.about import ABOUT

PURPOSE = {
    "en": "Cards of the statistics page: what comes in, from where, how it stands, and what is to be done.",
    "fr": "Les cartes de la page Statistiques : ce qui arrive, d’où, où cela en est, et ce qui reste à faire.",
}
MANY_SLICES = 60  # more are a line
FOLLOW_UP = (("late", "past"), ("today", "today"), ("planned", "future"), ("none", "none"))


class StepForm(Form):
    step = SelectField(
        _l("A bar for each"),
        choices=[SelectChoice("day", _l("day")), SelectChoice("week", _l("week")), SelectChoice("month", _l("month"))],
        default="month",
    )


class StageForm(Form):
    pipeline = PipelineField(_l("Pipeline"))
    everything = BooleanField(_l("All leads, now"))


def new_leads(reader: Reader, period: Period, options: Options) -> NumberData:
    return _figure(reader, period, {}, lambda count: ngettext("lead received", "leads received", count))


def open_leads(reader: Reader, period: Period, options: Options) -> NumberData:
    return _of_kind(reader, period, OPEN, IN_PROGRESS)


def won_leads(reader: Reader, period: Period, options: Options) -> NumberData:
    return _of_kind(reader, period, WON)


def lost_leads(reader: Reader, period: Period, options: Options) -> NumberData:
    return _of_kind(reader, period, LOST)


def without_owner(reader: Reader, period: Period, options: Options) -> NumberData:
    return _figure(
        reader, period, {"owner": "none"}, lambda count: ngettext("lead has no owner", "leads have no owner", count)
    )


def leads_by_source(reader: Reader, period: Period, options: Options) -> ChartData:
    slices = reader.leads_by("source", period=period)
    return ChartData(kind="pie", slices=slices, sentence=_largest(slices, _named_source))


def leads_by_type(reader: Reader, period: Period, options: Options) -> ChartData:
    slices = reader.leads_by("type", period=period)
    return ChartData(kind="pie", slices=slices, sentence=_largest(slices, _named_type))


def leads_by_stage(reader: Reader, period: Period, options: Options) -> ChartData:
    """Of one pipeline: the chosen one, where the page is not narrowed to another; those that are in none beside."""
    stages = reader.choices("stage")
    groups = list(dict.fromkeys(stage.group for stage in stages))
    group = options["pipeline"] if options["pipeline"] in groups else next(iter(groups), "")
    stages = [stage for stage in stages if stage.group == group]
    where = {"stage": [*(stage.key for stage in stages), "none"]}
    slices = reader.leads_by("stage", where, None if options["everything"] else period)
    words = _("All leads, at today’s stage.") if options["everything"] else _("Leads received then, at today’s stage.")
    return ChartData(kind="doughnut", slices=_in_order(slices, stages), sentence=words)


def leads_over_time(reader: Reader, period: Period, options: Options) -> ChartData:
    slices = reader.leads_over_time(options["step"], period=period)
    return ChartData(kind="line" if len(slices) > MANY_SLICES else "bar", slices=slices, sentence=_busiest(slices))


def leads_by_status(reader: Reader, period: Period, options: Options) -> ChartData:
    return ChartData(kind="bar", slices=reader.leads_by("status", period=period))


def follow_up(reader: Reader, period: Period, options: Options) -> TemplateData:
    found = [(name, {"next_contact_at": word}) for name, word in FOLLOW_UP]
    counts = [(name, reader.count(where, period), reader.opens(where, period)) for name, where in found]
    return TemplateData(template="follow_up.html", values={"counts": counts})


def _figure(reader: Reader, period: Period, where: Where, words: Callable[[int], str]) -> NumberData:
    count = reader.count(where, period)
    before = reader.count(where, period.before) if period.before else None
    return NumberData(value=count, label=words(count), where=reader.opens(where, period), before=before)


def _of_kind(reader: Reader, period: Period, *kinds: str) -> NumberData:
    """Leads whose status is of one of these kinds now, and their share of all."""
    keys = [status.key for status in reader.choices("status") if status.kind in kinds]
    if not keys:
        return NumberData(value=0, label=_("No status is of this kind."))
    count = reader.count({"status": keys}, period)
    total = count and reader.count(None, period)
    share = format_percent(Decimal(count) / Decimal(total)) if total else ""
    words = _("of the leads received: %(share)s", share=share) if total else _("of the leads received")
    return _figure(reader, period, {"status": keys}, lambda _count: words)


def _named_source(name: str, share: str) -> str:
    if not name:
        return _("%(share)s of the leads have no source", share=share)
    return _("%(name)s brings %(share)s of the leads", name=name, share=share)


def _named_type(name: str, share: str) -> str:
    if not name:
        return _("%(share)s of the leads have no type", share=share)
    return _("%(share)s of the leads: %(name)s", name=name, share=share)


def _largest(slices: Sequence[Slice], named: Callable[[str, str], str]) -> str:
    """What brings most, and how that has changed.  ``named`` gets its name, empty for those without."""
    top = max(slices, key=lambda part: part.value, default=None)
    if top is None or not top.value:
        return ""
    share = _percent_of(top, slices, [part.value for part in slices])
    told = named("" if top.is_without else top.label, format_percent(Decimal(share) / 100))
    counts = [part.before or 0 for part in slices]
    if top.before is None or not sum(counts):
        return f"{told}."
    points = share - _percent_of(top, slices, counts)
    if not points:
        return _("%(told)s, as many as before.", told=told)
    more = ngettext("%(num)d point more", "%(num)d points more", points)
    less = ngettext("%(num)d point less", "%(num)d points less", -points)
    return _("%(told)s, %(change)s than before.", told=told, change=more if points > 0 else less)


def _percent_of(part: Slice, slices: Sequence[Slice], counts: Sequence[int]) -> int:
    """As the table says it."""
    return whole_percents(counts)[list(slices).index(part)]


def _in_order(slices: Sequence[Slice], stages: Sequence[Choice]) -> list[Slice]:
    order = {stage.key: place for place, stage in enumerate(stages)}
    return sorted(slices, key=lambda part: order.get(str((part.where or {}).get("stage")), len(order)))


def _busiest(slices: Sequence[Slice]) -> str:
    most = max(slices, key=lambda part: part.value, default=None)
    if most is None:
        return ""
    return _("%(when)s brought the most leads: %(count)s.", when=most.label, count=format_decimal(most.value))


@hookimpl
def register_widgets() -> list[Widget]:
    return [
        Widget(
            key="new_leads", title={"en": "New leads", "fr": "Nouvelles pistes"}, load=new_leads, size="small",
            about=ABOUT["new"],
        ),
        Widget(
            key="open_leads", title={"en": "Still open", "fr": "Encore ouvertes"}, load=open_leads, size="small",
            about=ABOUT["open"],
        ),
        Widget(key="won_leads", title={"en": "Won", "fr": "Gagnées"}, load=won_leads, size="small", about=ABOUT["won"]),
        Widget(
            key="lost_leads", title={"en": "Lost", "fr": "Perdues"}, load=lost_leads, size="small", about=ABOUT["lost"]
        ),
        Widget(
            key="leads_by_source", title={"en": "Leads by source", "fr": "Pistes par source"}, load=leads_by_source,
            about=ABOUT["source"],
        ),
        Widget(
            key="leads_by_type", title={"en": "Leads by type", "fr": "Pistes par type"}, load=leads_by_type,
            about=ABOUT["type"],
        ),
        Widget(
            key="leads_by_stage", title={"en": "Leads by stage", "fr": "Pistes par étape"}, load=leads_by_stage,
            form=StageForm, switch="everything", about=ABOUT["stage"],
        ),
        Widget(
            key="leads_over_time", title={"en": "Leads over time", "fr": "Pistes au fil du temps"},
            load=leads_over_time, form=StepForm, about=ABOUT["time"],
        ),
        Widget(
            key="without_owner", title={"en": "Without owner", "fr": "Sans responsable"}, load=without_owner,
            size="small", about=ABOUT["owner"],
        ),
        Widget(
            key="leads_by_status", title={"en": "Leads by status", "fr": "Pistes par statut"}, load=leads_by_status,
            about=ABOUT["status"],
        ),
        Widget(
            key="follow_up", title={"en": "Next contacts", "fr": "Prochains contacts"}, load=follow_up,
            about=ABOUT["follow_up"],
        ),
    ]  # fmt: skip
