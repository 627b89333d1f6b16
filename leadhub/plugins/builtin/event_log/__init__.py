"""Writes what happens to leads into the log of the server, a line for each."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form

from leadhub.plugins.api import (
    Context,
    LeadChanged,
    LeadCreated,
    LeadDeleted,
    LeadSnapshot,
    LeadStatusChanged,
    StatusReplaced,
    hookimpl,
)

PURPOSE = {
    "en": "Writes what happens to leads into the server’s log, a line for each: for whoever collects logs.",
    "fr": "Écrit dans le journal du serveur ce qui arrive aux pistes, une ligne à chaque fois : pour qui collecte les "
    "journaux.",
}
STARTS_OFF = True


class SETTINGS(Form):  # noqa: N801  # the name that the hub looks for
    names = BooleanField(_l("With the names of the leads"), default=False)


def words_of(lead: LeadSnapshot, context: Context) -> dict[str, object]:
    """No names unless somebody wants them: logs are kept and copied."""
    return {"lead": lead.id, **({"title": lead.title} if context.settings.get("names") else {})}


@hookimpl
def lead_created(news: LeadCreated, context: Context) -> None:
    context.log.info("lead created", **words_of(news.lead, context), channel=news.channel)


@hookimpl
def lead_changed(news: LeadChanged, context: Context) -> None:
    fields = ",".join(change.field for change in news.changes)
    context.log.info("lead changed", **words_of(news.lead, context), fields=fields, channel=news.channel)


@hookimpl
def lead_status_changed(news: LeadStatusChanged, context: Context) -> None:
    words = words_of(news.lead, context)
    context.log.info("lead has another status", **words, old=news.old, new=news.new, cause=news.cause)


@hookimpl
def lead_deleted(news: LeadDeleted, context: Context) -> None:
    context.log.info("lead deleted", lead=news.lead_id, for_good=news.for_good)


@hookimpl
def status_replaced(news: StatusReplaced, context: Context) -> None:
    event = "status is there again" if news.is_undo else "status replaced"
    context.log.info(event, old=news.old, new=news.new, leads=news.leads)
