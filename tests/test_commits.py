"""The first test: would a view that forgets to commit be found out?"""

from flask import redirect

from leadhub.accounts.access import public
from leadhub.extensions import db
from leadhub.leads.services import create_lead
from leadhub.plugins.api import LeadDraft


def test_a_view_without_commit_stores_nothing(app, rows):
    @app.post("/forgetful")
    @public
    def forgetful():
        create_lead(LeadDraft(channel="form", last_name="Lost"), by=None)
        return redirect("/")

    app.test_client().post("/forgetful")

    assert rows("leads") == []


def test_a_view_with_commit_stores_its_lead(app, rows):
    @app.post("/careful")
    @public
    def careful():
        create_lead(LeadDraft(channel="form", last_name="Kept"), by=None)
        db.session.commit()
        return redirect("/")

    app.test_client().post("/careful")

    assert [lead["last_name"] for lead in rows("leads")] == ["Kept"]
