"""How a change is written into a lead and into its history."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.catalogue import OTHER, Field
from leadhub.fields.queries import catalogue, searched_fields
from leadhub.hub.queries import hub
from leadhub.leads.checks import ADDRESSES_MAX, REACHES_MAX, TAGS_MAX
from leadhub.leads.links import Links
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.search import columns_of, keys_of
from leadhub.leads.stages import history as stages
from leadhub.leads.stages import ranks
from leadhub.leads.statuses import history
from leadhub.leads.values import KINDS, held, hold, reach_key, words
from leadhub.news import services as news
from leadhub.plugins.api.leads import LeadDraft, Reach

OTHER_DATA = "other_data"


def changes_from(draft: LeadDraft, lead: Lead, links: Links) -> dict[str, Any]:
    """Field -> value that the draft brings; what it leaves empty is not there, and of what there may be several the
    lead's own stay beside it."""
    fields, values = catalogue(), links.brought(draft)
    for name, value in values.items():
        if fields[name].type in (*KINDS, kinds.ADDRESSES) or isinstance(value, frozenset):
            values[name] = _joined(draft, fields[name], value, held(lead, fields[name]))
    other = {**lead.other_data, **draft.other, **links.unknown(draft), **_in_another_currency(lead, values)}
    if lead.owner_id and not draft.owner:
        values.pop("owner", None)  # a source's own is for leads that nobody has
    return values | {OTHER_DATA: other}


def _in_another_currency(lead: Lead, values: dict[str, Any]) -> dict[str, str]:
    """A lead has one currency: amounts that come in another one, while it has some in its own, are other data."""
    mine, theirs = lead.currency or hub().currency, values.get("currency")
    amounts = [field for field in catalogue().values() if field.type == kinds.AMOUNT and not field.is_custom]
    if theirs in (None, mine) or not any(held(lead, it) is not None and it.name not in values for it in amounts):
        return {}
    del values["currency"]
    return {str(it.label): f"{values.pop(it.name)} {theirs}" for it in amounts if it.name in values}


def _joined(draft: LeadDraft, field: Field, value: Any, old: Any) -> Any:
    """What came and what was there, as far as a lead has room: a first e-mail takes the first place, an address that
    of its type.  A type that the door does not tell stays."""
    if isinstance(value, frozenset):
        return value if field.is_custom else frozenset([*value, *sorted(old - value)][:TAGS_MAX])
    if field.type == kinds.ADDRESSES:
        types = {address.type for address in value}
        return (*value, *(address for address in old if address.type not in types))[:ADDRESSES_MAX]
    kind = KINDS[field.type]
    told = {_same(kind, reach): reach.type for reach in old}
    came = tuple(reach if reach.type else replace(reach, type=told.get(_same(kind, reach), "")) for reach in value)
    first, others = (came, old[1:]) if getattr(draft, kind) else (old, came)
    known = {_same(kind, reach) for reach in first}
    return (*first, *(reach for reach in others if _same(kind, reach) not in known))[:REACHES_MAX]


def _same(kind: str, reach: Reach) -> str:
    """Equal for what is the same e-mail or phone, however it is written."""
    return reach_key(kind, reach.value) or reach.value


def apply_changes(lead: Lead, values: Mapping[str, Any], *, by: User | None, channel: str) -> dict[str, Any] | None:
    """Write what differs (field -> held value).  Returns the line that ``remember`` puts into the history; None when
    nothing differs."""
    now, old, since = utcnow(), lead.status_id, lead.status_since
    stage_id, stage_since = lead.stage_id, lead.stage_since
    line: dict[str, Any] = {
        "lead_id": lead.id,
        "at": now,
        "by_id": by.id if by else None,
        "kind": "changed",
        "channel": channel,
        "version": lead.version + 1,  # what the flush makes of it
    }
    with db.session.no_autoflush:  # one UPDATE, and one step of the version
        line["changes"] = _write(lead, values)
        if not line["changes"]:
            return None
        write_keys(lead)
        flag_modified(lead, "search_key")  # the version moves even where only rows beside the lead have changed
        if lead.status_id != old:
            lead.status_since = now
        if lead.stage_id != stage_id:
            lead.stage_since, lead.stage_rank = (now, ranks.newest(now)) if lead.stage_id else (None, "")
        if by:
            lead.touched_at = now
    if lead.stage_id != stage_id:
        way = stages.Step(lead_id=lead.id, old_id=stage_id, new_id=lead.stage_id, since=stage_since)
        stages.record([way], at=now, by=by)
    if lead.status_id != old:
        step = history.Step(lead_id=lead.id, old_id=old, new_id=lead.status_id, since=since)
        history.record([step], at=now, by=by)
    return line


def write_keys(lead: Lead) -> None:
    """Whatever the lead is found and sorted by follows from what it holds."""
    texts = [held(lead, field) for field in searched_fields()]
    for name, key in keys_of(columns_of(lead), [row.value for row in lead.reaches], texts).items():
        setattr(lead, name, key)


def _write(lead: Lead, values: Mapping[str, Any]) -> list[dict[str, str]]:
    fields = catalogue()
    lines = []
    for name, value in values.items():
        if name == OTHER_DATA:
            lines += _write_other(lead, value)
        elif (old := held(lead, fields[name])) != value:
            lines.append(line_of(fields[name], old, value))
            hold(lead, fields[name], value)
    return lines


def remember(lines: Sequence[dict[str, Any]]) -> None:
    """Append lines to the histories of their leads, all in one statement, and news where a plugin wants them."""
    if lines:
        db.session.execute(sa.insert(LeadEvent), lines)
        news.note_lines(lines)


def line_of(field: Field, old: Any, new: Any) -> dict[str, str]:
    line = {"field": field.name, "old": words(field, old), "new": words(field, new)}
    return line | {"label": field.label.label(hub().language)} if field.is_custom else line


def _write_other(lead: Lead, value: Mapping[str, str]) -> list[dict[str, str]]:
    old, lead.other_data = lead.other_data, dict(value)
    names = [name for name in value if value[name] != old.get(name, "")]
    return [{"field": OTHER + name, "old": old.get(name, ""), "new": value[name]} for name in names]
