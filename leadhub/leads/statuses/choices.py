"""What a person may choose as a lead's status: the same for one lead and for many.  Nothing here writes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.leads.statuses.models import LeadFact
from leadhub.names import Names
from leadhub.statuses.models import Status
from leadhub.statuses.queries import rules_in_force, statuses
from leadhub.statuses.rules import Choice, Fact, Facts, Rule, status_of

STATUS, REASON = "status", "lost_reason"


@dataclass(frozen=True, slots=True)
class Choices:
    """Made once for a block of leads: three queries, however many they are."""

    known: Mapping[int, Status]
    rules: Collection[Rule]
    facts: Mapping[int, Facts]

    @classmethod
    def of(cls, lead_ids: Collection[int]) -> "Choices":
        facts: dict[int, dict[str, Fact]] = {}
        for row in db.session.scalars(sa.select(LeadFact).where(LeadFact.lead_id.in_(lead_ids))):
            facts.setdefault(row.lead_id, {})[row.name] = Fact(row.holds, row.at, row.about)
        known = {row.id: row for row in statuses()}
        finals = [rule for rule in rules_in_force(known) if rule.is_final] if facts else ()  # no other goes first
        return cls(known, finals, facts)

    def problem(self, lead_id: int, status_id: int, *, has_reason: bool) -> FieldRefused | None:
        """Why a lead can't get this status by hand: the rules would not let it stay, or nobody said why."""
        new = self.known[status_id]
        if facts := self.facts.get(lead_id):
            at = max(utcnow(), *(fact.at for fact in facts.values()))
            told = status_of(facts, list(self.rules), Choice(new.standing, at), new.standing).status
            if told.id != new.id and told.id in self.known:
                name = str(Names(self.known[told.id].names))
                return FieldRefused(STATUS, _("This lead has become a customer, so it stays “%(name)s”.", name=name))
        if new.needs_reason and not has_reason:
            return reason_wanted(new)
        return None


def reason_wanted(status: Status) -> FieldRefused:
    return FieldRefused(REASON, _("“%(name)s” asks for a reason.", name=str(Names(status.names))))
