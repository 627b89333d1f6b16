"""Cards of the statistics page: what comes in, from where, how it stands, and what is to be done."""

from collections.abc import Sequence
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
    Reader,
    Row,
    Slice,
    TableData,
    TemplateData,
    Widget,
    hookimpl,
)
from leadhub.plugins.api.statuses import IN_PROGRESS, LOST, OPEN, WON
from leadhub.plugins.api.widgets import Options

PURPOSE = {
    "en": "Cards of the statistics page: what comes in, from where, how it stands, and what is to be done.",
    "fr": "Les cartes de la page Statistiques : ce qui arrive, d’où, où cela en est, et ce qui reste à faire.",
}
TENTH = Decimal("0.1")
MANY_SLICES = 60  # more are a line
FOLLOW_UP = (("late", "past"), ("today", "today"), ("planned", "future"), ("none", "none"))


class StepForm(Form):
    step = SelectField(
        _l("A bar for each"),
        choices=[SelectChoice("day", _l("day")), SelectChoice("week", _l("week")), SelectChoice("month", _l("month"))],
        default="month",
    )


class StageForm(Form):
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
    words = lambda count: ngettext("lead has no owner", "leads have no owner", count)  # noqa: E731
    return _figure(reader, period, {"owner": "none"}, words)


def leads_by_source(reader: Reader, period: Period, options: Options) -> ChartData:
    slices = reader.leads_by("source", period=period)
    return ChartData(kind="pie", slices=slices, sentence=_largest(slices, _("have no source")))


def leads_by_type(reader: Reader, period: Period, options: Options) -> ChartData:
    slices = reader.leads_by("type", period=period)
    return ChartData(kind="pie", slices=slices, sentence=_largest(slices, _("have no type")))


def leads_by_stage(reader: Reader, period: Period, options: Options) -> ChartData:
    """Of the first pipeline that the reader may use; those that are in none beside."""
    stages = reader.choices("stage")
    stages = [stage for stage in stages if stage.group == stages[0].group]
    where = {"stage": [*(stage.key for stage in stages), "none"]}
    slices = reader.leads_by("stage", where, None if options["everything"] else period)
    words = _("All leads, at today’s stage.") if options["everything"] else _("Leads received then, at today’s stage.")
    return ChartData(kind="doughnut", slices=_in_order(slices, stages), sentence=words)


def leads_over_time(reader: Reader, period: Period, options: Options) -> ChartData:
    slices = reader.leads_over_time(options["step"], period=period)
    return ChartData(kind="line" if len(slices) > MANY_SLICES else "bar", slices=slices, sentence=_busiest(slices))


def leads_by_status(reader: Reader, period: Period, options: Options) -> TableData:
    slices = reader.leads_by("status", period=period)
    total = sum(part.value for part in slices)
    rows = [
        Row(cells=[part.label, part.value, (Decimal(part.value * 100) / total).quantize(TENTH)], where=part.where)
        for part in slices
        if part.value
    ]
    return TableData(heads=[_("Status"), _("Leads"), _("Share in percent")], rows=rows)


def follow_up(reader: Reader, period: Period, options: Options) -> TemplateData:
    found = [(name, {"next_contact_at": word}) for name, word in FOLLOW_UP]
    counts = [(name, reader.count(where, period), reader.opens(where, period)) for name, where in found]
    return TemplateData(template="follow_up.html", values={"counts": counts})


def _figure(reader: Reader, period: Period, where, words) -> NumberData:  # type: ignore[no-untyped-def]
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


def _largest(slices: Sequence[Slice], without: str) -> str:
    """What brings most, and how that has changed."""
    top = max(slices, key=lambda part: part.value, default=None)
    if top is None or not top.value:
        return ""
    share = _percent(top.value, [part.value for part in slices])
    if "none" in (top.where or {}).values():
        return _("%(share)s of the leads %(without)s.", share=format_percent(share), without=without)
    told = _("%(name)s brings %(share)s of the leads", name=top.label, share=format_percent(share))
    counts = [part.before or 0 for part in slices]
    if top.before is None or not sum(counts):
        return f"{told}."
    points = round(share * 100) - round(_percent(top.before, counts) * 100)
    if not points:
        return _("%(told)s, as many as before.", told=told)
    more = ngettext("%(num)d point more", "%(num)d points more", points)
    less = ngettext("%(num)d point less", "%(num)d points less", -points)
    return _("%(told)s, %(change)s than before.", told=told, change=more if points > 0 else less)


def _percent(part: int, parts: Sequence[int]) -> Decimal:
    return Decimal(part) / sum(parts)


def _in_order(slices: Sequence[Slice], stages: Sequence[Choice]) -> list[Slice]:
    order = {stage.key: place for place, stage in enumerate(stages)}
    return sorted(slices, key=lambda part: order.get(str((part.where or {}).get("stage")), len(order)))


def _busiest(slices: Sequence[Slice]) -> str:
    most = max(slices, key=lambda part: part.value, default=None)
    if most is None:
        return ""
    return _("%(when)s brought the most leads: %(count)s.", when=most.label, count=format_decimal(most.value))


ABOUT = {
    "new": {
        "en": "Leads that were received in the period. Fewer than before: look below at which source they are missing.",
        "fr": "Pistes reçues sur la période. Moins qu’avant : regardez plus bas dans quelle source elles manquent.",
    },
    "open": {
        "en": "Of these leads, those that are not won or lost yet. Open them and plan a next contact for each.",
        "fr": "Parmi ces pistes, celles qui ne sont encore ni gagnées ni perdues. Ouvrez-les et planifiez un prochain contact.",
    },
    "won": {
        "en": "Of these leads, those whose status is of the kind “won” today. See which sources they came from, and invest there.",
        "fr": "Parmi ces pistes, celles dont le statut est aujourd’hui de type « Gagné ». Voyez de quelles sources elles viennent.",
    },
    "lost": {
        "en": "Of these leads, those whose status is of the kind “lost” today. Open them and look at the reasons.",
        "fr": "Parmi ces pistes, celles dont le statut est aujourd’hui de type « Perdu ». Ouvrez-les et regardez les motifs.",
    },
    "owner": {
        "en": "Leads that nobody looks after. Open them and take them, or give them to somebody.",
        "fr": "Pistes dont personne ne s’occupe. Ouvrez-les pour les prendre en charge ou les attribuer.",
    },
    "source": {
        "en": "Where the leads came from that were received in the period. A large slice without a source hides the rest: give these leads a source first.",
        "fr": "D’où viennent les pistes reçues sur la période. Une grande part sans source cache le reste : donnez d’abord une source à ces pistes.",
    },
    "type": {
        "en": "Whether the leads are prospects, existing customers, partners. Existing customers belong to those who know them.",
        "fr": "Si les pistes sont des prospects, des clients existants, des partenaires. Les clients existants vont à qui les connaît.",
    },
    "stage": {
        "en": "Leads received in the period, counted at the stage where they are today. Where many stand, something holds them up.",
        "fr": "Pistes reçues sur la période, comptées à leur étape actuelle. Là où beaucoup attendent, quelque chose les retient.",
    },
    "time": {
        "en": "When the leads came in. A hole may be a form that does not work.",
        "fr": "Quand les pistes sont arrivées. Un creux peut être un formulaire qui ne marche plus.",
    },
    "status": {
        "en": "Leads received in the period, by the status that they have today.",
        "fr": "Pistes reçues sur la période, selon leur statut actuel.",
    },
    "follow_up": {
        "en": "Next contacts of the leads received in the period. Begin with those that are late.",
        "fr": "Prochains contacts des pistes reçues sur la période. Commencez par ceux qui sont en retard.",
    },
}  # fmt: skip


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
