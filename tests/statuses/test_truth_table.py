"""The truth table of automatic statuses, in the mission's words and order: what the function says, what leads do."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.leads.services import create_lead, update_lead
from leadhub.leads.stages.history import moves_of
from leadhub.leads.stages.transitions import StageRefused
from leadhub.leads.statuses.facts import Said, standing_of, tell
from leadhub.leads.statuses.history import path_of
from leadhub.leads.statuses.models import StatusMove
from leadhub.lists.drafts import RowDraft
from leadhub.plugins.api import LeadDraft
from leadhub.plugins.builtin.automatic_statuses import RULES as CORE
from leadhub.statuses.models import Status
from leadhub.statuses.queries import bound_rules, statuses
from leadhub.statuses.rules import IN_PROGRESS, LOST, OPEN, WON, Choice, Fact, Rule, Standing, status_of
from leadhub.statuses.services import bind_rule, change_status

INTERESTED = {"names": {"en": "Interested"}, "position": 99, "kind": IN_PROGRESS, "colour": "teal"}
KINDS = {
    "open": OPEN, "opportunity": IN_PROGRESS, "quotation": IN_PROGRESS, "converted": WON, "lost-quotation": LOST,
    "closed": LOST, "do-not-contact": LOST, "interested": IN_PROGRESS,
}  # fmt: skip
"""The starter set, and one more that a person can choose."""
DOORS = ("form", "api", "import", "email", "plugin")
EXPIRED = "quotation-expired"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table.  ``cause`` is that of the last move, ``warns``: what a lock holds back, ``off``: a rule
    that the settings have switched off."""

    words: str
    acts: tuple = ()
    status: str
    cause: tuple = ()
    warns: str = ""
    off: str = ""
    door: str = "form"


def told(holds, facts):
    return {name: Said(holds, about) for name, about in facts.items()}


def tells(**facts):
    """These are so from now on: fact -> what it is about."""
    return lambda case: case.tell(told(True, facts))


def ends(**facts):
    return lambda case: case.tell(told(False, facts))


def turns(before, after, about):
    """One document that goes on: it is no longer the one, and is the other."""
    return lambda case: case.tell(told(False, {before: about}) | told(True, {after: about}))


def chooses(key):
    return lambda case: case.choose(key)


def may_not_choose(key):
    return lambda case: case.refuse(key)


def submits(about):
    return tells(quotation_submitted=about)


def cancels(about):
    return ends(quotation_submitted=about)


def loses(about):
    return turns("quotation_submitted", "quotation_lost", about)


def expires(about):
    return turns("quotation_submitted", "quotation_expired", about)


def accepts(about):
    return turns("quotation_submitted", "quotation_accepted", about)


def orders(about, *, customer):
    """An order of an accepted quotation is confirmed, and makes the customer."""
    return lambda case: case.tell(
        told(False, {"quotation_accepted": about}) | told(True, {"order_confirmed": about, "customer": customer})
    )


OPPORTUNITY, WRITES_AGAIN = tells(opportunity="Roof"), tells(enquiry="")
NO_OPPORTUNITY = ends(opportunity="Roof")
BY_HAND = ("hand", {})

TABLE = (
    *(Row(words=f"new lead, through any door: {door}", status="open", door=door) for door in DOORS),
    Row(words="opportunity created", acts=(OPPORTUNITY,), status="opportunity",
        cause=("opportunity", {"about": "Roof"})),
    Row(words="opportunity lost or deleted, nothing else live: the last one chosen by hand",
        acts=(chooses("interested"), OPPORTUNITY, NO_OPPORTUNITY), status="interested",
        cause=("opportunity.ended", {"about": "Roof"})),
    Row(words="opportunity lost or deleted, nothing else live: else Open", acts=(OPPORTUNITY, NO_OPPORTUNITY),
        status="open"),
    Row(words="draft quotation: unchanged", acts=(chooses("interested"),), status="interested", cause=BY_HAND),
    Row(words="quotation submitted", acts=(OPPORTUNITY, submits("Q-1")), status="quotation",
        cause=("quotation_submitted", {"about": "Q-1"})),
    Row(words="submitted quotation cancelled, opportunity still open",
        acts=(OPPORTUNITY, submits("Q-1"), cancels("Q-1")), status="opportunity",
        cause=("quotation_submitted.ended", {"about": "Q-1"})),
    Row(words="submitted quotation cancelled, nothing else: the last one chosen by hand",
        acts=(chooses("interested"), submits("Q-1"), cancels("Q-1")), status="interested"),
    Row(words="quotation lost, no other live document: its opportunity is lost too",
        acts=(OPPORTUNITY, submits("Q-12"), NO_OPPORTUNITY, loses("Q-12")), status="lost-quotation",
        cause=("quotation_lost", {"about": "Q-12"})),
    Row(words="quotation lost, the person keeps the opportunity open", acts=(OPPORTUNITY, submits("Q-1"), loses("Q-1")),
        status="opportunity", cause=("quotation_lost", {"about": "Q-1"})),
    Row(words="quotation lost, a second one live", acts=(submits("Q-1"), submits("Q-2"), tells(quotation_lost="Q-1")),
        status="quotation"),
    Row(words="quotation lost, another opportunity open",
        acts=(submits("Q-1"), tells(opportunity="Wall"), loses("Q-1")), status="opportunity"),
    Row(words="new quotation submitted after a loss", acts=(submits("Q-1"), loses("Q-1"), submits("Q-2")),
        status="quotation", cause=("quotation_submitted", {"about": "Q-2"})),
    Row(words="quotation expired: Lost quotation", acts=(chooses("interested"), submits("Q-1"), expires("Q-1")),
        status="lost-quotation", cause=("quotation_expired", {"about": "Q-1"})),
    Row(words="quotation expired: or the last one chosen by hand", off=EXPIRED,
        acts=(chooses("interested"), submits("Q-1"), expires("Q-1")), status="interested",
        cause=("quotation_expired", {"about": "Q-1"})),
    Row(words="quotation expired: or the last one chosen by hand, else Open", off=EXPIRED,
        acts=(submits("Q-1"), expires("Q-1")), status="open"),
    Row(words="order drafted and dropped: unchanged", acts=(submits("Q-1"), accepts("Q-1")), status="quotation"),
    Row(words="quotation accepted, no order yet", acts=(submits("Q-1"), accepts("Q-1")), status="quotation"),
    Row(words="order confirmed", acts=(submits("Q-1"), accepts("Q-1"), orders("Q-1", customer="Dupont")),
        status="converted", cause=("customer", {"about": "Dupont"})),
    Row(words="order confirmed: the rule of orders alone", acts=(tells(order_confirmed="O-1"),), status="converted",
        cause=("order_confirmed", {"about": "O-1"})),
    Row(words="confirmed order cancelled: the customer remains",
        acts=(submits("Q-1"), accepts("Q-1"), orders("Q-1", customer="Dupont"), ends(order_confirmed="Q-1")),
        status="converted"),
    Row(words="confirmed order cancelled: worked out anew, no customer was made",
        acts=(submits("Q-1"), tells(order_confirmed="O-1"), ends(order_confirmed="O-1")), status="quotation"),
    Row(words="opportunity won without an order: unchanged", acts=(OPPORTUNITY, OPPORTUNITY), status="opportunity"),
    Row(words="customer made by hand from the lead", acts=(tells(customer="Dupont"),), status="converted",
        cause=("customer", {"about": "Dupont"})),
    Row(words="customer deleted or unlinked: worked out anew from what remains",
        acts=(submits("Q-1"), tells(customer="Dupont"), ends(customer="Dupont")), status="quotation",
        cause=("customer.ended", {"about": "Dupont"})),
    Row(words="customer deleted or unlinked, nothing remains",
        acts=(chooses("interested"), tells(customer="Dupont"), ends(customer="Dupont")), status="interested"),
    Row(words="a person chooses another status while a document is live: the choice holds",
        acts=(OPPORTUNITY, submits("Q-1"), chooses("interested")), status="interested", cause=BY_HAND),
    Row(words="a person chooses another status while a document is live: until a fact changes",
        acts=(submits("Q-1"), chooses("interested"), submits("Q-2")), status="quotation"),
    Row(words="a lead with a customer stays Converted",
        acts=(tells(customer="Dupont"), may_not_choose("interested")), status="converted"),
    Row(words="a lead with a customer: unless the status chosen has the lock flag",
        acts=(tells(customer="Dupont"), chooses("do-not-contact")), status="do-not-contact", cause=BY_HAND),
    Row(words="second enquiry of a closed lead", acts=(chooses("closed"), WRITES_AGAIN), status="open",
        cause=("enquiry", {})),
    Row(words="second enquiry of a lost lead", acts=(submits("Q-1"), loses("Q-1"), WRITES_AGAIN), status="open",
        cause=("enquiry", {})),
    Row(words="second enquiry, and then a new quotation", acts=(chooses("closed"), WRITES_AGAIN, submits("Q-1")),
        status="quotation"),
    Row(words="second enquiry, and then closed again", acts=(chooses("closed"), WRITES_AGAIN, chooses("closed")),
        status="closed"),
    Row(words="second enquiry of a converted one: unchanged", acts=(tells(customer="Dupont"), WRITES_AGAIN),
        status="converted", cause=("customer", {"about": "Dupont"})),
    Row(words="second enquiry of one under way: unchanged", acts=(chooses("interested"), WRITES_AGAIN),
        status="interested", cause=BY_HAND),
    Row(words='second enquiry of "Do not contact": unchanged', acts=(chooses("do-not-contact"), WRITES_AGAIN),
        status="do-not-contact", cause=BY_HAND),
    Row(words='a person set "Do not contact", then a quotation is submitted: stays, with a visible warning',
        acts=(chooses("do-not-contact"), submits("Q-1")), status="do-not-contact", cause=BY_HAND,
        warns="quotation_submitted"),
    Row(words='a person set "Do not contact" while a quotation was live: nothing to warn of',
        acts=(submits("Q-1"), chooses("do-not-contact")), status="do-not-contact"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class StageRow:
    """One line of the table about a card on the board.  ``missing``: what the last act is refused for."""

    words: str
    acts: tuple
    status: str
    stage: str
    missing: tuple = ()
    is_joined: bool = True


def enters(stage, **answers):
    return lambda case: case.enter(f"sales.{stage}", answers)


TODAY = date(2026, 11, 30)
WON_ALREADY = enters("converted", customer_since=TODAY)
STAGE_TABLE = (
    StageRow(words="new lead: the first stage", acts=(), status="open", stage="first-contact"),
    StageRow(words="a stage of the conversation: the status stays", acts=(submits("Q-1"), enters("in-evaluation")),
             status="quotation", stage="in-evaluation"),
    StageRow(words="card moved onto a won stage: refused without a customer", acts=(enters("converted"),),
             status="open", stage="first-contact", missing=("customer_since",)),
    StageRow(words="card moved onto a won stage: then Converted", acts=(WON_ALREADY,), status="converted",
             stage="converted"),
    StageRow(words="card moved onto a won stage: a customer is there", acts=(
             tells(customer="Dupont"), enters("in-evaluation"), enters("converted")), status="converted",
             stage="converted"),
    StageRow(words="card moved onto a lost stage: refused without a reason", acts=(enters("lost"),), status="open",
             stage="first-contact", missing=("lost_reason",)),
    StageRow(words="card moved onto a lost stage: Closed without result", acts=(enters("lost", lost_reason="price"),),
             status="closed", stage="lost"),
    StageRow(words="card moved back from a lost stage: the status from before", acts=(
             chooses("interested"), enters("lost", lost_reason="price"), enters("in-negotiation")),
             status="interested", stage="in-negotiation"),
    StageRow(words='"Do not contact" moved onto a lost stage: stays', acts=(
             chooses("do-not-contact"), enters("lost", lost_reason="price")), status="do-not-contact", stage="lost"),
    StageRow(words="status of kind won entered through documents: the won stage", acts=(
             submits("Q-1"), accepts("Q-1"), orders("Q-1", customer="Dupont")), status="converted", stage="converted"),
    StageRow(words="status of kind lost entered through documents: the lost stage",
             acts=(submits("Q-1"), loses("Q-1")), status="lost-quotation", stage="lost"),
    StageRow(words="a status of kind lost chosen by hand: the stage stays", acts=(chooses("closed"),),
             status="closed", stage="first-contact"),
    StageRow(words="joining switched off: a won stage asks for nothing", acts=(enters("converted"),), status="open",
             stage="converted", is_joined=False),
    StageRow(words="joining switched off: a lost stage asks for nothing", acts=(enters("lost"),), status="open",
             stage="lost", is_joined=False),
    StageRow(words="joining switched off: documents move no card", acts=(submits("Q-1"), loses("Q-1")),
             status="lost-quotation", stage="first-contact", is_joined=False),
)  # fmt: skip

# Rows that wait for what they speak of:
# - create the order is offered on the lead and in Today; making the customer is offered: documents, Today
# - a second enquiry tells the owner, shows in Today with a warning: intake, Today
# - follow-up due today on a converted lead: the calendar and its mails


@dataclass
class Imagined:
    """A lead of which the pure function is asked."""

    off: str = ""
    now: datetime = datetime(2026, 11, 24, tzinfo=UTC)
    facts: dict = field(default_factory=dict)
    choice: Choice | None = None

    known = {key: Standing(number, kind, key == "do-not-contact") for number, (key, kind) in enumerate(KINDS.items())}

    def tell(self, said):
        self.now += timedelta(minutes=1)
        self.facts |= {name: Fact(it.holds, self.now, it.about) for name, it in said.items()}

    def choose(self, key):
        self.now += timedelta(minutes=1)
        self.choice = Choice(self.known[key], self.now)

    refuse = choose

    @property
    def verdict(self):
        rules = [
            Rule(it.key, it.priority, self.known[it.wished.key], it.holds, it.is_final)
            for it in CORE
            if it.key != self.off
        ]
        return status_of(self.facts, rules, self.choice, self.known["open"])


@dataclass
class Stored:
    """A lead of the hub, changed through its doors."""

    lead: Lead
    by: object

    def tell(self, said):
        tell(self.lead.id, said, by=self.by)

    def choose(self, key):
        reason = {"lost_reason": "price"} if key == "closed" else {}
        update_lead(self.lead, {"status": key} | reason, by=self.by, version=self.lead.version)

    def enter(self, stage, answers):
        update_lead(self.lead, {"stage": stage} | answers, by=self.by, version=self.lead.version)

    def refuse(self, key):
        with pytest.raises(FieldRefused):
            self.choose(key)

    @property
    def last_cause(self):
        moves = db.session.query(StatusMove).filter_by(lead_id=self.lead.id).order_by(StatusMove.id.desc())
        return (moves[0].cause, moves[0].arguments)


@pytest.fixture
def ada(context, person):
    return person("ada")


@pytest.fixture
def new_lead(ada):
    """``new_lead(door)``: a lead in a hub that has the status Interested too."""
    db.session.add(Status(key="interested", **INTERESTED))
    return lambda door="form": Stored(create_lead(LeadDraft(channel=door, last_name="Dupont"), by=None), ada)


def switch_rules(by, *, off):
    for it in bound_rules():
        bind_rule(it.offer.key, it.row.status_id, is_on=it.offer.key != off, by=by)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.words)
def test_the_function_says_what_the_table_says(row):
    case = Imagined(off=row.off)
    for act in row.acts:
        act(case)

    verdict = case.verdict
    assert verdict.status == case.known[row.status]
    assert (verdict.held_back.key if verdict.held_back else "") == row.warns
    if row.cause:
        assert (verdict.cause.key, dict(verdict.cause.arguments)) == row.cause


def test_leads_do_what_the_table_says(new_lead, ada):
    wrong = []
    for row in TABLE:
        case = new_lead(row.door)
        switch_rules(ada, off=row.off)
        for act in row.acts:
            act(case)
        db.session.commit()

        _facts, verdict = standing_of(case.lead)
        is_so = (case.lead.status.key, verdict.held_back.key if verdict.held_back else "")
        causes = [case.last_cause, row.cause] if row.cause else []
        if is_so != (row.status, row.warns) or verdict.status.id != case.lead.status_id or causes[:1] != causes[1:]:
            wrong.append((row.words, is_so, *causes))

    assert wrong == []


@pytest.mark.parametrize("row", STAGE_TABLE, ids=lambda row: row.words)
def test_cards_do_what_the_table_says(new_lead, row):
    case = new_lead()
    case.lead.stage.pipeline.is_joined = row.is_joined
    *before, last = row.acts or (lambda case: None,)
    for act in before:
        act(case)

    if row.missing:
        with pytest.raises(StageRefused) as refused:
            last(case)
        assert refused.value.missing == row.missing
    else:
        last(case)
    db.session.commit()
    assert (case.lead.status.key, case.lead.stage.key) == (row.status, f"sales.{row.stage}")
    assert [move.to_id for move in moves_of(case.lead)][-1] == case.lead.stage_id


def test_the_starter_set_is_that_of_the_table(new_lead):
    assert {row.key: row.kind for row in statuses()} == KINDS
    assert [row.key for row in statuses() if row.is_lock] == ["do-not-contact"]
    assert [row.key for row in statuses() if row.needs_reason] == ["closed"]
    assert {it.offer.key: it.row.is_on for it in bound_rules()} == {it.key: True for it in CORE}


def test_a_choice_holds_until_a_fact_changes_and_is_there_again_when_all_documents_are_gone(new_lead):
    steps = (
        (submits("Q-12"), "quotation", ("quotation_submitted", {"about": "Q-12"})),
        (chooses("interested"), "interested", BY_HAND),
        (loses("Q-12"), "lost-quotation", ("quotation_lost", {"about": "Q-12"})),
        (ends(quotation_lost="Q-12"), "interested", ("quotation_lost.ended", {"about": "Q-12"})),
    )
    case = new_lead()

    seen = []
    for act, _status, _cause in steps:
        act(case)
        seen.append((act, case.lead.status.key, case.last_cause))

    assert seen == list(steps)


def test_somebody_renames_quotation_and_the_rule_goes_on_working_with_both_names_in_their_time(new_lead, ada):
    case = new_lead()
    submits("Q-1")(case)
    quotation = next(row for row in statuses() if row.key == "quotation")
    extras = {name: getattr(quotation, name) for name in ("kind", "colour", "is_default", "is_lock", "needs_reason")}

    change_status(quotation, RowDraft(names={"en": "Offer sent"}, extras=extras), by=ada)
    cancels("Q-1")(case)
    submits("Q-2")(case)

    assert case.lead.status_id == quotation.id
    assert [stay.names["en"] for stay in path_of(case.lead)] == ["Open", "Quotation", "Open", "Offer sent"]
    moves = db.session.query(StatusMove).filter_by(lead_id=case.lead.id).order_by(StatusMove.id)
    assert [move.from_names["en"] for move in moves] == ["Open", "Offer sent", "Open"]
