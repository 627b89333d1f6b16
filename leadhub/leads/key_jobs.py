"""Phones are read anew when the hub moves to another country: ``06 12`` means another number there."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs.registry import Handler, Payload
from leadhub.jobs.services import enqueue
from leadhub.leads.keys import phone_key
from leadhub.leads.models import Lead, LeadReach
from leadhub.leads.values import PHONE

REREAD = "leads.phone_keys"
BLOCK = 500


def reread_phones() -> None:
    """To be called when the hub's country has changed, in the same transaction."""
    enqueue(REREAD, {})


def _reread(payload: Payload) -> Iterator[None]:
    """Block by block; a phone that somebody changes meanwhile gets its key from the change."""
    for model, text, key, wanted in (
        (Lead, Lead.phone, Lead.phone_key, Lead.phone != ""),
        (LeadReach, LeadReach.value, LeadReach.key, LeadReach.kind == PHONE),
    ):
        last = 0
        while block := db.session.execute(
            sa.select(model.id, text.label("text"), key.label("key"))
            .where(wanted, model.id > last)
            .order_by(model.id)
            .limit(BLOCK)
        ).all():
            last = block[-1].id
            for row in block:
                if (fresh := phone_key(row.text, hub().country)) != row.key:
                    change = sa.update(model).where(model.id == row.id, text == row.text).values({key: fresh})
                    db.session.execute(change, execution_options={"synchronize_session": False})
            yield


HANDLERS = {REREAD: Handler(run=_reread, label=_l("Read phones anew for the hub’s country"), is_long=True)}
