"""What the counters answer by days is what a count of the leads gives: for random leads, changes, folds, readers."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.hub.models import Hub
from leadhub.leads import bin
from leadhub.leads.counters import days, jobs, services, tallies
from leadhub.leads.counters.models import CounterState, LeadCount, LeadDays, LeadDelta, StageTime
from leadhub.leads.models import Lead
from leadhub.leads.reading import reader_for
from leadhub.leads.services import create_leads, update_lead
from leadhub.plugins.api import LeadDraft, Period

ZONES = ("Europe/Paris", "America/Los_Angeles", "Pacific/Auckland")
OWNERS = ("ada@example.org", "bob@example.org", "")
SOURCES = ("web-form", "whatsapp", "")
NEAR = [
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # Paris goes back
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # and forth
    datetime(2026, 3, 8, 10, tzinfo=UTC),  # Los Angeles goes forth
    datetime(2026, 9, 26, 14, tzinfo=UTC),  # Auckland goes forth
    datetime(2024, 2, 29, 12, tzinfo=UTC),
    datetime(2025, 12, 31, 23, tzinfo=UTC),
]  # fmt: skip
MOMENTS = st.builds(
    lambda near, minutes: near + timedelta(minutes=minutes), st.sampled_from(NEAR), st.integers(-1500, 1500)
)
LEADS = st.lists(
    st.tuples(MOMENTS, st.sampled_from(SOURCES), st.sampled_from(OWNERS)), min_size=1, max_size=8
)  # fmt: skip
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("source"), st.integers(0, 7), st.sampled_from(SOURCES)),
        st.tuples(st.just("owner"), st.integers(0, 7), st.sampled_from(OWNERS)),
        st.tuples(st.just("received_at"), st.integers(0, 7), MOMENTS),
        st.tuples(st.sampled_from(("bin", "fold", "recount")), st.integers(0, 7), st.none()),
    ),
    max_size=10,
)
DAYS = st.sampled_from([date(2026, 10, 25), date(2026, 3, 1), date(2026, 3, 8), date(2024, 2, 29), date(2026, 1, 1)])
SPANS = st.tuples(st.none() | DAYS, st.none() | DAYS)


def set_clock(zone):
    """As after the worker's first turn on this clock."""
    db.session.execute(sa.update(Hub).values(time_zone=zone))
    db.session.info.pop("hub", None)
    db.session.flush()
    services.recount(db.session.connection())


def act(ada, name, lead, value):
    if name == "fold":
        jobs.fold_block()
    elif name == "recount":
        services.recount(db.session.connection())
    elif lead.deleted_at:
        bin.restore(lead, by=ada)
    elif name == "bin":
        bin.delete(lead, by=ada)
    else:
        update_lead(lead, {name: value}, by=ada, version=lead.version)


def counted(user, zone, start, end):
    """Source and day -> leads, by looking at each."""
    found = Counter()
    for lead in db.session.scalars(sa.select(Lead).where(Lead.deleted_at.is_(None))):
        day = lead.received_at.astimezone(ZoneInfo(zone)).date()
        sees = user.role == "admin" or lead.owner_id in (user.id, None)
        if sees and (not start or day >= start) and (not end or day < end):
            found[lead.source_id, day] += 1
    return found


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(leads=LEADS, acts=ACTS, span=SPANS, zone=st.sampled_from(ZONES), name=st.sampled_from(("ada", "bob")))
def test_tallies_agree_with_a_count(context, person, leads, acts, span, zone, name):
    ada, user = person("ada"), person(name)
    db.session.execute(sa.update(Role).where(Role.name == "agent").values(reach="own"))
    set_clock(zone)
    drafts = [
        LeadDraft(channel="form", last_name="L", received_at=at, source=source, owner=owner)
        for at, source, owner in leads
    ]
    ids = [outcome.lead_id for outcome in create_leads(drafts, by=ada)]
    for what, number, value in acts:
        act(ada, what, db.session.get(Lead, ids[number % len(ids)]), value)
    db.session.flush()

    start, end = span
    expected, here = counted(user, zone, start, end), ZoneInfo(zone)
    asked = tallies.Asked(dimension="source", start=start, end=end)
    assert tallies.clock() == here
    by_source, by_day = Counter(), Counter()
    for (source, day), number in expected.items():
        by_source[source] += number
        by_day[day] += number
    assert tallies.by_value(user, asked, here) == dict(by_source)
    months = Counter()
    for day, its in tallies.by_day(user, asked, here, by_month=True).items():
        months[day.replace(day=1)] += sum(its.values())
    assert months == Counter(dict.fromkeys(months, 0)) + _months(by_day)
    if start and end:
        days_told = tallies.by_day(user, asked, here, by_month=False)
        assert {day: sum(its.values()) for day, its in days_told.items()} == dict(by_day)
    _same_as_recount()
    db.session.rollback()


def _months(by_day):
    found = Counter()
    for day, number in by_day.items():
        found[day.replace(day=1)] += number
    return found


def _same_as_recount():
    while jobs.fold_block():
        pass
    names = [column for column in LeadDays.__table__.columns if column.name != "leads"]
    kept = {tuple(row[:-1]): row[-1] for row in db.session.execute(sa.select(*names, LeadDays.leads)) if row[-1]}
    zone = db.session.scalar(sa.select(CounterState.time_zone))
    found = services.counted(db.session.connection(), zone).days
    assert {(d, s, day, value, owner): n for (d, s, day, value, owner), n in found.items()} == kept


@pytest.mark.parametrize(
    ("start", "end"),
    [(None, None), (date(2026, 1, 15), date(2026, 1, 20)), (date(2026, 1, 1), date(2026, 2, 1)),
     (date(2026, 1, 31), date(2026, 3, 1)), (date(2024, 2, 29), date(2024, 3, 1)), (date(2025, 11, 30), None),
     (None, date(2026, 5, 5)), (None, date(9999, 12, 31)), (date(9999, 12, 2), None),
     (date(2026, 5, 5), date(2026, 5, 5)), (date(2026, 6, 6), date(2026, 5, 5))],
)  # fmt: skip
def test_stretches_cover_each_day_once(start, end):
    """Days near the edges, each under the spans that the counters have of it."""
    near = [date(2026, 1, 15), date(2026, 2, 1), date(2024, 2, 29), date(9999, 12, 31), date(1, 1, 1)]
    near += [edge for edge in (start, end) if edge]
    for day in {it + timedelta(days=n) for it in near for n in (-40, -1, 0, 1, 40) if 60 < it.toordinal() < 3652000}:
        ordinal = day.toordinal()
        spans = {days.EVER: 0, days.MONTH: days.month_of(ordinal), days.DAY: ordinal}
        hits = [s for s in days.stretches(start, end) if s.first <= spans[s.span] < s.end]
        assert len(hits) == int((not start or day >= start) and (not end or day < end)), (day, hits)


@pytest.fixture
def clocked(context, person, make_lead):
    with force_locale("en"):
        set_clock("Europe/Paris")
        db.session.commit()
        for owner in OWNERS:
            make_lead(owner=owner, source="whatsapp")
        db.session.commit()
        yield


def test_the_counters_answer_what_they_can_and_rows_the_rest(clocked, person, count_queries):
    reader = reader_for(person("ada"))
    with count_queries() as statements:
        assert reader.count() == 3
        assert reader.count({"source": "whatsapp"}, Period(start=date(2020, 1, 1))) == 3
        assert [part.value for part in reader.leads_by("source")] == [3]
        assert sum(part.value for part in reader.leads_over_time("month")) == 3
    assert not [one for one in statements if "FROM leads" in one]
    with count_queries() as statements:
        assert reader.count({"source": "whatsapp", "type": "none"}) + reader.count({"gender": "none"}) >= 3
    assert len([one for one in statements if "leads" in one and "lead_days" not in one]) >= 2


def test_the_version_changes_with_what_the_reader_sees_alone(clocked, person, make_lead):
    db.session.execute(sa.update(Role).where(Role.name == "agent").values(reach="own"))
    db.session.commit()
    ada, bob = person("ada"), person("bob")
    before = {who: tallies.version_for(who) for who in (ada, bob)}
    jobs.fold_block()
    db.session.commit()
    assert {who: tallies.version_for(who) for who in (ada, bob)} == before  # nothing has changed but the place
    db.session.commit()
    make_lead(owner="ada@example.org")
    assert tallies.version_for(ada) != before[ada]
    assert tallies.version_for(bob) == before[bob]
    lead = db.session.scalars(sa.select(Lead).where(Lead.owner_id == bob.id)).first()
    update_lead(lead, {"first_name": "Eva"}, by=ada, version=lead.version)
    db.session.commit()
    assert tallies.version_for(bob) != before[bob]


def test_another_clock_is_counted_anew_by_the_worker(clocked, person):
    db.session.execute(sa.update(Hub).values(time_zone="Pacific/Auckland"))
    db.session.commit()
    db.session.info.pop("hub", None)
    for _step in jobs.fold({}):
        db.session.commit()
    db.session.commit()
    assert tallies.clock() == ZoneInfo("Pacific/Auckland")
    assert db.session.scalar(sa.select(sa.func.count(LeadDelta.id))) == 0
    _same_as_recount()


def test_what_is_folded_while_it_is_counted_anew_makes_it_vain(clocked, make_lead):
    found = services.counted_aside("Europe/Paris")
    db.session.commit()
    make_lead()
    jobs.fold_block()
    with pytest.raises(services.CountedInVain):
        services.install(db.session.connection(), found)


def test_doctor_compares_and_mends(clocked, app, make_lead):
    run = app.test_cli_runner().invoke
    make_lead(source="web-form")
    assert "agree with the leads" in run(args=["doctor", "--recount"]).output
    jobs.fold_block()
    db.session.execute(sa.update(LeadDays).where(LeadDays.dimension == 1).values(leads=LeadDays.leads + 1))
    db.session.execute(sa.update(LeadCount).values(rest=LeadCount.rest + 1))
    db.session.commit()

    mended = run(args=["doctor", "--recount"])
    assert "were mended" in mended.output
    assert int(mended.output.split()[0]) > 6
    assert "agree with the leads" in run(args=["doctor", "--recount"]).output


def test_times_in_stages_are_folded_as_they_are_recounted(clocked, person):
    ada = person("ada")
    lead = db.session.scalars(sa.select(Lead)).first()
    for stage in ("sales.in-evaluation", "sales.in-negotiation", "sales.in-evaluation"):
        update_lead(lead, {"stage": stage}, by=ada, version=lead.version)
        db.session.commit()
    while jobs.fold_block():
        pass
    rows = sa.select(*StageTime.__table__.columns).where(StageTime.visits > 0)
    folded = {tuple(row) for row in db.session.execute(rows)}
    assert sum(row[-1] for row in folded if row[1] == days.EVER) == 3
    assert folded == set(services.counted(db.session.connection(), "Europe/Paris").times)
