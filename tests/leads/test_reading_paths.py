"""How far leads came, counted again by hand over random paths; what becomes of them in each stage."""

from collections import Counter
from datetime import date

import pytest

from leadhub.accounts.models import Team
from leadhub.extensions import db
from leadhub.leads.aside import Unanswered
from leadhub.leads.models import Lead
from leadhub.leads.reading import reader_for
from leadhub.leads.services import update_lead
from leadhub.pipelines.deletion import delete_stage, undo_deletion
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import pipelines, stages_of
from leadhub.plugins.api import Period
from tests.leads.paths import cohort, mine, place_of, set_reach, world

SOME = Period(start=date(2026, 10, 17), end=date(2026, 11, 5))
READERS = [("ada", "all", {}, None, None), ("bob", "own", {}, ("bob@example.org", ""), None),
           ("mia", "all", {"source": ["whatsapp"]}, None, "whatsapp")]  # fmt: skip


@pytest.fixture
def stage(context):
    return lambda key: db.session.query(Stage).filter_by(key=f"sales.{key}").one()


@pytest.mark.parametrize(("name", "reach", "within", "sees", "source"), READERS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_lead_counts_once_as_far_as_it_ever_came(context, person, seed, name, reach, within, sees, source):
    walkers = world(seed, ada=person("ada"))
    set_reach(reach)
    reader = reader_for(person(name), within=within)
    for pipeline in pipelines():
        for period in (SOME, Period()):
            paths = [mine(it.path, pipeline) for it in cohort(walkers, period.start, period.end, sees, source)]
            reached = reader.reached(pipeline.key, period=period)

            every, *stages = reached
            assert every.leads == sum(map(bool, paths))
            for told in stages:
                if told.kind == "lost":
                    assert told.leads == sum(any(row.kind == "lost" for row in path) for path in paths)
                else:
                    row = next(it for it in stages_of(pipeline) if it.key == told.key)
                    assert told.leads == sum(any(place_of(it) >= place_of(row) for it in path) for path in paths)
            assert [it.kind for it in stages] == sorted((it.kind for it in stages), key=["open", "won", "lost"].index)


@pytest.mark.parametrize(("name", "reach", "within", "sees", "source"), READERS)
@pytest.mark.parametrize("seed", [4, 5, 6])
def test_what_became_of_leads_in_a_stage_adds_up(context, person, seed, name, reach, within, sees, source):
    walkers = world(seed, ada=person("ada"))
    set_reach(reach)
    reader = reader_for(person(name), within=within)
    for pipeline in pipelines():
        paths = [it.path for it in cohort(walkers, SOME.start, SOME.end, sees, source)]
        for told in reader.exits(pipeline.key, period=SOME):
            row = next(it for it in stages_of(pipeline) if it.key == told.key)
            ends = Counter(end_of(path, row) for path in paths if row in path)

            assert told.leads == sum(row in path for path in paths)
            assert told.leads == told.onward + told.back + told.lost + told.away + told.still
            found = {"on": told.onward, "back": told.back, "lost": told.lost, "away": told.away, "still": told.still}
            assert {end: number for end, number in found.items() if number} == ends


def end_of(path, row):
    """What became of a lead after its last visit of the stage."""
    last = len(path) - 1 - path[::-1].index(row)
    if last == len(path) - 1:
        return "still"
    after = path[last + 1]
    if after is None or after.pipeline_id != row.pipeline_id:
        return "away"
    if after.kind == "lost":
        return "lost"
    return "on" if place_of(after) > place_of(row) else "back"


def test_a_lead_that_goes_back_and_forth_counts_once(context, person, make_lead, stage):
    lead = db.session.get(Lead, make_lead())
    for key in ("in-evaluation", "first-contact", "in-evaluation", "in-negotiation", "first-contact"):
        update_lead(lead, {"stage": f"sales.{key}"}, by=person("ada"), version=lead.version)
        db.session.commit()
    reader = reader_for(person("ada"))

    assert [it.leads for it in reader.reached()] == [1, 1, 1, 1, 0, 0]
    assert [(it.leads, it.onward, it.back, it.still) for it in reader.exits()] == [
        (1, 0, 0, 1), (1, 1, 0, 0), (1, 0, 1, 0),
    ]  # fmt: skip


def test_a_deleted_stage_counts_as_what_took_its_place_and_its_undo_leaves_no_trace(context, person, make_lead, stage):
    ids = [make_lead(stage="sales.in-evaluation") for _time in range(3)]
    ada = person("ada")
    lead = db.session.get(Lead, ids[0])
    update_lead(lead, {"stage": "sales.first-contact"}, by=ada, version=lead.version)
    db.session.commit()
    reader = reader_for(ada)
    before = reader.reached(), reader.exits()

    deletion = delete_stage(stage("in-evaluation").id, stage("in-negotiation").id, by=ada)
    db.session.commit()
    assert [it.leads for it in reader.reached()] == [3, 3, 3, 0, 0]
    assert [(it.leads, it.back, it.still) for it in reader.exits()] == [(1, 0, 1), (3, 1, 2)]

    undo_deletion(deletion, by=ada)
    db.session.commit()
    assert (reader.reached(), reader.exits()) == before


@pytest.mark.one_database
def test_pipelines_that_are_not_there_or_of_another_team_are_refused(context, person):
    world(7, size=2, ada=person("ada"))
    team = Team(name="Others")
    db.session.add(team)
    db.session.flush()
    support = next(row for row in pipelines() if row.key != "sales")
    support.team_id = team.id
    db.session.commit()

    for name, key in (("bob", support.key), ("ada", "moon")):
        for ask in ("reached", "exits", "visits"):
            with pytest.raises(Unanswered):
                getattr(reader_for(person(name)), ask)(key)
    assert reader_for(person("ada")).reached(support.key)
    assert reader_for(person("bob")).reached()


@pytest.mark.one_database
def test_as_many_statements_for_many_leads_as_for_few(context, person, make_lead, count_queries):
    make_lead()
    reader = reader_for(person("ada"))

    def told():
        found = []
        asks = (reader.reached, reader.exits, reader.visits, reader.stagnating, reader.responses,
                lambda: reader.efficiency("source"), lambda: reader.efficiency("campaign"))  # fmt: skip
        for ask in asks:
            with count_queries() as statements:
                ask()
            found.append(len(statements))
        return found

    few = told()
    db.session.commit()  # a writer waits for nobody
    for number in range(12):
        make_lead(campaign=f"Campaign {number}", source=f"Source {number}")

    assert told() == few
    assert max(few) <= 20
