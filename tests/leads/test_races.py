"""Two saves of one lead at the same moment."""

import threading

import pytest

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.leads import services
from leadhub.leads.models import Lead


@pytest.fixture
def save_at_once(app, make_lead):
    """``save_at_once({...}, {...})``: ada and bob, who see version 1, each save their change; what each was told."""

    def save_at_once(*changes):
        lead_id, start, told = make_lead(), threading.Barrier(len(changes)), {}

        def save(name, change):
            with app.app_context():
                user = user_by_email(f"{name}@example.org")
                user.may("leads.write")
                db.session.rollback()
                start.wait(10)
                try:
                    services.update_lead(db.session.get_one(Lead, lead_id), change, by=user, version=1)
                    db.session.commit()
                    told[name] = "saved"
                except services.StaleLead as error:
                    told[name] = str(error)

        threads = [threading.Thread(target=save, args=pair) for pair in zip(("ada", "bob"), changes, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return told

    return save_at_once


def test_of_two_changes_of_one_field_one_is_saved_and_the_other_told_whose_it_was(save_at_once, rows):
    told = save_at_once({"job_title": "Boss"}, {"job_title": "Clerk"})

    winner = "ada" if told["ada"] == "saved" else "bob"
    loser = {"ada": "bob", "bob": "ada"}[winner]
    assert told == {winner: "saved", loser: f"{winner.title()} changed this lead meanwhile."}
    (lead,) = rows("leads")
    assert (lead["job_title"], lead["version"]) == ({"ada": "Boss", "bob": "Clerk"}[winner], 2)
    assert [row["kind"] for row in rows("lead_events")] == ["created", "changed"]


def test_changes_of_two_fields_are_both_saved(save_at_once, rows):
    told = save_at_once({"job_title": "Boss"}, {"tags": ("urgent",), "website": "https://a.example"})

    assert told == {"ada": "saved", "bob": "saved"}
    (lead,) = rows("leads")
    assert (lead["job_title"], lead["website"], lead["version"]) == ("Boss", "https://a.example", 3)
    assert sorted(row["version"] for row in rows("lead_events")) == [1, 2, 3]
