"""Keys are made anew when what makes them has changed: the hub's country (``06 12`` means another number there), the
fields that are searched, the code."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import selectinload

from leadhub.extensions import db
from leadhub.fields.queries import searched_fields
from leadhub.fields.services import RENEW_KEYS
from leadhub.folding import fold
from leadhub.hub.queries import hub
from leadhub.jobs.registry import Handler, Payload
from leadhub.jobs.services import enqueue
from leadhub.leads.keys import phone_key
from leadhub.leads.models import Lead, LeadAddress, LeadReach
from leadhub.leads.search import columns_of, keys_of
from leadhub.leads.values import PHONE, held

BLOCK = 500
AS_IT_IS = {"synchronize_session": False}


def renew_keys() -> None:
    """To be called in the transaction of the change after which other keys hold."""
    enqueue(RENEW_KEYS, {})


def _renew(payload: Payload) -> Iterator[None]:
    """Block by block; what somebody changes meanwhile gets its keys from the change."""
    for model, renewed in ((Lead, _lead), (LeadReach, _reach), (LeadAddress, _address)):
        last = 0
        while block := db.session.scalars(_block(model, last)).all():
            last = block[-1].id
            for row in block:
                if changes := {name: key for name, key in renewed(row).items() if key != getattr(row, name)}:
                    db.session.execute(_change(model, row, changes), execution_options=AS_IT_IS)
            yield


def _block(model: Any, last: int) -> sa.Select[Any]:
    beside = (Lead.reaches, Lead.custom_values) if model is Lead else ()
    rows = sa.select(model).where(model.id > last).order_by(model.id).limit(BLOCK)
    return rows.options(*map(selectinload, beside))


def _change(model: Any, row: Any, keys: dict[str, Any]) -> sa.Update:
    """The keys alone, and only if the row still is what they were made from."""
    same = model.version == row.version if model is Lead else model.id == row.id
    return sa.update(model).where(model.id == row.id, same).values(keys)


def _lead(lead: Lead) -> dict[str, Any]:
    texts = [held(lead, field) for field in searched_fields()]
    keys = keys_of(columns_of(lead), [row.value for row in lead.reaches], texts)
    return keys | {"phone_key": phone_key(lead.phone, hub().country)}


def _reach(reach: LeadReach) -> dict[str, Any]:
    return {"key": phone_key(reach.value, hub().country)} if reach.kind == PHONE else {}


def _address(address: LeadAddress) -> dict[str, Any]:
    return {"city_key": fold(address.city)}


HANDLERS = {RENEW_KEYS: Handler(run=_renew, label=_l("Make the keys of leads anew"), is_long=True)}
