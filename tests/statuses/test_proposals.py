"""Statuses that plugins propose: added, said to be one of the hub's own, declined; named by the guard."""

import re

import pytest

from leadhub.extensions import db
from leadhub.plugins.api import Status, StatusRule, hookimpl
from leadhub.statuses import proposals
from leadhub.statuses import services as status_services
from leadhub.statuses.deletion import delete_status, undo_deletion
from leadhub.statuses.models import Status as Row
from leadhub.statuses.models import StatusProposal
from leadhub.statuses.models import StatusRule as RuleRow

URL = "/settings/statuses/proposals/"
TRIAL = Status(key="trial", names={"en": "On trial", "fr": "À l’essai"}, colour="lime")


class Trial:
    @hookimpl
    def register_statuses(self):
        return [TRIAL]

    @hookimpl
    def register_status_rules(self):
        words = {"en": "a trial runs"}
        return [StatusRule(key="trial", label=words, priority=10, holds=lambda facts: None, wished=TRIAL)]


@pytest.fixture
def app(make_app):
    app = make_app([("trial", Trial())])
    with app.app_context():
        status_services.adopt_rules()
        db.session.commit()
    return app


@pytest.fixture
def ada(context, person):
    return person("ada")


def row(key):
    return db.session.query(Row).filter_by(key=key).one_or_none()


def bound():
    return db.session.query(RuleRow).filter_by(rule="trial.trial").one().status_id


def keys():
    return [proposal.status.key for proposal in proposals.open_proposals()]


def test_bundled_and_other_plugins_propose(context):
    assert keys() == ["to-call-back", "interested", "not-reachable", "trial"]


def test_one_that_is_added_is_there_and_bound_to_the_rules_that_wish_for_it(ada):
    made = proposals.answer("trial", proposals.ADDED, by=ada)
    db.session.commit()

    assert (made.key, made.names, made.colour) == ("trial", dict(TRIAL.names), "lime")
    assert bound() == made.id
    assert "trial" not in keys()


def test_one_of_the_hubs_own_can_stand_for_it(ada):
    mine = row("opportunity")

    proposals.answer("trial", proposals.MINE, status=mine, by=ada)
    db.session.commit()

    assert (row("trial"), bound(), keys()[-1]) == (None, mine.id, "not-reachable")


def test_one_that_is_declined_is_not_proposed_again(ada):
    proposals.answer("trial", proposals.DECLINED, by=ada)
    db.session.commit()

    assert (row("trial"), bound()) == (None, None)
    assert "trial" not in keys()
    with pytest.raises(proposals.NotProposed):
        proposals.answer("trial", proposals.ADDED, by=ada)


def test_the_guard_moves_what_a_proposal_means_and_gives_it_back(ada):
    mine = row("closed")
    proposals.answer("interested", proposals.MINE, status=mine, by=ada)
    gone = delete_status(mine.id, row("open").id, by=ada)
    db.session.commit()
    assert db.session.get(StatusProposal, "interested").status_id == row("open").id

    undo_deletion(gone, by=ada)
    db.session.commit()

    assert db.session.get(StatusProposal, "interested").status_id == row("closed").id


@pytest.mark.one_database
def test_the_page_proposes_and_takes_answers(client, client_of, app):
    page = client.get("/settings/statuses/").text
    assert "4 statuses are proposed by plugins" in page

    assert client.post(URL, data={"key": "interested", "how": "added"}).status_code == 303
    assert client.post(URL, data={"key": "trial", "how": "declined"}).status_code == 303
    assert client.post(URL, data={"key": "to-call-back", "how": "mine"}).status_code == 303  # without a choice

    after = client.get("/settings/statuses/").text
    assert set(re.findall(r'id="proposal-([a-z-]+)"', after)) == {"to-call-back", "not-reachable"}
    assert "Choose a status." in after
    assert client_of("bob").post(URL, data={"key": "trial", "how": "added"}).status_code == 403
    assert client_of().post(URL, data={"key": "trial", "how": "added"}).status_code == 303
