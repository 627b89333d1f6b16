"""How long visits of stages last: out of the counters and one by one, against a pencil; and who stagnates."""

from collections import defaultdict
from datetime import date, timedelta
from statistics import median_low
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.counters.jobs import fold_block
from leadhub.leads.counters.services import recount
from leadhub.leads.models import Lead
from leadhub.leads.reading import reader_for
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import pipelines
from leadhub.plugins.api import Period
from tests.leads.paths import set_reach, world

SOME = Period(start=date(2026, 10, 20), end=date(2026, 11, 20))
NEAR = 0.0501
PARIS = ZoneInfo("Europe/Paris")


def lengths(walkers, pipeline, period):
    """Key of a stage -> seconds of each visit that ended on these days."""
    found = defaultdict(list)
    for walker in walkers:
        for stage, entered, left in walker.visits:
            day = left.astimezone(PARIS).date()
            if stage.pipeline_id == pipeline.id and (period.start or day) <= day <= (period.end or day):
                found[stage.key].append((left - entered).total_seconds())
    return found


@pytest.mark.parametrize("kept", ["changes", "folded", "counted"])
@pytest.mark.parametrize("seed", [11, 12])
def test_counters_and_paths_tell_the_same_medians_within_five_percent(context, person, seed, kept):
    recount(db.session.connection())
    db.session.commit()
    walkers = world(seed, ada=person("ada"))
    if kept == "folded":
        while fold_block():
            db.session.commit()
    if kept == "counted":
        recount(db.session.connection())
        db.session.commit()
    reader = reader_for(person("ada"))
    for pipeline in pipelines():
        for period in (SOME, Period()):
            exact = lengths(walkers, pipeline, period)
            told = reader.visits(pipeline.key, period=period)

            assert not any(it.is_exact for it in told)
            assert {it.key: it.ended for it in told if it.ended} == {key: len(its) for key, its in exact.items()}
            for it in told:
                if it.ended:
                    assert it.median == pytest.approx(median_low(exact[it.key]), rel=NEAR)


@pytest.mark.parametrize(("name", "reach", "within", "sees"), [
    ("bob", "own", {}, ("bob@example.org", "")), ("ada", "all", {"source": ["whatsapp"]}, None),
])  # fmt: skip
def test_where_not_all_leads_are_asked_for_each_visit_is_measured(context, person, name, reach, within, sees):
    walkers = world(13, size=80, ada=person("ada"))
    set_reach(reach)
    seen = [
        it for it in walkers
        if not it.is_binned and (sees is None or it.owner in sees) and (not within or it.source == "whatsapp")
    ]  # fmt: skip
    for pipeline in pipelines():
        told = reader_for(person(name), within=within).visits(pipeline.key, period=SOME)
        exact = lengths(seen, pipeline, SOME)

        assert all(it.is_exact for it in told)
        assert {it.key: it.ended for it in told if it.ended} == {key: len(its) for key, its in exact.items()}
        for it in told:
            assert it.median == (pytest.approx(median_low(exact[it.key]), abs=0.01) if it.ended else None)
            here = [each for each in seen if each.path[-1] and each.path[-1].key == it.key]
            assert it.still == len(here)
            assert it.where["stage"] == it.key


@pytest.mark.one_database
@pytest.mark.parametrize("within", [{}, {"source": ["whatsapp"]}])
def test_the_first_and_the_last_day_that_there_are_are_days_like_others(context, person, within):
    recount(db.session.connection())
    world(15, size=20, ada=person("ada"))
    reader = reader_for(person("ada"), within=within)

    assert reader.visits(period=Period(start=date.min, end=date.max)) == reader.visits()


def test_those_that_nobody_has_touched_for_the_longest_come_first(context, person):
    walkers = [it for it in world(14, steps=1, ada=person("ada")) if not it.is_binned]
    db.session.execute(sa.update(Stage).where(Stage.key == "sales.first-contact").values(days_to_rot=5))
    now = utcnow()
    for days, walker in enumerate(walkers):
        lead = db.session.get(Lead, walker.id)
        lead.touched_at = now - timedelta(days=days, hours=1)
    db.session.commit()
    reader = reader_for(person("ada"))

    told = reader.stagnating(limit=20)

    assert [it.lead.id for it in told] == [walker.id for walker in walkers[::-1][:20]]
    assert [it.days for it in told] == list(range(len(walkers) - 1, len(walkers) - 21, -1))
    assert len(reader.stagnating(limit=200)) == reader.count({"stagnating": "yes"}) == len(walkers) - 5
    assert {it.owner for it in told} <= {"Bob", "Mia", "Ada", ""}
    assert told[0].stage.endswith("First contact")

    set_reach("own")
    bobs = [walker.id for walker in walkers[5:] if walker.owner in ("bob@example.org", "")]
    assert {it.lead.id for it in reader_for(person("bob")).stagnating(limit=200)} == set(bobs)
