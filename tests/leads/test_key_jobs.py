"""Keys are made anew: phones are read otherwise in another country, and old rows are folded as new ones are."""

import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs.worker import Worker
from leadhub.leads.key_jobs import renew_keys
from leadhub.leads.models import Lead
from leadhub.plugins.api import Reach
from leadhub.plugins.api.leads import Address


def test_another_country_gives_phones_another_key(app, make_lead, rows):
    make_lead(phone="06 12 34 56 78", phones=(Reach(value="01 23 45 67 89", type="home"),))
    make_lead(phone="+44 7700 900123")
    with app.app_context():
        hub().country = "FR"
        renew_keys()
        db.session.commit()

    Worker(app).work_off()

    assert [row["phone_key"] for row in rows("leads")] == ["+33612345678", "+447700900123"]
    assert [row["key"] for row in rows("lead_reaches")] == ["+33123456789"]
    assert [row["version"] for row in rows("leads")] == [1, 1]


def test_keys_of_whatever_was_there_are_those_of_a_new_lead(app, make_lead, rows):
    names = {"first_name": "Hélène", "last_name": "Lefèvre", "organisation": "Élan", "job_title": "Chef"}
    make_lead(**names, email="h@x.example", emails=(Reach(value="i@x.example"),), addresses=(Address(city="Évry"),))
    keys = ("search_key", "sort_key", "person_key", "organisation_key", "job_title_key", "next_contact_note_key")
    before = [rows("leads")[0][key] for key in keys], rows("lead_addresses")
    with app.app_context():
        db.session.execute(sa.update(Lead).values(dict.fromkeys(keys, " old")))
        db.session.execute(sa.text("UPDATE lead_addresses SET city_key = ''"))
        renew_keys()
        db.session.commit()

    Worker(app).work_off()

    assert ([rows("leads")[0][key] for key in keys], rows("lead_addresses")) == before
    assert rows("leads")[0]["version"] == 1
