"""Phones are read anew for another country."""

from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.jobs.worker import Worker
from leadhub.leads.key_jobs import renew_keys
from leadhub.plugins.api import Reach


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
