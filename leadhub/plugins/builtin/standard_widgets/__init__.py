"""Cards of the statistics page: where leads come from, when they come in, and what is to be done."""

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from leadhub.plugins.api import (
    ChartData,
    NumberData,
    Period,
    Reader,
    Row,
    Slice,
    TableData,
    TemplateData,
    TextData,
    Widget,
    hookimpl,
)
from leadhub.plugins.api.widgets import Options

PURPOSE = {
    "en": "Cards of the statistics page: where leads come from, when they come in, and what is to be done.",
    "fr": "Les cartes de la page Statistiques : d’où viennent les pistes, quand elles arrivent, ce qui reste à faire.",
}
DAYS_MAX = 366
TENTH = Decimal("0.1")
FOLLOW_UP = (("late", "past"), ("today", "today"), ("planned", "future"), ("none", "none"))


class StepForm(Form):
    step = SelectField(
        _l("A bar for each"),
        choices=[SelectChoice("day", _l("day")), SelectChoice("week", _l("week")), SelectChoice("month", _l("month"))],
        default="month",
    )


class DaysForm(Form):
    days = IntegerField(_l("In the last days"), [InputRequired(), NumberRange(1, DAYS_MAX)], default=30)


def leads_by_source(reader: Reader, period: Period, options: Options) -> ChartData:
    slices = reader.leads_by("source", period=period)
    return ChartData(kind="doughnut", slices=slices, sentence=_largest(slices))


def leads_over_time(reader: Reader, period: Period, options: Options) -> ChartData:
    slices = reader.leads_over_time(options["step"], period=period)
    return ChartData(kind="line" if len(slices) > 60 else "bar", slices=slices, sentence=_busiest(slices))


def leads_by_status(reader: Reader, period: Period, options: Options) -> TableData:
    slices = reader.leads_by("status", period=period)
    total = sum(part.value for part in slices)
    rows = [
        Row(cells=[part.label, part.value, (Decimal(part.value * 100) / total).quantize(TENTH)], where=part.where)
        for part in slices
    ]
    return TableData(heads=[_("Status"), _("Leads"), _("Share in percent")], rows=rows)


def new_leads(reader: Reader, period: Period, options: Options) -> NumberData:
    where = {"received_at": f"last-{options['days']}-days"}
    count, days = reader.count(where, period), options["days"]
    words = ngettext("new lead in the last %(days)s days", "new leads in the last %(days)s days", count, days=days)
    return NumberData(value=count, label=words, where=reader.opens(where, period))


def without_owner(reader: Reader, period: Period, options: Options) -> NumberData:
    where = {"owner": "none"}
    count = reader.count(where, period)
    words = ngettext("lead has no owner", "leads have no owner", count)
    return NumberData(value=count, label=words, where=reader.opens(where, period))


def seven_days(reader: Reader, period: Period, options: Options) -> TextData:
    """The seven days up to today, and those before them."""
    now, both = reader.count({"received_at": "last-7-days"}), reader.count({"received_at": "last-14-days"})
    came = ngettext(
        "**%(count)s** lead came in within seven days.", "**%(count)s** leads came in within seven days.", now,
        count=format_decimal(now),
    )  # fmt: skip
    before = ngettext(
        "In the seven days before it was **%(count)s**.", "In the seven days before there were **%(count)s**.",
        both - now, count=format_decimal(both - now),
    )  # fmt: skip
    return TextData(text=f"{came} {before}")


def follow_up(reader: Reader, period: Period, options: Options) -> TemplateData:
    found = [(name, {"next_contact_at": word}) for name, word in FOLLOW_UP]
    counts = [(name, reader.count(where, period), reader.opens(where, period)) for name, where in found]
    return TemplateData(template="follow_up.html", values={"counts": counts})


def _largest(slices: Sequence[Slice]) -> str:
    total = sum(part.value for part in slices)
    if not total or (slices[0].where or {}).get("source") == "none":
        return ""
    share = format_percent(slices[0].value / total)
    return _("%(share)s of the leads: %(name)s.", share=share, name=slices[0].label)


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
            form=DaysForm,
        ),
        Widget(
            key="without_owner", title={"en": "Without owner", "fr": "Sans responsable"}, load=without_owner,
            size="small",
        ),
        Widget(
            key="seven_days", title={"en": "Last seven days", "fr": "Sept derniers jours"}, load=seven_days,
            size="small",
        ),
        Widget(key="leads_by_source", title={"en": "Leads by source", "fr": "Pistes par source"}, load=leads_by_source),
        Widget(
            key="leads_over_time", title={"en": "Leads over time", "fr": "Pistes au fil du temps"},
            load=leads_over_time, size="large", form=StepForm,
        ),
        Widget(key="leads_by_status", title={"en": "Leads by status", "fr": "Pistes par statut"}, load=leads_by_status),
        Widget(key="follow_up", title={"en": "Next contacts", "fr": "Prochains contacts"}, load=follow_up),
    ]  # fmt: skip
