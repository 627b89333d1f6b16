"""What may enter which stage, and what that makes of the status: the same for every door.  Nothing here writes."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.extensions import db
from leadhub.fields.queries import catalogue
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.leads.statuses.models import LeadFact, StatusMove
from leadhub.leads.values import held
from leadhub.names import Names
from leadhub.pipelines.models import LOST, OPEN, WON, Stage
from leadhub.pipelines.queries import may_use, stages
from leadhub.statuses.queries import default_of, statuses, successor_of
from leadhub.statuses.rules import CUSTOMER

STAGE, STATUS, REASON, SINCE = "stage", "status", "lost_reason", "customer_since"
Held = Callable[[str], Any]
Values = Mapping[str, Any]


class StageRefused(FieldRefused):
    """The lead may not enter the stage.  ``missing``: names of the fields that would have to be filled for it."""

    def __init__(self, message: str, missing: Collection[str] = ()) -> None:
        super().__init__(STAGE, message)
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True)
class Transitions:
    """Made once for a block of leads: a few queries, however many they are.

    ``customers`` are the leads that a fact makes customers.  ``earlier``, of leads in a lost stage: the status
    that each had before it got the one that it has.
    """

    known: Mapping[int, Stage]
    customers: Collection[int]
    earlier: Mapping[int, int]
    by: User | None

    @classmethod
    def of(cls, leads: Collection[Lead], by: User | None) -> "Transitions":
        known = {row.id: row for row in stages()}
        lost = [lead for lead in leads if lead.stage_id in known and known[lead.stage_id].kind == LOST]
        return cls(known, _customers(leads), _earlier(lost), by)

    def problem(self, lead: Lead, values: Values) -> StageRefused | None:
        """Why a lead that is there can't have these values, which are to be written (field -> held value)."""
        is_customer = lead.id in self.customers
        return self.refusal(values[STAGE], lambda name: _value(lead, values, name), is_customer=is_customer)

    def refusal(self, stage_id: int | None, value: Held, *, is_customer: bool = False) -> StageRefused | None:
        """The same for a lead that will hold ``value(field)``."""
        if stage_id is None:
            return None
        stage = self.known.get(stage_id)
        if stage is None or stage.retired or stage.pipeline.retired:
            return StageRefused(_("This choice is no longer there."))
        if not may_use(self.by, stage.pipeline):
            team = stage.pipeline.team
            return StageRefused(_("This pipeline belongs to the team “%(name)s”.", name=team.name if team else ""))
        missing = [name for name in wanted_by(stage, is_customer=is_customer) if _is_nothing(value(name))]
        if not missing:
            return None
        fields = catalogue()
        labels = ", ".join(str(fields[name].label) for name in missing)
        name = str(Names(stage.names))
        return StageRefused(_("“%(name)s” asks for: %(fields)s.", name=name, fields=labels), missing)

    def with_status(self, lead: Lead, values: Values) -> dict[str, Any]:
        """The values, and the status that comes with the stage: a lost stage gives its own, and who comes back from
        there gets the one from before.  One that is protected stays; so does what the person chose beside."""
        new, old = self.known.get(values.get(STAGE) or 0), self.known.get(lead.stage_id or 0)
        if STATUS in values or lead.status.is_lock:
            return dict(values)
        if new and new.kind == LOST and new.pipeline.is_joined and new.status_id:
            return {**values, STATUS: new.status_id}
        comes_back = new and old and old.kind == LOST and new.kind == OPEN and old.pipeline.is_joined
        if comes_back and old and old.status_id == lead.status_id:
            return {**values, STATUS: self.earlier[lead.id]}
        return dict(values)


def wanted_by(stage: Stage, *, is_customer: bool = False) -> list[str]:
    """Names of fields, each once: those that the stage asks for, and what its kind needs for the status."""
    fields = catalogue()
    wanted = [name for name in stage.required if name in fields]
    if stage.pipeline.is_joined and stage.kind == LOST:
        wanted.append(REASON)
    if stage.pipeline.is_joined and stage.kind == WON and not is_customer:
        wanted.append(SINCE)
    return list(dict.fromkeys(wanted))


def _value(lead: Lead, values: Values, name: str) -> Any:
    return values[name] if name in values else held(lead, catalogue()[name])


def _is_nothing(value: Any) -> bool:
    return value is None or value is False or value in ("", (), frozenset())


def _customers(leads: Collection[Lead]) -> set[int]:
    ids = [lead.id for lead in leads]
    facts = sa.select(LeadFact.lead_id).where(LeadFact.lead_id.in_(ids), LeadFact.name == CUSTOMER, LeadFact.holds)
    return set(db.session.scalars(facts)) if ids else set()


def _earlier(leads: Collection[Lead]) -> dict[int, int]:
    """Of each lead the status before its last change; what took the place of one that was deleted since."""
    if not leads:
        return {}
    known = {row.id: row for row in statuses()}
    newest = sa.select(sa.func.max(StatusMove.id)).where(StatusMove.lead_id.in_([lead.id for lead in leads]))
    moves = sa.select(StatusMove.lead_id, StatusMove.from_id).where(
        StatusMove.id.in_(newest.group_by(StatusMove.lead_id))
    )
    found = {row.lead_id: successor_of(row.from_id, known) for row in db.session.execute(moves) if row.from_id}
    begun = default_of([*known.values()])
    return {lead.id: (found.get(lead.id) or begun).id for lead in leads}
