"""Folds and recounts at once; versions that never come again; what tells of the leads of others."""

import re
import threading
import time
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.accounts.queries import user_by_email
from leadhub.accounts.services import create_team
from leadhub.extensions import db
from leadhub.leads import reading_kept
from leadhub.leads.activities import Activity, log
from leadhub.leads.counters import jobs, services, tallies
from leadhub.leads.counters.models import StageTime
from leadhub.leads.queries import lead_seen_by
from leadhub.leads.reading import reader_for
from leadhub.lists.drafts import RowDraft
from leadhub.lists.models import Source
from leadhub.pipelines import services as pipelines

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
PARIS = "Europe/Paris"


def beside(app, work):
    """In a thread of its own: what it gave, or raised."""
    found = []

    def run():
        with app.app_context():
            try:
                found.append(work())
                db.session.commit()
            except Exception as error:
                db.session.rollback()
                found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def test_a_fold_that_waits_for_a_recount_goes_on(app, make_lead, database):
    if database == "sqlite":
        pytest.skip("writers wait for each other there")
    make_lead()
    with app.app_context():
        services.install(db.session.connection(), services.counted_aside(PARIS))
        thread, found = beside(app, jobs.fold_block)
        time.sleep(0.7)
        db.session.commit()
        thread.join(10)
    assert not isinstance(found[0], Exception), repr(found[0])


def test_two_recounts_of_a_hub_where_nothing_was_folded_lose_nothing(app, make_lead, database):
    """As after an upgrade: the worker counts all, and so does ``doctor --recount``."""
    if database == "sqlite":
        pytest.skip("writers wait for each other there")
    make_lead()
    with app.app_context():
        early = services.counted_aside(PARIS)
    make_lead()
    with app.app_context():
        late = services.counted_aside(PARIS)
        assert early.folds == late.folds == 0
        services.install(db.session.connection(), late)
        thread, _found = beside(app, lambda: services.install(db.session.connection(), early))
        time.sleep(0.7)
        db.session.commit()
        thread.join(10)
    with app.app_context():
        assert services.checked_aside(PARIS)[1] == 0


@pytest.mark.one_database
def test_a_recount_does_not_bring_an_old_version_again(app, make_lead, monkeypatch):
    monkeypatch.setattr(reading_kept, "WORTH", -1)  # else it depends on how long a count takes
    make_lead(first_name="Eva")
    with app.test_request_context():
        ada = user_by_email("ada@example.org")
        seen = tallies.version_for(ada)
        assert reader_for(ada).count({"first_name": "Eva"}) == 1
        services.recount(db.session.connection())
        db.session.commit()
    make_lead(first_name="Eva")
    with app.test_request_context():
        ada = user_by_email("ada@example.org")
        assert reader_for(ada).count({"first_name": "Eva"}) == 2
        assert tallies.version_for(ada) != seen


@pytest.mark.one_database
def test_a_note_is_another_version(app, client, make_lead, person):
    """Of *Time to first response* and *Stagnating leads*."""
    lead_id = make_lead()
    before = client.get("/dashboard/version").text
    with app.app_context():
        log(lead_seen_by(person("ada"), lead_id), Activity(kind="note", body="x"), by=person("ada"), link="http://x")
        db.session.commit()
    assert client.get("/dashboard/version").text != before


@pytest.mark.one_database
def test_another_name_of_a_source_is_another_version(app, client, make_lead):
    make_lead(source="whatsapp")
    before = client.get("/dashboard/version").text
    with app.app_context():
        row = db.session.scalar(sa.select(Source).where(Source.key == "whatsapp"))
        row.names = {**row.names, "en": "Chat"}
        db.session.commit()
    assert client.get("/dashboard/version").text != before


def times():
    """What the counters say, and what a count of the paths says."""
    kept = {(it.stage_id, it.span, it.day, it.power): it.visits for it in db.session.scalars(sa.select(StageTime))}
    return kept, {tuple(row[:4]): row[4] for row in services._times(db.session.connection(), ZoneInfo(PARIS))}


@pytest.mark.one_database
def test_colours_do_not_tell_of_leads_of_others(app, client_of, make_lead):
    with app.app_context():
        db.session.execute(sa.update(Role).where(Role.name == "agent").values(reach="own"))
        services.recount(db.session.connection())
        db.session.commit()
    make_lead(source="whatsapp", owner="bob@example.org")
    tones = lambda: re.findall(  # noqa: E731
        r'class="dot (tone-[\w]+)"', client_of("bob").get("/dashboard/widgets/leads_by_source", headers=PARTIAL).text
    )
    before = tones()
    for key in ("linkedin", "web-form", "website", "directory", "trade-fair", "advertising", "referral", "e-mail"):
        for _number in range(2):
            make_lead(source=key, owner="mia@example.org")
    assert tones() == before


@pytest.mark.one_database
def test_the_bar_offers_no_pipeline_of_another_team(app, client_of):
    with app.app_context():
        ada = user_by_email("ada@example.org")
        north, south = create_team("North", by=ada), create_team("South", by=ada)
        db.session.flush()
        user_by_email("bob@example.org").team_id = south.id
        draft = RowDraft(names={"en": "Secret plan", "fr": "Plan secret"}, extras={"team_id": north.id})
        pipelines.add_pipeline(draft, ready="support", by=ada)
        db.session.commit()
    assert "Secret plan" not in client_of("bob").get("/dashboard/").text
