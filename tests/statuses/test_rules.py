"""What the function that gives a status promises for any facts, choices and times."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from leadhub.plugins.builtin.automatic_statuses import RULES as CORE
from leadhub.statuses.rules import (
    ACCEPTED,
    CUSTOMER,
    ENQUIRY,
    EXPIRED,
    FACTS,
    IN_PROGRESS,
    LOST,
    OPEN,
    OPPORTUNITY,
    ORDER,
    QUOTATION_LOST,
    SUBMITTED,
    WON,
    Choice,
    Fact,
    Rule,
    Standing,
    status_of,
)

BEGIN = datetime(2026, 11, 24, tzinfo=UTC)
DEFAULT = Standing(1, OPEN)
BY_RULES = {
    "opportunity": Standing(2, IN_PROGRESS),
    "quotation": Standing(3, IN_PROGRESS),
    "converted": Standing(4, WON),
    "lost-quotation": Standing(5, LOST),
}
CLOSED, LOCK, INTERESTED = Standing(6, LOST), Standing(7, LOST, is_lock=True), Standing(8, IN_PROGRESS)
CHOSEN = (DEFAULT, *BY_RULES.values(), CLOSED, LOCK, INTERESTED)
RULES = [Rule(it.key, it.priority, BY_RULES[it.wished.key], it.holds, it.is_final) for it in CORE]
DOCUMENTS = [name for name in FACTS if name != ENQUIRY]
STRONGEST_FIRST = (
    (CUSTOMER, "converted"), (ORDER, "converted"), (ACCEPTED, "quotation"), (SUBMITTED, "quotation"),
    (OPPORTUNITY, "opportunity"), (QUOTATION_LOST, "lost-quotation"), (EXPIRED, "lost-quotation"),
)  # fmt: skip

some_documents = st.dictionaries(st.sampled_from(DOCUMENTS), st.booleans())
some_choice = st.sampled_from([*CHOSEN, None])
some_events = st.lists(st.one_of(st.sampled_from(CHOSEN), st.tuples(st.sampled_from(FACTS), st.booleans())), max_size=9)


def minute(number):
    return BEGIN + timedelta(minutes=number)


def chosen(standing, number):
    return Choice(standing, minute(number)) if standing else None


def read(events):
    """Facts and the last choice after these events, a minute each."""
    facts, choice = {}, None
    for number, event in enumerate(events):
        if isinstance(event, Standing):
            choice = chosen(event, number)
        elif event[1] or event[0] in facts:
            facts[event[0]] = Fact(event[1], minute(number))
    return facts, choice


def expected(events):
    """The status, as somebody would find it who goes through the events with a finger."""
    last = {}  # of each fact, the number of its last event and what that said
    hand, when = None, -1
    for number, event in enumerate(events):
        if isinstance(event, Standing):
            hand, when = event, number
        elif event[1] or event[0] in last:
            last[event[0]] = (number, event[1])
    so = {name: number for name, (number, holds) in last.items() if holds}
    is_newest = all(number < when for name, (number, _holds) in last.items() if name != ENQUIRY)
    strongest = next(((BY_RULES[key], so[name]) for name, key in STRONGEST_FIRST if name in so), None)
    if hand and (hand.is_lock or (is_newest and CUSTOMER not in so)):
        status, since = hand, when
    else:
        status, since = strongest or ((hand, when) if hand else (DEFAULT, -1))
    begins_anew = status.kind == LOST and not status.is_lock and so.get(ENQUIRY, -1) > since
    return DEFAULT if begins_anew else status


@settings(max_examples=150)
@given(some_events)
def test_any_events_give_the_status_that_a_careful_reader_finds(events):
    facts, choice = read(events)

    assert status_of(facts, RULES, choice, DEFAULT).status == expected(events)


@settings(max_examples=100)
@given(some_documents, some_choice, st.data())
def test_facts_alone_never_depend_on_their_order(documents, choice, data):
    orders = [data.draw(st.permutations(sorted(documents))) for _ in range(2)]

    told = [{name: Fact(documents[name], minute(place + 1)) for place, name in enumerate(order)} for order in orders]

    first, second = (status_of(facts, RULES, chosen(choice, 0), DEFAULT).status for facts in told)
    assert first == second


@settings(max_examples=50)
@given(some_events, st.randoms())
def test_neither_the_order_of_the_rules_nor_of_the_facts_as_they_are_read_matters(events, random):
    facts, choice = read(events)
    names, rules = list(facts), list(RULES)
    random.shuffle(names)
    random.shuffle(rules)

    assert status_of({name: facts[name] for name in names}, rules, choice, DEFAULT) == status_of(
        facts, RULES, choice, DEFAULT
    )


@settings(max_examples=100)
@given(some_events)
def test_a_status_with_a_lock_is_never_left(events):
    later = [event for event in events if not isinstance(event, Standing)]
    facts, choice = read([*events, LOCK, *later])

    verdict = status_of(facts, RULES, choice, DEFAULT)

    assert (verdict.status, verdict.cause.key) == (LOCK, "hand")


@settings(max_examples=100)
@given(some_events, st.sampled_from([it for it in CHOSEN if not it.is_lock]))
def test_a_customer_goes_before_any_choice_but_one_with_a_lock(events, choice):
    facts, chosen_last = read([*events, (CUSTOMER, True), choice])

    assert status_of(facts, RULES, chosen_last, DEFAULT).status == BY_RULES["converted"]


@settings(max_examples=50)
@given(some_documents)
def test_what_a_person_chooses_in_the_moment_of_a_change_holds(documents):
    documents.pop(CUSTOMER, None)
    facts = {name: Fact(holds, minute(1)) for name, holds in documents.items()}

    assert status_of(facts, RULES, chosen(INTERESTED, 1), DEFAULT).status == INTERESTED


def test_who_writes_in_the_moment_of_their_loss_does_not_begin_anew():
    facts = {QUOTATION_LOST: Fact(True, minute(1)), ENQUIRY: Fact(True, minute(1))}

    assert status_of(facts, RULES, None, DEFAULT).status == BY_RULES["lost-quotation"]


def test_of_two_changes_in_one_moment_the_one_that_begins_is_the_cause():
    facts = {SUBMITTED: Fact(False, minute(1), "Q-1"), QUOTATION_LOST: Fact(True, minute(1), "Q-1")}

    cause = status_of(facts, RULES, None, DEFAULT).cause

    assert (cause.key, cause.arguments) == ("quotation_lost", {"about": "Q-1"})


def test_of_two_rules_that_are_as_strong_it_is_always_the_same_one():
    rules = [Rule(key, 10, status, lambda facts: facts.get("called")) for key, status in (("a", CLOSED), ("b", LOCK))]
    facts = {"called": Fact(True, minute(1), "twice")}

    verdicts = [status_of(facts, each, None, DEFAULT) for each in (rules, rules[::-1])]

    assert [verdict.status for verdict in verdicts] == [LOCK, LOCK]
    assert verdicts[0].cause.key == "called"


def test_a_lead_of_which_nothing_is_known_has_the_default():
    verdict = status_of({}, RULES, None, DEFAULT)

    assert (verdict.status, verdict.cause.key, verdict.at) == (DEFAULT, "begun", None)


def test_a_lock_warns_of_what_it_holds_back_and_of_nothing_older():
    facts = {SUBMITTED: Fact(True, minute(1), "Q-1")}

    assert status_of(facts, RULES, chosen(LOCK, 0), DEFAULT).held_back.arguments == {"about": "Q-1"}
    assert status_of(facts, RULES, chosen(LOCK, 2), DEFAULT).held_back is None
