"""Reads the queue of leads without a source, a page at a time, with what suggests one for each.  Nothing here writes.

What others have is counted over a few of them, so that a page costs the same however many leads there are; and only
over those that the reader sees, out of fields that they see.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.accounts.visibility import visible
from leadhub.extensions import db
from leadhub.fields.catalogue import OTHER
from leadhub.fields.queries import hidden_fields, shown_fields
from leadhub.leads.listing import pages
from leadhub.leads.listing.filters import NONE
from leadhub.leads.listing.pages import Place
from leadhub.leads.listing.patterns import escaped, has_word_table, ids_with, like
from leadhub.leads.listing.state import ListState, state_from
from leadhub.leads.listing.totals import total_of
from leadhub.leads.models import Lead
from leadhub.leads.origins import suggestions
from leadhub.leads.origins.freemail import company_of
from leadhub.leads.origins.suggestions import Offered, Suggestion, Tally
from leadhub.leads.origins.traces import traces_of
from leadhub.leads.words import door
from leadhub.lists.models import Source
from leadhub.lists.queries import rows_of
from leadhub.web import label

SAMPLE = 200  # others of one campaign, organisation or domain that are counted
SOURCE = "source"
Suggested = dict[int, Suggestion]  # id of a lead -> its suggestion


@dataclass(frozen=True, slots=True)
class Group:
    """Leads of a page with the same suggestion, more than one."""

    suggestion: Suggestion
    leads: Sequence[Lead]


@dataclass(frozen=True, slots=True)
class Queue:
    """One page.  ``total`` is that of all pages, exactly; ``sources`` are those that can be chosen."""

    leads: Sequence[Lead]
    suggested: Suggested
    total: int
    older: Place | None
    sources: Sequence[Source]

    @property
    def groups(self) -> list[Group]:
        """The largest first."""
        found: dict[tuple[int, str], list[Lead]] = {}
        for lead in self.leads:
            if it := self.suggested.get(lead.id):
                found.setdefault((it.source.id, it.reason), []).append(lead)
        together = [Group(self.suggested[leads[0].id], leads) for leads in found.values() if len(leads) > 1]
        return sorted(together, key=lambda group: -len(group.leads))


def state_for(user: User) -> ListState:
    """The list of these leads, newest first.  Raises ``FilterRefused`` for whoever may not see sources."""
    campaign = shown_fields(user).get("campaign")
    return replace(state_from({SOURCE: [NONE]}, user), columns=(campaign,) if campaign else ())


def place_from(text: str, user: User) -> Place | None:
    """None for what names no place."""
    return Place.read(text, state_for(user).sort)


def queue_of(user: User, behind: Place | None) -> Queue:
    state, offered = state_for(user), Offered(rows_of(Source))
    page = pages.page_of(user, state, after=behind)
    found = suggested_for(page.leads, user, offered)
    return Queue(page.leads, found, total_of(user, state), page.after, offered.rows)


def suggested_for(leads: Sequence[Lead], user: User, offered: Offered) -> Suggested:
    """For each lead what fits first; one query at most for each way of knowing."""
    fields, found = shown_fields(user), Suggested()
    for name, way in WAYS.items():
        if name in fields or not name or (name == OTHER and OTHER not in hidden_fields(user)):
            left = [lead for lead in leads if lead.id not in found]
            found |= {lead_id: it for lead_id, it in way(left, user, offered) if it}
    return found


def _by_traces(leads: Sequence[Lead], user: User, offered: Offered) -> Iterable[Any]:
    return [(lead.id, suggestions.by_traces(traces_of(lead.other_data), offered)) for lead in leads]


def _by_channel(leads: Sequence[Lead], user: User, offered: Offered) -> Iterable[Any]:
    return [(it.id, suggestions.by_channel(it.channel, door(it.channel), offered)) for it in leads if it.channel]


def _by_campaign(leads: Sequence[Lead], user: User, offered: Offered) -> Iterable[Any]:
    labels = {it.campaign_id: label(it.campaign) for it in leads if it.campaign}
    tallies = _tallies(user, [_few(key, Lead.campaign_id == key) for key in labels])
    known = [(it.id, it.campaign_id) for it in leads if it.campaign_id in tallies]
    return [(lead_id, suggestions.by_campaign(labels[key], tallies[key], offered)) for lead_id, key in known]


def _by_organisation(leads: Sequence[Lead], user: User, offered: Offered) -> Iterable[Any]:
    keys = dict.fromkeys(lead.organisation_key for lead in leads if lead.organisation_key)
    same = [_few(key, Lead.organisation_key == key, Lead.deleted_at.is_(None)) for key in keys]
    tallies = _tallies(user, same)
    known = [(it, tallies[it.organisation_key]) for it in leads if it.organisation_key in tallies]
    return [(it.id, suggestions.by_organisation(it.organisation, tally, offered)) for it, tally in known]


def _by_domain(leads: Sequence[Lead], user: User, offered: Offered) -> Iterable[Any]:
    domains = {lead.id: domain for lead in leads if (domain := company_of(lead.email_key))}
    tallies = _tallies(user, [_few(domain, *_at(domain)) for domain in dict.fromkeys(domains.values())])
    known = [(lead_id, domain) for lead_id, domain in domains.items() if domain in tallies]
    return [(lead_id, suggestions.by_domain(domain, tallies[domain], offered)) for lead_id, domain in known]


WAYS: Mapping[str, Callable[[Sequence[Lead], User, Offered], Iterable[Any]]] = {
    OTHER: _by_traces,
    "": _by_channel,
    "campaign": _by_campaign,
    "organisation": _by_organisation,
    "email": _by_domain,
}
"""What has to be seen for it (a field, other data, nothing) -> (id, suggestion or None) of leads, the surest first."""


def _at(domain: str) -> list[sa.ColumnElement[bool]]:
    """Leads with an e-mail there, by the index of words: it is asked for what comes before ``fr`` or ``com``, which
    stand in every second lead."""
    begins, ends = f"@{domain.rpartition('.')[0]}.", like(Lead.email_key, f"%@{escaped(domain)}")
    if has_word_table():
        return [Lead.id.in_(ids_with([begins]).limit(SAMPLE)), ends]
    return [like(Lead.search_key, f"%{escaped(begins)}%"), Lead.deleted_at.is_(None), ends]


def _few(key: Any, *same: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """(key, id) of some leads that have something in common, whoever sees them."""
    return sa.select(sa.literal(key).label("key"), Lead.id.label("id")).where(*same).limit(SAMPLE)


def _tallies(user: User, samples: Sequence[sa.Select[Any]]) -> dict[Any, Tally]:
    """Key -> how many of its leads that the user sees have which source; none where none has one."""
    if not samples:
        return {}
    pairs = sa.union_all(*(sa.select(each.subquery()) for each in samples)).subquery()
    seen = visible(user, Lead).join(pairs, pairs.c.id == Lead.id).where(Lead.source_id.is_not(None))
    counted = seen.with_only_columns(pairs.c.key, Lead.source_id, sa.func.count()).group_by(pairs.c.key, Lead.source_id)
    found: dict[Any, dict[int, int]] = {}
    for key, source_id, count in db.session.execute(counted):
        found.setdefault(key, {})[source_id] = count
    return dict(found)
