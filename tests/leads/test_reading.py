"""What plugins may read: the same leads as the list has under the same words, for whoever looks."""

import threading
from contextvars import copy_context
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.fields import services as fields
from leadhub.fields.catalogue import FORM, MANAGERS
from leadhub.fields.drafts import Decision, FieldDraft
from leadhub.leads.counters.services import recount
from leadhub.leads.listing import periods
from leadhub.leads.listing.state import state_from
from leadhub.leads.listing.totals import total_of
from leadhub.leads.models import Lead
from leadhub.leads.reading import Unanswered, address_of, reader_for
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft, Period

TODAY = date(2026, 11, 22)
SOURCES = (
    "web-form",
    "web-form",
    "whatsapp",
    "",
    "none",
)  # the last is called as what a filter means something else by
OWNERS = ("bob@example.org", "mia@example.org", "", "ada@example.org")


@pytest.fixture(params=["rows", "counters", "changes"])
def world(context, person, monkeypatch, request):
    """Leads of everybody and nobody, around the change of clocks in Paris, one of them in the bin.  Gives the name of a
    field of the team's own.  Without counters, with them, and while they don't hold anything yet."""
    monkeypatch.setattr(periods, "today_in", lambda zone: TODAY)
    draft = FieldDraft(type="choice", names={"en": "Roof"}, shown="form", choices=("Red", "Blue"))
    own = fields.add_field(draft, by=person("ada"))
    db.session.commit()
    if request.param == "changes":
        recount(db.session.connection())
        db.session.commit()
    keys = ["Red", "Blue", "", ""]
    midnight = datetime(2026, 10, 24, 22, tzinfo=UTC)  # of 25 October in Paris, on which the clock goes back
    drafts = [
        LeadDraft(
            channel="form",
            last_name=f"Lead {number}",
            source=SOURCES[number % 5],
            owner=OWNERS[number % 4],
            type="partner" if number % 3 else "",
            gender="female" if number % 6 == 0 else "",
            is_organisation=number % 7 == 0,
            organisation="Acme",
            received_at=midnight + timedelta(hours=12 * (number - 20), minutes=-1),
            custom={own.name: keys[number % 4]} if keys[number % 4] else {},
        )
        for number in range(40)
    ]
    outcomes = create_leads(drafts, by=None)
    assert not [outcome.refusal for outcome in outcomes if outcome.refusal]
    db.session.get(Lead, outcomes[5].lead_id).deleted_at = midnight
    db.session.flush()
    if request.param == "counters":
        recount(db.session.connection())
    db.session.commit()
    return own.name


def set_reach(reach):
    db.session.execute(sa.update(Role).values(reach=reach))
    db.session.commit()


def listed(user, where):
    """How many leads the list has at the address that these words lead to."""
    address = {
        name: [value] if isinstance(value, str) else list(value) for name, value in address_of(where, user).items()
    }
    return total_of(user, state_from(address, user))


@pytest.mark.parametrize(("name", "reach"), [("ada", "all"), ("bob", "own"), ("vic", "team")])
def test_each_slice_opens_exactly_the_leads_that_it_counted(world, person, name, reach):
    set_reach(reach)
    user, where = person(name), {"organisation": "acme"}
    reader, period = reader_for(user), Period(start=date(2026, 10, 17))

    for field in ("source", "status", "owner", "type", "gender", "is_organisation", "industry", world):
        slices = reader.leads_by(field, where, period)

        assert [listed(user, part.where) for part in slices] == [part.value for part in slices], field
        assert sum(part.value for part in slices) == reader.count(where, period) > 0, field


def test_the_largest_slice_is_first_those_without_are_last_and_a_status_brings_its_colour(world, person):
    sources = reader_for(person("ada")).leads_by("source")
    (status,) = reader_for(person("ada")).leads_by("status")

    assert [(part.label, part.value, part.where) for part in sources] == [
        ("Web form", 15, {"source": "web-form"}), ("WhatsApp", 8, {"source": "whatsapp"}),
        ("none", 8, {"source": "none#"}), ("No source", 8, {"source": "none"}),
    ]  # fmt: skip
    assert status.colour


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_slices_of_time_open_their_leads_also_where_the_clock_changes(world, person, step):
    user = person("bob")
    set_reach("own")
    slices = reader_for(user).leads_over_time(step)

    assert [listed(user, part.where) for part in slices] == [part.value for part in slices]
    assert sum(part.value for part in slices) == reader_for(user).count()
    assert slices[-1].where["received_at.to"] == "2026-11-22"


def test_slices_of_time_keep_to_their_period_and_to_the_last_ones(world, person):
    reader = reader_for(person("ada"))

    weeks = reader.leads_over_time("week", period=Period(start=date(2026, 10, 15), end=date(2026, 10, 27)))
    days = reader.leads_over_time("day", {"received_at.from": "2020-01-01"})

    assert [(part.where["received_at.from"], part.where["received_at.to"]) for part in weeks] == [
        ("2026-10-15", "2026-10-18"), ("2026-10-19", "2026-10-25"), ("2026-10-26", "2026-10-27"),
    ]  # fmt: skip
    assert 300 < len(days) < 400  # weeks, since so many days are too fine
    assert sum(part.value for part in days) == reader.count()
    assert reader.leads_over_time("month", {"q": "nobody at all"}) == []


WRONG = {
    "unknown field": {"shoe_size": "5"},
    "a word of the list that asks for nothing": {"sort": "name"},
    "unknown value": {"source": "moon"},
    "no text": {"source": 5},
    "no day": {"received_at.from": "yesterday or so"},
}


@pytest.mark.one_database
@pytest.mark.parametrize("what", WRONG)
def test_words_that_the_list_does_not_know_are_refused_with_a_line(context, person, what):
    with pytest.raises((Unanswered, TypeError)) as refused:
        reader_for(person("ada")).count(WRONG[what])

    assert str(refused.value)


@pytest.mark.one_database
def test_no_slices_of_what_has_many_values_or_none_that_can_be_counted(context, person):
    reader = reader_for(person("ada"))
    for field in ("tags", "last_name", "country", "moon"):
        with pytest.raises(Unanswered):
            reader.leads_by(field)
    with pytest.raises(Unanswered):
        reader.leads_over_time("hour")


@pytest.mark.one_database
def test_what_somebody_may_not_see_tells_nothing_by_being_counted(world, person):
    hidden = Decision(shown=FORM, required=False, in_list=False, seen_by=MANAGERS, changed_by=MANAGERS)
    fields.decide({"source": hidden}, by=person("ada"))
    db.session.commit()

    for ask in (lambda reader: reader.leads_by("source"), lambda reader: reader.count({"source": "none"})):
        with pytest.raises(Unanswered):
            ask(reader_for(person("bob")))
        assert ask(reader_for(person("mia")))
    assert address_of({"source": "none"}, person("bob")) is None


@pytest.mark.one_database
def test_where_nobody_looks_every_lead_is_there_but_for_the_bin_and_nobody_is_me(world):
    reader = reader_for(None)

    assert reader.count() == 39
    assert sum(part.value for part in reader.leads_by("owner")) == 39
    with pytest.raises(Unanswered):
        reader.count({"owner": "me"})


@pytest.mark.one_database
def test_somebody_who_was_deactivated_meanwhile_sees_nothing(world, person):
    reader = reader_for(person("bob"))
    person("bob").active = False
    db.session.commit()

    assert reader.count() == 0
    assert reader.leads() == []


@pytest.mark.one_database
def test_leads_come_newest_first_with_as_many_queries_for_ten_as_for_one(world, person, count_queries):
    reader = reader_for(person("ada"))

    with count_queries() as one:
        (newest,) = reader.leads(limit=1)
    with count_queries() as ten:
        leads = reader.leads(limit=10)

    assert len(leads) == 10
    assert leads[0] == newest
    assert sorted(leads, key=lambda lead: lead.received_at, reverse=True) == leads
    assert len(one) == len(ten) <= 6


@pytest.mark.one_database
def test_slices_cost_as_many_queries_however_many_there_are(world, person, count_queries):
    reader = reader_for(person("ada"))

    with count_queries() as statements:
        assert len(reader.leads_by("source")) == 4
    with count_queries() as over_time:
        assert len(reader.leads_over_time("day")) > 30

    assert len(statements) <= 9
    assert len(over_time) <= 16


@pytest.mark.one_database
def test_another_thread_reads_in_a_session_of_its_own_and_gives_it_back(app, world, person, count_queries):
    reader, answers = reader_for(person("ada")), []
    thread = threading.Thread(target=copy_context().run, args=(lambda: answers.append(reader.count()),))
    db.session.rollback()
    out = db.engine.pool.checkedout()

    thread.start()
    thread.join(10)

    assert answers == [39]
    assert db.engine.pool.checkedout() == out
    assert not db.session().in_transaction()
