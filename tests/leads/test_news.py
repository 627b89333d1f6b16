"""News for plugins: what they hear, in which order, and that nobody waits for them."""

import time

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.jobs.worker import Worker
from leadhub.leads import bin, news_jobs
from leadhub.leads.models import Lead
from leadhub.leads.services import create_lead, create_leads, update_lead
from leadhub.leads.statuses.facts import Said, tell
from leadhub.lists.deletion import delete_row
from leadhub.lists.kinds import kind_of
from leadhub.lists.models import Source
from leadhub.news.models import News
from leadhub.pipelines.deletion import delete_stage
from leadhub.pipelines.models import Stage
from leadhub.plugin_settings import services as plugin_services
from leadhub.plugins.api import LeadDraft, hookimpl
from leadhub.statuses.deletion import delete_status, undo_deletion
from leadhub.statuses.models import Status


class Ear:
    """Keeps what it hears."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def lead_created(self, news, context):
        self.heard.append(("created", news))

    @hookimpl
    def lead_changed(self, news, context):
        self.heard.append(("changed", news))

    @hookimpl
    def lead_status_changed(self, news, context):
        self.heard.append(("status", news))

    @hookimpl
    def lead_deleted(self, news, context):
        self.heard.append(("deleted", news))

    @hookimpl
    def status_replaced(self, news, context):
        context.store.set("last", news.old)
        self.heard.append(("replaced", news))

    def words(self):
        return [word for word, _news in self.heard]


class Deaf:
    @hookimpl
    def lead_created(self, news, context):
        raise SystemExit("<boom>")


@pytest.fixture
def ear():
    return Ear()


@pytest.fixture
def app(make_app, ear):
    return make_app([("deaf", Deaf()), ("ear", ear)])


@pytest.fixture
def ada(context, person):
    return person("ada")


@pytest.fixture
def work(app, context):
    def work():
        db.session.commit()
        Worker(app).work_off()
        db.session.rollback()

    return work


def new_lead(**changes):
    lead = create_lead(LeadDraft(**{"channel": "form", "last_name": "Dupré"} | changes), by=None)
    db.session.commit()
    return lead


def status(key):
    return db.session.query(Status).filter_by(key=key).one()


def test_what_happens_to_a_lead_is_told_in_order_by_the_worker(ada, ear, work):
    lead = new_lead()
    update_lead(lead, {"last_name": "Dupont", "status": "quotation"}, by=ada, version=lead.version)
    bin.delete(lead, by=ada)
    bin.restore(lead, by=ada)
    bin.delete(lead, by=ada)
    bin.delete_for_good(lead, by=ada)
    assert ear.heard == []

    work()

    assert ear.words() == ["deleted", "deleted", "deleted"]  # of what is gone, nothing else can be told
    assert [news.for_good for _word, news in ear.heard] == [False, False, True]
    assert db.session.scalar(sa.select(sa.func.count(News.id))) == 0


def test_a_change_says_who_what_and_when(ada, ear, work):
    lead = new_lead(source="web-form")
    update_lead(lead, {"last_name": "Dupont", "status": "quotation"}, by=ada, version=lead.version)
    version = lead.version

    work()

    created, changed, moved = (news for _word, news in ear.heard)
    assert ear.words() == ["created", "changed", "status"]
    assert (created.lead.id, created.version, created.channel, created.by) == (lead.id, 1, "form", "")
    assert (changed.by, changed.version, changed.lead.source) == ("ada@example.org", version, "web-form")
    assert {(it.field, it.old, it.new) for it in changed.changes} == {
        ("last_name", "Dupré", "Dupont"),
        ("status", "Open", "Quotation"),
    }
    assert (moved.old, moved.new, moved.cause) == ("Open", "Quotation", "hand")


def test_a_status_that_follows_a_fact_says_which(ear, work):
    lead = new_lead()
    tell(lead.id, {"opportunity": Said(True, "O-1")}, by=None)

    work()

    assert [news.cause for word, news in ear.heard if word == "status"] == ["opportunity"]


def test_a_deleted_status_is_one_piece_of_news_and_so_is_its_undo(ada, ear, work, rows):
    outcomes = create_leads([LeadDraft(channel="form", last_name=f"Lead {n}") for n in range(7)], by=None)
    db.session.commit()
    work()
    ear.heard.clear()
    gone = delete_status(status("open").id, status("quotation").id, by=ada)
    db.session.commit()
    undo_deletion(gone, by=ada)

    work()

    told = [(news.old, news.new, news.leads, news.is_undo) for _word, news in ear.heard]
    assert ear.words() == ["replaced", "replaced"]
    assert told == [("open", "quotation", len(outcomes), False), ("open", "quotation", len(outcomes), True)]
    assert [(row["plugin"], row["value"]) for row in rows("plugin_values")] == [("ear", '"open"')]


def test_leads_that_lose_a_row_of_a_list_are_told_one_by_one(ada, ear, work):
    ids = [new_lead(source="directory").id for _each in range(3)]
    work()
    ear.heard.clear()
    kind = kind_of("sources")
    rows = {row.key: row for row in db.session.scalars(sa.select(Source))}
    delete_row(kind, rows["directory"], rows["website"], by=ada)

    work()

    assert [(word, news.lead.id) for word, news in ear.heard] == [("changed", lead_id) for lead_id in ids]
    assert {(it.old, it.new) for _word, news in ear.heard for it in news.changes} == {("Directory", "Website")}


def test_leads_of_a_stage_that_is_deleted_are_told_one_by_one(ada, ear, work):
    ids = [new_lead().id for _each in range(3)]
    work()
    ear.heard.clear()
    first, second = (
        db.session.query(Stage).filter_by(key=f"sales.{key}").one().id for key in ("first-contact", "in-evaluation")
    )
    delete_stage(first, second, by=ada)
    db.session.commit()

    work()

    assert ear.words() == ["changed"] * 3
    assert sorted(news.lead.id for _word, news in ear.heard) == ids
    assert {news.lead.stage for _word, news in ear.heard} == {"sales.in-evaluation"}


def test_nothing_is_written_down_where_nobody_listens(app, ada, ear, work, rows):
    for name in ("ear", "deaf"):
        plugin_services.switch(name, is_on=False, by=ada)
    db.session.commit()
    app.extensions["leadhub_host"].forget_switches()

    new_lead()

    assert rows("news") == []
    assert not [row for row in rows("effects") if row["kind"] == "news.tell"]


def test_one_that_fails_keeps_no_other_from_hearing(app, ear, work):
    new_lead()

    work()

    assert ear.words() == ["created"]
    assert app.extensions["leadhub_host"].containment.breaker_of("deaf").in_a_row == 1


def test_a_worker_that_dies_in_the_middle_tells_it_again(ear, work, monkeypatch):
    new_lead()
    with monkeypatch.context() as patch:
        patch.setattr(news_jobs, "keep", lambda store: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            work()
    db.session.rollback()
    db.session.execute(sa.update(News).values(claimed_until=None))
    db.session.execute(sa.text("UPDATE effects SET state = 'waiting', claim = NULL, lease_until = NULL"))

    work()

    assert ear.words() == ["created", "created"]
    assert len({news.version for _word, news in ear.heard}) == 1


def test_while_a_worker_tells_no_other_does(ear, work):
    new_lead()
    db.session.execute(sa.text("UPDATE news SET claimed_until = '2999-01-01 00:00:00'"))

    work()

    assert ear.heard == []
    assert db.session.scalar(sa.select(sa.func.count(News.id))) == 1


def test_fifty_listeners_cost_one_statement_more_and_no_time(make_app, count_queries):
    """The bar: at most 1.3 times.  CI checks that fifty cost what one costs, and how many statements that is."""
    plugins = [(f"ear{number}", Ear()) for number in range(50)]
    counts = {}
    for name, given in (("none", []), ("one", plugins[:1]), ("fifty", plugins)):
        app = make_app(given)
        with app.app_context():
            new_lead()
            with count_queries(app) as statements:
                new_lead()
            counts[name] = len(statements)

    assert counts["fifty"] == counts["one"] <= counts["none"] + 3  # the news, the effect, the bell


@pytest.mark.one_database
def test_an_import_with_listeners_tells_every_lead(ear, work):
    drafts = [LeadDraft(channel="import", last_name=f"Lead {number}") for number in range(120)]
    create_leads(drafts, by=None)

    began = time.perf_counter()
    work()

    assert ear.words() == ["created"] * 120
    assert [news.lead.last_name for _word, news in ear.heard] == [draft.last_name for draft in drafts]
    assert time.perf_counter() - began < 60
    assert db.session.scalar(sa.select(sa.func.count(Lead.id))) == 120
