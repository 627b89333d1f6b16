"""Mentions and followers: who is meant, who follows from then on, who gets a mail."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role, User
from leadhub.extensions import db
from leadhub.jobs.models import Effect
from leadhub.jobs.worker import Worker
from leadhub.leads import activities, following
from leadhub.leads.activities import Activity
from leadhub.leads.models import Lead, LeadFollower
from tests import mail_servers

LINK = "https://crm.example.org/leads/1"


@pytest.fixture
def inbox():
    with mail_servers.running(auth_require_tls=False) as inbox:
        yield inbox


@pytest.fixture
def app(make_app, settings, inbox):
    """A hub with the inbox for its mail server."""
    server = {"smtp_url": f"smtp://127.0.0.1:{inbox.port}", "mail_from": "hub@example.org"}
    return make_app(settings=replace(settings, **server))


@pytest.fixture
def say(app, person):
    """``say(lead_id, "@mia")``: bob's note."""

    def say(lead_id, body, kind="note", **words):
        with app.app_context():
            lead = db.session.get_one(Lead, lead_id)
            event = activities.log(lead, Activity(kind=kind, body=body, **words), by=person("bob"), link=LINK)
            db.session.commit()
            return event.id

    return say


@pytest.fixture
def follow(app, person):
    """``follow(lead_id, "mia")``"""

    def follow(lead_id, *names):
        with app.app_context():
            following.follow(db.session.get_one(Lead, lead_id), [person(name).id for name in names])
            db.session.commit()

    return follow


@pytest.fixture
def change(app):
    """``change(User, "mia", active=False)``"""

    def change(who, **values):
        with app.app_context():
            db.session.execute(sa.update(User).where(User.email == f"{who}@example.org").values(values))
            db.session.commit()

    return change


@pytest.fixture
def work(app):
    """``work()``: what the worker does with all that waits."""

    def work():
        with app.app_context():
            Worker(app).work_off()

    return work


def followers(app):
    with app.app_context():
        joined = sa.select(User.email).join(LeadFollower, LeadFollower.user_id == User.id).order_by(User.id)
        return [email.partition("@")[0] for email in db.session.scalars(joined)]


def told(inbox):
    return sorted(message["To"].partition("@")[0] for message in inbox.mails)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@mia", ["mia"]),
        ("Ask @Mia, please.", ["mia"]),
        ("(@mia)", ["mia"]),
        ("@mia@example.org: look", ["mia"]),
        ("@ada @mia", ["ada", "mia"]),
        ("@mia @mia", ["mia"]),
        ("mia", []),
        ("zoe@mia", []),
        ("mia@example.org", []),
        ("@miasma", []),
        ("@mia@example.org.uk", []),
        ("@ mia", []),
        ("@nobody", []),
        ("@bob", []),
    ],
)
@pytest.mark.one_database
def test_who_is_meant(app, make_lead, say, text, meant):
    say(make_lead(), text)

    assert followers(app) == meant


@pytest.mark.one_database
def test_the_longest_name_is_meant_whatever_its_accents(app, make_lead, say, change):
    change("ada", name="Élodie")
    change("mia", name="Élodie Dupré-Noël")

    say(make_lead(), "@elodie dupre-noel, look")

    assert followers(app) == ["mia"]


@pytest.mark.one_database
def test_many_signs_cost_one_look_at_the_people(context, make_lead, person, count_queries):
    lead = db.session.get_one(Lead, make_lead())
    by = person("bob")

    with count_queries() as statements:
        assert following.mentions_in("@mia " * 4000, lead, by=by)

    assert len(statements) <= 3


def test_who_can_not_see_the_lead_is_not_meant(app, make_lead, say, inbox, work):
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.commit()

    say(make_lead(owner="bob@example.org"), "@mia @ada")
    work()

    assert followers(app) == ["ada"]
    assert told(inbox) == ["ada"]


def test_whoever_is_mentioned_gets_a_mail_in_their_language(app, make_lead, say, change, inbox, work):
    change("mia", language="fr")
    lead_id = make_lead(last_name="Dupré")

    event_id = say(lead_id, "@mia **look** at this")
    work()

    (message,) = inbox.mails
    text = message.get_body(["plain"]).get_content()
    assert "Dupré" in message["Subject"]
    assert f"{LINK}#event-{event_id}" in text
    assert "**look** at this" in text
    assert 'lang="fr"' in message.get_body(["html"]).get_content()


@pytest.mark.parametrize(
    ("kind", "words", "said"),
    [
        ("note", {}, "wrote a note"),
        ("call", {"outcome": "no_answer"}, "no answer"),
        ("meeting", {"happens_at": datetime(2026, 12, 1, 8, tzinfo=UTC)}, "1 December 2026"),
        ("meeting", {"happens_at": datetime(2020, 12, 1, 8, tzinfo=UTC)}, "entered a meeting"),
    ],
)
@pytest.mark.one_database
def test_followers_hear_of_each_kind(make_lead, say, follow, inbox, work, kind, words, said):
    lead_id = make_lead()
    follow(lead_id, "mia")

    say(lead_id, "x", kind, **words)
    work()

    (message,) = inbox.mails
    assert said in message.get_body(["plain"]).get_content()


def test_followers_get_one_mail_each_and_the_author_none(app, make_lead, say, follow, inbox, work):
    lead_id = make_lead()
    follow(lead_id, "mia", "ada", "bob")

    say(lead_id, "@mia")
    work()

    assert told(inbox) == ["ada", "mia"]


def test_the_one_who_writes_is_made_no_follower(app, make_lead, say):
    say(make_lead(), "x")

    assert followers(app) == []


def test_a_mail_is_sent_once_however_often_the_job_runs(app, make_lead, say, follow, inbox, work):
    lead_id = make_lead()
    follow(lead_id, "mia")
    event_id = say(lead_id, "x")
    work()
    with app.app_context():
        following.tell({"event": event_id, "link": LINK})
        db.session.commit()
    work()

    assert told(inbox) == ["mia"]


def test_whether_somebody_may_see_it_is_asked_when_it_is_told(app, make_lead, say, follow, change, inbox, work):
    lead_id = make_lead(owner="bob@example.org")
    follow(lead_id, "mia", "vic")
    say(lead_id, "x")
    change("vic", active=False)
    with app.app_context():
        db.session.execute(sa.update(Role).where(Role.name == "manager").values(reach="own"))
        db.session.commit()

    work()

    assert told(inbox) == []


def test_nobody_hears_of_a_lead_in_the_bin(app, make_lead, say, follow, inbox, work):
    lead_id = make_lead()
    follow(lead_id, "ada")
    say(lead_id, "x")
    with app.app_context():
        db.session.execute(sa.update(Lead).values({Lead.deleted_at: sa.func.now()}))
        db.session.commit()

    work()

    assert told(inbox) == []


def test_of_a_lead_that_is_gone_nobody_is_told(context):
    following.tell({"event": 999, "link": LINK})

    assert db.session.query(Effect).count() == 0


def test_without_a_mail_server_a_mention_is_followed_and_nothing_waits(make_app, make_lead, person):
    with make_app().app_context():
        lead = db.session.get_one(Lead, make_lead())
        activities.log(lead, Activity(kind="note", body="@mia"), by=person("bob"), link=LINK)
        db.session.commit()

        assert db.session.query(Effect).count() == 0
        assert following.is_following(lead, person("mia"))


def test_following_twice_and_unfollowing_twice_are_nothing(context, make_lead, person):
    lead, mia = db.session.get_one(Lead, make_lead()), person("mia")
    for _time in range(2):
        following.follow(lead, [mia.id])
    assert following.is_following(lead, mia)

    for _time in range(2):
        following.unfollow(lead, mia)
    assert not following.is_following(lead, mia)
