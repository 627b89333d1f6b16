"""What is missing in the leads: today's figures with the leads behind them, and how they have changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import format_date, format_decimal
from flask_babel import gettext as _

from leadhub.plugins.api import Asked, ChartData, Command, Context, Job, Page, Row, Slice, TableData, TextData, hookimpl

PURPOSE = {
    "en": "A page that counts what is missing in the leads, with the leads behind each figure.",
    "fr": "Une page qui compte ce qui manque dans les pistes, avec les pistes derrière chaque chiffre.",
}
STARTS_OFF = True
DAYS = 30  # that the chart looks back
OLD = timedelta(days=90)
GAPS: dict[str, Mapping[str, str]] = {
    "source": {"source": "none"},
    "owner": {"owner": "none"},
    "reach": {"email": "none", "phone": "none"},
    "next_contact": {"next_contact_at": "none"},
}


def figures(context: Context) -> dict[str, int]:
    """What the reader sees; a figure that asks for a field that is not for him is left out."""
    found = {}
    for name, where in {**GAPS, "old": older(context)}.items():
        try:
            found[name] = context.reader.count(where)
        except ValueError:
            continue
    return found


def older(context: Context) -> dict[str, str]:
    return {"received_at.to": (context.now().date() - OLD).isoformat()}


def show(asked: Asked, context: Context) -> Sequence[Any]:
    words = {
        "source": _("No source"),
        "owner": _("No owner"),
        "reach": _("Neither an e-mail nor a phone"),
        "next_contact": _("No next contact"),
        "old": _("Received more than %(days)d days ago", days=OLD.days),
    }
    wheres = {**GAPS, "old": older(context)}
    rows = [Row(cells=[words[name], count], where=wheres[name]) for name, count in figures(context).items()]
    return [TableData(heads=[_("What is missing"), _("Leads")], rows=rows), history(context)]


def history(context: Context) -> ChartData | TextData:
    """Of all leads of the hub, as they were counted once a day."""
    kept = context.store.all()
    if len(kept) < 2:
        return TextData(text=_("From tomorrow on, a chart shows here how this changes. It is counted once a day."))
    slices = [Slice(label=day_words(day), value=gaps_in(told)) for day, told in sorted(kept.items())[-DAYS:]]
    first, last = format_decimal(slices[0].value), format_decimal(slices[-1].value)
    told = _("Gaps of all leads together: %(last)s, and %(first)s on the first of these days.", last=last, first=first)
    return ChartData(kind="line", slices=slices, sentence=told)


def gaps_in(told: Mapping[str, int]) -> int:
    return sum(told.get(name, 0) for name in GAPS)


def day_words(day: str) -> str:
    return str(format_date(date.fromisoformat(day), "d MMM"))


def count(context: Context) -> None:
    """Once a day; what is older than the chart goes."""
    today = context.now().date()
    context.store.set(today.isoformat(), figures(context))
    for day in context.store.all():
        if day <= (today - timedelta(days=DAYS)).isoformat():
            context.store.delete(day)


def tell(words: Sequence[str], context: Context) -> Iterator[str]:
    for name, number in figures(context).items():
        yield f"{name:14}{number:>9}"


@hookimpl
def register_pages() -> list[Page]:
    return [Page(key="index", title={"en": "Data quality", "fr": "Qualité des données"}, show=show, role="admin")]


@hookimpl
def register_jobs() -> list[Job]:
    name = {"en": "Count what is missing in the leads", "fr": "Compter ce qui manque dans les pistes"}
    return [Job(key="count", name=name, run=count, every=timedelta(days=1), offset=timedelta(hours=4))]


@hookimpl
def register_commands() -> list[Command]:
    return [Command(key="figures", help="How many leads have no source, no owner and so on, today.", run=tell)]
