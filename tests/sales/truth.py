"""The truth table of automatic statuses, through real documents: in the mission's words and order, what is done to them
and what becomes of the lead.  Who does it is a ``Case``: one that goes through the services, or through pages.

Proved elsewhere: through any door, and the pure function, in ``tests/statuses/test_truth_table.py``; cards on the board
in ``tests/leads/stages`` and ``tests/leads/board``; follow-ups have no documents.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table.  ``states``: of documents, by what they are called here; ``stage``: where it counts;
    ``cause``: of the last move; ``warns``: what a lock holds back; ``only_here``: not of quotations made elsewhere."""

    words: str
    acts: tuple = ()
    status: str
    states: dict = field(default_factory=dict)
    stage: str = ""
    cause: str = ""
    warns: str = ""
    only_here: bool = False


def act(word):
    """``submit("Q")`` in a row: the case does ``submit("Q")``."""
    return lambda *called, **answers: (word, called, answers)


opportunity, win, lose_opportunity = act("opportunity"), act("win"), act("lose_opportunity")
drop_opportunity, reopen_opportunity = act("drop_opportunity"), act("reopen_opportunity")
draft, submit, revise, expire, accept, lose = map(act, ("draft", "submit", "revise", "expire", "accept", "lose"))
cancel, reopen, drop, restore = map(act, ("cancel", "reopen", "drop", "restore"))
order, confirm, cancel_order, drop_order = map(act, ("order", "confirm", "cancel_order", "drop_order"))
customer, unlink, delete_customer = act("customer"), act("unlink"), act("delete_customer")
choose, may_not_choose, enter, may_not_enter = map(act, ("choose", "may_not_choose", "enter", "may_not_enter"))
switch_off, write_again, rename = act("switch_off"), act("write_again"), act("rename")

INTERESTED, ROOF, WALL = choose("interested"), opportunity("Roof"), opportunity("Wall")
ACCEPTED = (submit("Q"), accept("Q"))
ORDERED = (*ACCEPTED, order("O", of="Q"), confirm("O"))

TABLE = (
    Row(words="new lead", status="open"),
    Row(words="opportunity created", acts=(ROOF,), status="opportunity", cause="opportunity"),
    Row(words="opportunity lost, nothing else live: the last one chosen by hand",
        acts=(INTERESTED, ROOF, lose_opportunity("Roof")), status="interested", cause="opportunity.ended"),
    Row(words="opportunity lost, nothing else live: else Open", acts=(ROOF, lose_opportunity("Roof")), status="open"),
    Row(words="opportunity deleted, nothing else live: the last one chosen by hand",
        acts=(INTERESTED, ROOF, drop_opportunity("Roof")), status="interested", cause="opportunity.ended"),
    Row(words="opportunity deleted, nothing else live: else Open", acts=(ROOF, drop_opportunity("Roof")),
        status="open"),
    Row(words="opportunity lost, another one open", acts=(ROOF, WALL, lose_opportunity("Roof")), status="opportunity"),
    Row(words="opportunity lost, and opened again", acts=(ROOF, lose_opportunity("Roof"), reopen_opportunity("Roof")),
        status="opportunity"),
    Row(words="opportunity lost, its quotation live", acts=(ROOF, submit("Q", of="Roof"), lose_opportunity("Roof")),
        status="quotation", states={"Q": "submitted"}, only_here=True),
    Row(words="draft quotation: unchanged", acts=(draft("Q"),), status="open", only_here=True),
    Row(words="draft quotation: unchanged, a choice by hand too", acts=(ROOF, INTERESTED, draft("Q", of="Roof")),
        status="interested", cause="hand", only_here=True),
    Row(words="draft quotation deleted: unchanged", acts=(INTERESTED, draft("Q"), drop("Q")), status="interested",
        only_here=True),
    Row(words="quotation submitted", acts=(ROOF, submit("Q")), status="quotation", cause="quotation_submitted"),
    Row(words="quotation submitted, and revised: it is live until the new version is",
        acts=(submit("Q"), INTERESTED, revise("Q2", of="Q")), status="interested", states={"Q": "submitted"},
        only_here=True),
    Row(words="quotation revised and submitted", acts=(submit("Q"), INTERESTED, revise("Q2", of="Q"), submit("Q2")),
        status="quotation", states={"Q": "cancelled", "Q2": "submitted"}, only_here=True),
    Row(words="submitted quotation cancelled, opportunity still open", acts=(ROOF, submit("Q", of="Roof"), cancel("Q")),
        status="opportunity", states={"Roof": "open"}, cause="quotation_submitted.ended", only_here=True),
    Row(words="submitted quotation cancelled, an opportunity open", acts=(ROOF, submit("Q"), cancel("Q")),
        status="opportunity"),
    Row(words="submitted quotation cancelled, nothing else: the last one chosen by hand",
        acts=(INTERESTED, submit("Q"), cancel("Q")), status="interested"),
    Row(words="submitted quotation cancelled, nothing else: else Open", acts=(submit("Q"), cancel("Q")),
        status="open"),
    Row(words="submitted quotation deleted, nothing else", acts=(INTERESTED, submit("Q"), drop("Q")),
        status="interested"),
    Row(words="submitted quotation deleted, and given back", acts=(submit("Q"), drop("Q"), restore("Q")),
        status="quotation"),
    Row(words="quotation lost, no other live document", acts=(submit("Q"), lose("Q")), status="lost-quotation",
        cause="quotation_lost", stage="lost"),
    Row(words="quotation lost: its opportunity is lost too", acts=(ROOF, submit("Q", of="Roof"), lose("Q")),
        status="lost-quotation", states={"Roof": "lost"}, cause="quotation_lost", only_here=True),
    Row(words="quotation lost: unless the person keeps it open (then Opportunity)",
        acts=(ROOF, submit("Q", of="Roof"), lose("Q", keeps_opportunity=True)), status="opportunity",
        states={"Roof": "open"}, only_here=True),
    Row(words="accepted quotation lost", acts=(*ACCEPTED, lose("Q")), status="lost-quotation"),
    Row(words="quotation lost, a second one live", acts=(submit("Q"), submit("R"), lose("Q")), status="quotation"),
    Row(words="quotation lost, a second one of the opportunity live",
        acts=(ROOF, submit("Q", of="Roof"), submit("R", of="Roof"), lose("Q")), status="quotation",
        states={"Roof": "open", "R": "submitted"}, only_here=True),
    Row(words="quotation lost, another opportunity open", acts=(ROOF, WALL, submit("Q", of="Roof"), lose("Q")),
        status="opportunity", states={"Roof": "lost", "Wall": "open"}, only_here=True),
    Row(words="quotation lost, an opportunity open that is not its own", acts=(WALL, submit("Q"), lose("Q")),
        status="opportunity", states={"Wall": "open"}),
    Row(words="quotation lost, and opened again", acts=(submit("Q"), lose("Q"), reopen("Q")), status="quotation"),
    Row(words="new quotation submitted after a loss", acts=(submit("Q"), lose("Q"), submit("R")), status="quotation",
        cause="quotation_submitted"),
    Row(words="quotation expired: Lost quotation", acts=(INTERESTED, submit("Q"), expire("Q")),
        status="lost-quotation", cause="quotation_expired", stage="lost"),
    Row(words="quotation expired, an opportunity open", acts=(ROOF, submit("Q"), expire("Q")), status="opportunity",
        states={"Roof": "open"}),
    Row(words="quotation expired: or the last one chosen by hand",
        acts=(switch_off("quotation-expired"), INTERESTED, submit("Q"), expire("Q")), status="interested",
        cause="quotation_expired"),
    Row(words="quotation expired: or the last one chosen by hand, else Open",
        acts=(switch_off("quotation-expired"), submit("Q"), expire("Q")), status="open"),
    Row(words="quotation expired, and accepted after all", acts=(submit("Q"), expire("Q"), accept("Q")),
        status="quotation"),
    Row(words="order drafted: unchanged", acts=(*ACCEPTED, INTERESTED, order("O", of="Q")), status="interested",
        states={"O": "draft"}, only_here=True),
    Row(words="order drafted and dropped: unchanged",
        acts=(*ACCEPTED, INTERESTED, order("O", of="Q"), drop_order("O")), status="interested", only_here=True),
    Row(words="order drafted and cancelled: unchanged",
        acts=(*ACCEPTED, INTERESTED, order("O", of="Q"), cancel_order("O")), status="interested", only_here=True),
    Row(words="order drafted and dropped, of nothing: unchanged", acts=(order("O"), drop_order("O")), status="open",
        only_here=True),
    Row(words="quotation accepted, no order yet", acts=ACCEPTED, status="quotation", cause="quotation_submitted"),
    Row(words="order confirmed", acts=ORDERED, status="converted", cause="customer", stage="converted"),
    Row(words="order confirmed, of nothing", acts=(order("O"), confirm("O")), status="converted", only_here=True),
    Row(words="order confirmed: its opportunity is won",
        acts=(ROOF, submit("Q", of="Roof"), accept("Q"), order("O", of="Q"), confirm("O")), status="converted",
        states={"Roof": "won", "Q": "accepted", "O": "confirmed"}, only_here=True),
    Row(words="confirmed order cancelled: the customer remains", acts=(*ORDERED, cancel_order("O")),
        status="converted"),
    Row(words="confirmed order cancelled: worked out anew, without the customer",
        acts=(*ORDERED, cancel_order("O"), unlink()), status="quotation"),
    Row(words="confirmed order deleted: worked out anew, without the customer",
        acts=(order("O"), confirm("O"), drop_order("O"), delete_customer()), status="open", only_here=True),
    Row(words="confirmed order cancelled, opened again and confirmed",
        acts=(*ORDERED, cancel_order("O"), unlink(), act("reopen_order")("O"), confirm("O")), status="converted",
        states={"O": "confirmed"}, only_here=True),
    Row(words="opportunity won without an order: unchanged", acts=(ROOF, win("Roof")), status="opportunity"),
    Row(words="opportunity won without an order: unchanged, a choice by hand too", acts=(ROOF, INTERESTED, win("Roof")),
        status="interested", cause="hand"),
    Row(words="customer made by hand from the lead", acts=(customer(),), status="converted", cause="customer",
        stage="converted"),
    Row(words="customer unlinked: worked out anew from what remains", acts=(submit("Q"), customer(), unlink()),
        status="quotation", cause="customer.ended"),
    Row(words="customer unlinked: a confirmed order remains", acts=(*ORDERED, unlink()), status="converted"),
    Row(words="customer unlinked: nothing remains", acts=(INTERESTED, customer(), unlink()), status="interested"),
    Row(words="customer deleted: worked out anew from what remains", acts=(submit("Q"), customer(), delete_customer()),
        status="quotation", cause="customer.ended"),
    Row(words="customer deleted: nothing remains", acts=(customer(), delete_customer()), status="open"),
    Row(words="a person chooses another status while a document is live: the choice holds",
        acts=(ROOF, submit("Q"), INTERESTED), status="interested", cause="hand"),
    Row(words="a person chooses another status while a document is live: until a fact changes",
        acts=(submit("Q"), INTERESTED, submit("R")), status="quotation"),
    Row(words="quotation live, Interested; then it is lost", acts=(submit("Q"), INTERESTED, lose("Q")),
        status="lost-quotation"),
    Row(words="quotation live, Interested; then it is lost; then all documents are deleted",
        acts=(submit("Q"), INTERESTED, lose("Q"), drop("Q")), status="interested", cause="quotation_lost.ended"),
    Row(words="a lead with a customer stays Converted", acts=(customer(), may_not_choose("interested")),
        status="converted"),
    Row(words="a lead with a customer stays Converted: unless the status chosen has the lock flag",
        acts=(customer(), choose("do-not-contact")), status="do-not-contact", cause="hand"),
    Row(words="second enquiry of a closed lead", acts=(choose("closed"), write_again()), status="open",
        cause="enquiry"),
    Row(words="second enquiry of a lost lead", acts=(submit("Q"), lose("Q"), write_again()), status="open",
        cause="enquiry"),
    Row(words="second enquiry, and then a new quotation", acts=(submit("Q"), lose("Q"), write_again(), submit("R")),
        status="quotation"),
    Row(words="second enquiry of a converted one: unchanged", acts=(*ORDERED, write_again()), status="converted",
        cause="customer"),
    Row(words='second enquiry of "Do not contact": unchanged',
        acts=(submit("Q"), choose("do-not-contact"), write_again()), status="do-not-contact"),
    Row(words="card moved onto a won stage: refused without a customer or an order",
        acts=(submit("Q"), may_not_enter("converted")), status="quotation", stage="first-contact"),
    Row(words="card moved onto a won stage: Converted, with the customer",
        acts=(customer(), enter("in-evaluation"), enter("converted")), status="converted", stage="converted"),
    Row(words="card moved onto a lost stage: asks for a reason", acts=(submit("Q"), may_not_enter("lost")),
        status="quotation", stage="first-contact"),
    Row(words="card moved onto a lost stage: Closed without result",
        acts=(submit("Q"), enter("lost", lost_reason="price")), status="closed", stage="lost", cause="hand"),
    Row(words="card moved onto a lost stage, and then a new quotation is submitted",
        acts=(enter("lost", lost_reason="price"), submit("Q")), status="quotation", stage="lost"),
    Row(words="status of kind won entered through documents: the won stage",
        acts=(enter("in-evaluation"), *ORDERED), status="converted", stage="converted"),
    Row(words="status of kind lost entered through documents: the lost stage",
        acts=(submit("Q"), enter("in-evaluation"), lose("Q")), status="lost-quotation", stage="lost"),
    Row(words='a person set "Do not contact", then a quotation is submitted: stays, with a visible warning',
        acts=(choose("do-not-contact"), submit("Q")), status="do-not-contact", warns="quotation_submitted"),
    Row(words='a person set "Do not contact", then an order is confirmed: stays, with a visible warning',
        acts=(*ACCEPTED, choose("do-not-contact"), order("O", of="Q"), confirm("O")), status="do-not-contact",
        warns="order_confirmed"),
    Row(words='somebody renames "Quotation" to "Offer sent": the rule goes on working',
        acts=(submit("Q"), rename("quotation", "Offer sent"), cancel("Q"), submit("R")), status="quotation"),
)  # fmt: skip
