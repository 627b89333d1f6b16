"""How long leads wait until a person calls, meets or notes something."""

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from leadhub.plugins.api import ChartData, Period, Reader, Slice
from leadhub.plugins.api.widgets import Options
from leadhub.plugins.builtin.more_widgets.words import duration

DAY = 86_400


def first_response(reader: Reader, period: Period, options: Options) -> ChartData:
    """No words of the list ask for times like these, so no bar leads there."""
    told = reader.responses(period=period)
    labels = {3600: _("Within an hour"), DAY: _("Within a day"), 7 * DAY: _("Within a week")}
    slices = [Slice(label=labels.get(step) or duration(step), value=leads) for step, leads in told.within]
    slices += [Slice(label=_("Later"), value=told.later), Slice(label=_("Not yet"), value=told.waiting)]
    words = []
    if told.median is not None:
        words.append(_("Half of those with an answer had it within %(time)s.", time=duration(told.median)))
    if told.waiting:
        count = format_decimal(told.waiting)
        words.append(ngettext("%(count)s lead waits.", "%(count)s leads wait.", told.waiting, count=count))
    return ChartData(kind="bar", slices=slices, sentence=" ".join(words))
