"""The one rule of who sees what: all, the team's, one's own; what nobody holds; nobody."""

import pytest
import sqlalchemy as sa

from leadhub.accounts import services
from leadhub.accounts.models import Role, Team
from leadhub.accounts.visibility import may_see, visible
from leadhub.extensions import db
from leadhub.leads import queries
from leadhub.leads.listing.pages import page_of
from leadhub.leads.listing.state import state_from
from leadhub.leads.listing.totals import total_of
from leadhub.leads.models import Lead

pytestmark = pytest.mark.usefixtures("context")
EVERYTHING = {"mine", "mate's", "other's", "nobody's"}


@pytest.fixture
def holders(person, make_lead):
    """Bob and mia are of one team, ada and vic of another; a lead of bob's, one of mia's, one of vic's, a free one."""
    north, south = Team(name="North"), Team(name="South")
    db.session.add_all([north, south])
    for name, team in {"bob": north, "mia": north, "vic": south, "ada": south}.items():
        person(name).team = team
    db.session.commit()
    for name, owner in {"mine": "bob", "mate's": "mia", "other's": "vic"}.items():
        make_lead(last_name=name, owner=f"{owner}@example.org")
    make_lead(last_name="nobody's")


def reach(**reaches):
    for role, far in reaches.items():
        db.session.execute(sa.update(Role).where(Role.name == role).values(reach=far))
    db.session.commit()


def seen_by(user):
    return {lead.last_name for lead in db.session.scalars(visible(user, Lead))}


@pytest.mark.parametrize(
    ("far", "seen"),
    [("all", EVERYTHING), ("team", {"mine", "mate's", "nobody's"}), ("own", {"mine", "nobody's"})],
)
def test_an_agent_sees_as_far_as_the_role_reaches(holders, person, far, seen):
    reach(agent=far)

    assert seen_by(person("bob")) == seen


@pytest.mark.parametrize(("far", "seen"), [("all", EVERYTHING), ("team", {"other's"}), ("own", {"other's"})])
def test_a_viewer_who_can_not_write_does_not_see_what_nobody_holds(holders, person, far, seen):
    reach(viewer=far)

    assert seen_by(person("vic")) == seen


def test_an_admin_sees_all_whatever_the_table_says(holders, person):
    reach(admin="own")

    assert seen_by(person("ada")) == EVERYTHING


def test_until_there_is_a_second_team_everybody_is_of_one(holders, person):
    reach(agent="team")
    person("ada").team = person("vic").team = None
    services.delete_team(db.session.scalar(sa.select(Team).where(Team.name == "South")), by=person("ada"))
    db.session.commit()

    assert seen_by(person("bob")) == EVERYTHING


def test_somebody_of_no_team_has_no_mates(holders, person):
    reach(agent="team")
    person("bob").team = person("mia").team = None
    db.session.commit()

    assert seen_by(person("bob")) == {"mine", "nobody's"}


def test_nobody_and_a_deactivated_person_see_nothing(holders, person):
    person("mia").active = False

    assert seen_by(None) == set()
    assert seen_by(person("mia")) == set()


def test_list_count_page_and_single_lead_go_by_the_rule(holders, person):
    reach(agent="own")
    bob = person("bob")
    state, named = state_from({}, bob), state_from({"q": ["mate"]}, bob)
    hidden = db.session.scalar(sa.select(Lead).where(Lead.last_name == "mate's"))

    assert total_of(bob, state) == 2
    assert len(page_of(bob, state).leads) == 2
    assert queries.lead_seen_by(bob, hidden.id) is None
    assert not may_see(bob, hidden)
    assert total_of(bob, named) == 0


def test_the_rule_costs_no_query_of_its_own(holders, person, count_queries):
    reach(agent="team")
    bob = person("bob")
    bob.reach  # noqa: B018  # loads the role

    with count_queries() as statements:
        seen_by(bob)

    assert len(statements) == 1
