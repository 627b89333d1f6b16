"""How leads go through the stages of a pipeline, how long that takes, and which stand still."""

from collections.abc import Sequence

from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form

from leadhub.plugins.api import Period, PipelineField, Reached, Reader, Row, TableData
from leadhub.plugins.api.data import Cell
from leadhub.plugins.api.widgets import Options
from leadhub.plugins.builtin.more_widgets.words import duration, percent

STAGNATING_MAX = 20


class PipelineForm(Form):
    pipeline = PipelineField(_l("Pipeline"))


def _pipeline(reader: Reader, options: Options) -> str:
    """The chosen one, where the page is not narrowed to another."""
    groups = list(dict.fromkeys(stage.group for stage in reader.choices("stage")))
    chosen = str(options["pipeline"])
    return chosen if chosen in groups else next(iter(groups), chosen)


def funnel(reader: Reader, period: Period, options: Options) -> TableData:
    """The list can't ask where leads once were, so no row leads there."""
    every, *parts = reader.reached(_pipeline(reader, options), period=period) or [Reached()]
    rows, before = [Row(cells=[_("All in the pipeline"), every.leads, None, None])], every.leads
    for part in parts:
        if part.kind != "lost":
            cells: list[Cell] = [part.label, part.leads, percent(part.leads, before), percent(part.leads, every.leads)]
            rows.append(Row(cells=cells))
            before = part.leads
    heads = [_("Stage"), _("Leads"), _("Percent of the stage before"), _("Percent of all")]
    return TableData(heads=heads, rows=rows if every.leads else [], sentence=_outcome(every.leads, parts))


def stage_conversion(reader: Reader, period: Period, options: Options) -> TableData:
    found = reader.exits(_pipeline(reader, options), period=period)
    rows = [
        Row(cells=[it.label, it.leads, it.onward, percent(it.onward, it.leads), it.back, it.lost, it.away, it.still])
        for it in found
    ]
    heads = [
        _("Stage"), _("Leads"), _("Went on"), _("Went on, in percent"), _("Went back"), _("Were lost"),
        _("Left the pipeline"), _("Still there"),
    ]  # fmt: skip
    most, words = max(found, key=lambda it: it.lost, default=None), ""
    if most and most.lost:
        lost = format_decimal(most.lost)
        words = _("Most leads are lost from “%(stage)s”: %(count)s.", stage=most.label, count=lost)
    return TableData(heads=heads, rows=rows if any(it.leads for it in found) else [], sentence=words)


def time_in_stage(reader: Reader, period: Period, options: Options) -> TableData:
    found = reader.visits(_pipeline(reader, options), period=period)
    rows = [
        Row(cells=[it.label, None if it.median is None else duration(it.median), it.ended, it.still], where=it.where)
        for it in found
    ]
    words = []
    known = [(it.median, it.label) for it in found if it.median is not None and it.kind == "open"]
    if known:
        median, label = max(known)
        words.append(_("Leads stay longest in “%(stage)s”: %(time)s.", stage=label, time=duration(median)))
    if not all(it.is_exact for it in found):
        words.append(_("Each median is exact to within five percent."))
    heads = [_("Stage"), _("Median"), _("Visits that ended"), _("Still there")]
    is_any = any(it.ended or it.still for it in found)
    return TableData(heads=heads, rows=rows if is_any else [], sentence=" ".join(words) if is_any else "")


def stagnating(reader: Reader, period: Period, options: Options) -> TableData:
    where = {"stagnating": "yes"}
    count, found = reader.count(where), reader.stagnating(limit=STAGNATING_MAX)
    rows = [Row(cells=[it.lead.title, it.stage, it.owner or None, it.days], lead=it.lead.id) for it in found]
    if not rows:
        return TableData(heads=[_("Lead")], rows=[])
    every = Row(cells=[_("All that stagnate"), None, None, None], where=reader.opens(where))
    told = ngettext(
        "%(count)s lead stagnates.", "%(count)s leads stagnate: the longest come first.", count,
        count=format_decimal(count),
    )  # fmt: skip
    heads = [_("Lead"), _("Stage"), _("Owner"), _("Days without a touch")]
    return TableData(heads=heads, rows=[every, *rows], sentence=told)


def _outcome(leads: int, parts: Sequence[Reached]) -> str:
    if not leads:
        return ""
    won, lost = (sum(part.leads for part in parts if part.kind == kind) for kind in ("won", "lost"))
    told = {"count": format_decimal(leads), "won": format_decimal(won), "lost": format_decimal(lost)}
    return str(ngettext(
        "Of %(count)s lead: %(won)s won (%(share)s), %(lost)s lost at some time.",
        "Of %(count)s leads: %(won)s won (%(share)s), %(lost)s lost at some time.",
        leads, share=format_percent(won / leads), **told,
    ))  # fmt: skip
