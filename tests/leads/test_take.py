"""Taking a lead that nobody has, and the owner that a source brings along."""

import re
import threading

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role, User
from leadhub.accounts.queries import user_by_email
from leadhub.accounts.services import datastore
from leadhub.database import utcnow
from leadhub.errors import NotAllowed
from leadhub.extensions import db
from leadhub.leads import bin, taking
from leadhub.leads.models import Lead
from leadhub.leads.services import create_lead, create_leads
from leadhub.lists.models import Source
from leadhub.lists.services import rows_named
from leadhub.plugins.api import LeadDraft

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}
MANY = 20


@pytest.fixture
def narrow(app):
    """Everybody but admins sees their own leads alone."""
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.commit()


@pytest.fixture
def fair(app):
    """The source Fair, whose leads go to bob."""
    with app.app_context():
        rows_named(Source, ["Fair"], language="en")["Fair"].default_owner_id = user_by_email("bob@example.org").id
        db.session.commit()


def owner_of(app, lead_id):
    with app.app_context():
        lead = db.session.get_one(Lead, lead_id)
        return lead.owner.email if lead.owner else None


def test_who_takes_a_lead_owns_it_and_the_history_says_so(client_of, make_lead, rows):
    lead_id = make_lead()

    answer = client_of("bob").post(f"/leads/{lead_id}/take")

    (lead,), line = rows("leads"), rows("lead_events")[-1]
    assert (answer.status_code, answer.location) == (303, f"/leads/{lead_id}")
    assert (lead["owner_id"], lead["version"]) == (line["by_id"], 2)
    assert (line["kind"], line["version"]) == ("changed", 2)
    assert '"owner", "old": "", "new": "Bob"' in str(line["changes"]).replace("'", '"')


def test_the_second_is_told_who_was_faster_and_keeps_the_page(client_of, make_lead, rows):
    lead_id = make_lead()
    client_of("bob").post(f"/leads/{lead_id}/take")
    before = rows("leads"), rows("lead_events")

    answer = client_of("mia").post(f"/leads/{lead_id}/take", headers=PIECE)

    assert answer.status_code == 409
    assert "Bob has taken this lead already." in answer.text
    assert answer.headers["HX-Retarget"] == "#messages"
    assert (rows("leads"), rows("lead_events")) == before


def test_who_presses_twice_has_it_once(client_of, make_lead, rows):
    lead_id, bob = make_lead(), client_of("bob")
    bob.post(f"/leads/{lead_id}/take")

    assert bob.post(f"/leads/{lead_id}/take").status_code == 303
    assert rows("leads")[0]["version"] == 2


def test_of_ones_own_lead_that_is_in_the_bin_one_is_told_so(client, client_of, make_lead):
    lead_id, bob = make_lead(), client_of("bob")
    seen = re.search(r'name="seen" value="([^"]+)"', bob.get(f"/leads/{lead_id}").text)[1]
    bob.post(f"/leads/{lead_id}/take")
    client.post(f"/leads/{lead_id}/delete")

    answer = bob.post(f"/leads/{lead_id}/take", data={"seen": seen})

    assert answer.status_code == 409
    assert "in the bin" in answer.text


def test_htmx_is_led_to_the_page_of_the_lead(client_of, make_lead):
    lead_id = make_lead()

    answer = client_of("bob").post(f"/leads/{lead_id}/take", headers=PIECE)

    assert answer.headers["HX-Redirect"] == f"/leads/{lead_id}"


def test_the_slower_one_is_told_although_the_lead_is_out_of_their_reach_now(app, client_of, make_lead, narrow):
    lead_id = make_lead()
    mia = client_of("mia")
    with app.test_request_context():
        mark = mark_of(app, lead_id, "mia")
    client_of("bob").post(f"/leads/{lead_id}/take")

    assert "Bob has taken this lead already." in mia.post(f"/leads/{lead_id}/take", data={"seen": mark}).text


@pytest.mark.one_database
@pytest.mark.parametrize("seen", ["", "nonsense", "of another lead", "of another person"])
def test_who_has_not_seen_the_lead_learns_nothing(app, client_of, make_lead, narrow, seen):
    lead_id, other = make_lead(owner="bob@example.org"), make_lead()
    with app.test_request_context():
        marks = {"of another lead": mark_of(app, other, "mia"), "of another person": mark_of(app, lead_id, "vic")}

    answer = client_of("mia").post(f"/leads/{lead_id}/take", data={"seen": marks.get(seen, seen)})

    assert answer.status_code == 404
    assert "Bob" not in answer.text


def mark_of(app, lead_id, name):
    """What the page of the lead puts into the form for this person."""
    from flask_security import login_user

    login_user(user_by_email(f"{name}@example.org"))
    text = app.jinja_env.from_string("{{ seen_mark(lead) }}")
    return text.render(lead=db.session.get_one(Lead, lead_id))


@pytest.mark.one_database
@pytest.mark.parametrize("reason", ["viewer", "in the bin", "gone"])
def test_a_lead_that_is_not_to_be_had_is_refused(app, client_of, make_lead, person, reason):
    lead_id = make_lead()
    with app.app_context():
        if reason == "in the bin":
            bin.delete(db.session.get_one(Lead, lead_id), by=person("ada"))
            db.session.commit()
    name, wanted = ("vic", lead_id) if reason == "viewer" else ("bob", lead_id + (reason == "gone"))

    assert client_of(name).post(f"/leads/{wanted}/take").status_code == (403 if reason == "viewer" else 404)
    assert owner_of(app, lead_id) is None


def test_somebody_who_is_being_deactivated_takes_nothing(context, make_lead, person):
    lead_id = make_lead()
    bob = person("bob")
    db.session.execute(
        sa.update(User).where(User.id == bob.id).values(active=False), execution_options={"synchronize_session": False}
    )

    with pytest.raises(NotAllowed):
        taking.take(lead_id, by=bob)


def test_of_twenty_at_once_one_gets_the_lead_and_the_others_are_told_who(app, make_lead, rows):
    lead_id, emails = make_lead(), new_people(app)
    start, told = threading.Barrier(MANY), []

    def take(email):
        with app.app_context():
            user = user_by_email(email)
            user.may("leads.write")
            db.session.rollback()
            start.wait(10)
            try:
                taking.take(lead_id, by=user)
                db.session.commit()
                told.append("")
            except taking.TakenAlready as error:
                told.append(str(error))

    threads = [threading.Thread(target=take, args=(email,)) for email in emails]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    winner = owner_of(app, lead_id).partition("@")[0]
    assert sorted(told) == ["", *[f"{winner} has taken this lead already."] * (MANY - 1)]
    assert [row["version"] for row in rows("leads")] == [2]
    assert [row["kind"] for row in rows("lead_events")] == ["created", "changed"]


def new_people(app):
    """E-mails of as many agents."""
    with app.app_context():
        for number in range(MANY):
            agent = {
                "email": f"agent{number}@example.org",
                "password": "x",
                "roles": ["agent"],
                "name": f"agent{number}",
            }
            datastore.create_user(**agent, joined_at=utcnow())
        db.session.commit()
    return [f"agent{number}@example.org" for number in range(MANY)]


def test_a_lead_without_an_owner_gets_that_of_its_source(app, client, fair, make_lead):
    client.post("/leads/", data={"last_name": "Typed", "source": "fair", "owner": "", "status": "new"})
    imported = make_lead(channel="import", source="FAIR")

    with app.app_context():
        typed = db.session.scalar(sa.select(Lead).where(Lead.last_name == "Typed"))
        assert typed.owner.email == "bob@example.org"
    assert owner_of(app, imported) == "bob@example.org"


def test_an_owner_that_was_named_goes_before_that_of_the_source(app, fair, make_lead):
    assert owner_of(app, make_lead(source="fair", owner="mia@example.org")) == "mia@example.org"


def test_the_owner_of_a_source_who_has_left_gets_nothing(app, fair, make_lead, person):
    with app.app_context():
        person("bob").active = False
        db.session.commit()

    assert owner_of(app, make_lead(source="fair")) is None


def test_a_second_reading_of_a_file_takes_no_lead_from_who_took_it(context, fair, person):
    draft = {"channel": "import", "last_name": "Roye", "source": "fair", "external_scope": "a", "external_id": "1"}
    lead = create_lead(LeadDraft(**draft, owner="mia@example.org"), by=None)

    create_leads([LeadDraft(**draft, phone="1234")], by=None)

    assert lead.owner.email == "mia@example.org"
    assert re.sub(r"\D", "", lead.phone) == "1234"
