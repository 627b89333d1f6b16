"""Days of the statistics are the hub's, around midnight and changes of clocks; the list that opens has the same."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import User
from leadhub.dashboard.scope import words_of
from leadhub.extensions import db
from leadhub.hub.models import Hub
from leadhub.leads.counters import services
from leadhub.leads.listing import periods
from leadhub.leads.listing.periods import Span, before, span_of
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft, Period

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
CHANGES = {
    "Europe/Paris": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "America/Los_Angeles": (datetime(2026, 3, 8, 10, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)),
    "Pacific/Auckland": (datetime(2026, 4, 4, 14, tzinfo=UTC), datetime(2026, 9, 26, 14, tzinfo=UTC)),
}


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize("is_counted", [True, False])
@pytest.mark.parametrize("zone", CHANGES)
def test_days_are_the_hubs_and_the_list_shows_the_same(client, app, zone, is_counted):
    here = ZoneInfo(zone)
    moments = [change + timedelta(hours=hours, minutes=1) for change in CHANGES[zone] for hours in range(-40, 41, 5)]
    moments += [datetime(2024, 2, 29, hour, tzinfo=UTC) for hour in (0, 8, 12, 13, 23)]
    with app.app_context():
        db.session.execute(sa.update(Hub).values(time_zone=zone))
        db.session.execute(sa.update(User).values(time_zone="Asia/Tokyo"))
        create_leads([LeadDraft(channel="form", last_name="L", received_at=at) for at in moments], by=None)
        db.session.flush()
        if is_counted:
            services.recount(db.session.connection())
        db.session.commit()

    days = {moment.astimezone(here).date() for moment in moments}
    for one in sorted(days | {one + timedelta(days=1) for one in days}):
        html = client.get(f"/dashboard/widgets/new_leads?period=custom&start={one}&end={one}", headers=PARTIAL).text
        way, told = re.search(r'href="(/leads/[^"]*)"[^>]*>([\d,]+)<', html).groups()
        assert int(told) == sum(moment.astimezone(here).date() == one for moment in moments), one
        assert len(re.findall(r'<tr id="lead-', client.get(unescape(way)).text)) == int(told)
    over_time = client.get("/dashboard/widgets/leads_over_time?leads_over_time.step=day", headers=PARTIAL).text
    assert sum(map(int, re.findall(r'data-value="(\d+)"', over_time))) <= len(moments)
    listed = client.get("/leads/?received_at=2026-03-08&clock=hub").text
    assert f"on the clock of {zone.replace('_', ' ')}" in listed


@pytest.mark.parametrize(
    ("word", "today", "first", "last"),
    [
        ("today", "2024-03-01", "2024-02-29", "2024-02-29"),
        ("this-week", "2026-11-25", "2026-11-16", "2026-11-18"),  # a Wednesday: three days of both weeks
        ("last-week", "2026-11-25", "2026-11-09", "2026-11-15"),
        ("this-month", "2026-03-31", "2026-02-01", "2026-02-28"),  # February has no 31st
        ("this-month", "2026-11-30", "2026-10-01", "2026-10-30"),
        ("last-month", "2026-03-10", "2026-01-01", "2026-01-31"),
        ("this-quarter", "2026-02-10", "2025-10-01", "2025-11-10"),
        ("last-quarter", "2026-02-10", "2025-07-01", "2025-09-30"),
        ("this-year", "2024-12-31", "2023-01-01", "2023-12-31"),
        ("this-year", "2025-03-01", "2024-01-01", "2024-02-29"),  # as many days
        ("last-year", "2025-03-01", "2023-01-01", "2023-12-31"),
        ("last-7-days", "2026-11-25", "2026-11-12", "2026-11-18"),
        ("last-365-days", "2025-01-01", "2023-01-03", "2024-01-02"),
    ],
)
def test_the_period_before_is_as_long(word, today, first, last):
    span = span_of(word, day(today))
    assert before(word, span, day(today)) == Span(day(first), day(last) + timedelta(days=1))


def test_days_of_a_custom_period_have_as_many_before_them():
    assert before("custom", Span(day("2026-03-01"), day("2026-03-11")), day("2026-11-25")) == Span(
        day("2026-02-19"), day("2026-03-01")
    )
    assert before("custom", Span(day("2026-03-01"), None), day("2026-11-25")) is None
    assert before("", Span(None, None), day("2026-11-25")) is None
    assert before("custom", Span(periods.FIRST, day("2026-03-01")), day("2026-11-25")) is None


@pytest.mark.one_database
def test_a_figure_is_compared_with_the_period_before(client, app):
    now = datetime.now(UTC)
    with app.app_context():
        moments = [now] * 3 + [now - timedelta(days=7)] * 2 + [now - timedelta(days=14)] * 9
        create_leads(
            [LeadDraft(channel="form", last_name="L", source="whatsapp", received_at=at) for at in moments], by=None
        )
        db.session.commit()
    figure = client.get("/dashboard/widgets/new_leads?period=last-7-days&compare=y", headers=PARTIAL).text
    assert "+1 (+50%), 2 before" in figure
    assert "shown-change" not in client.get("/dashboard/widgets/new_leads?compare=y", headers=PARTIAL).text
    pie = client.get("/dashboard/widgets/leads_by_source?period=last-7-days&compare=y", headers=PARTIAL).text
    assert 'data-value="3" data-before="2"' in pie
    assert "WhatsApp brings 100% of the leads, as many as before." in pie
    page = client.get("/dashboard/?period=custom&start=2026-03-01&end=2026-03-10&compare=y").text
    assert "1 Mar 2026 – 10 Mar 2026 · compared with 19 Feb 2026 – 28 Feb 2026" in page


@pytest.mark.one_database
def test_days_in_words(context):
    assert words_of(Period()) == ""
    assert words_of(Period(start=day("2026-03-01"), end=day("2026-03-01"))) == "1 Mar 2026"
    assert words_of(Period(start=day("2026-03-01"))) == "since 1 Mar 2026"
    assert words_of(Period(end=day("2026-03-01"))) == "up to 1 Mar 2026"
