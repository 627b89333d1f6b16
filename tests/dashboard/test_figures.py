"""What figures must not get wrong: what is retired, what is narrowed, what can't be understood, odd days."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from leadhub.accounts.queries import user_by_email
from leadhub.accounts.services import deactivate
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.leads.queries import lead_seen_by
from leadhub.leads.reading import reader_for
from leadhub.leads.services import update_lead
from leadhub.lists.drafts import RowDraft
from leadhub.pipelines import services as pipelines
from leadhub.pipelines.models import Pipeline, Stage
from leadhub.statuses import services as statuses
from leadhub.statuses.models import Status

pytestmark = pytest.mark.one_database
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def card(client, key, words="", **headers):
    return client.get(f"/dashboard/widgets/{key}?{words}", headers=PARTIAL | headers)


def state(answer):
    return re.search(r'data-state="(\w+)"', answer.text)[1]


def values(html):
    return [int(value) for value in re.findall(r'data-value="(\d+)"', html)]


def figure(html):
    return int(re.search(r"shown-figure[^>]*>(?:<[^>]*>)*([\d,]+)", html)[1].replace(",", ""))


@pytest.fixture
def support(app):
    """Key of the first stage of a second pipeline."""
    with app.app_context():
        draft = RowDraft(names={"en": "Support", "fr": "Support"}, extras={"team_id": None})
        row = pipelines.add_pipeline(draft, ready="support", by=user_by_email("ada@example.org"))
        db.session.commit()
        return db.session.scalar(sa.select(Stage.key).where(Stage.pipeline_id == row.id).order_by(Stage.position))


def test_leads_of_a_retired_status_are_counted_under_its_kind(app, client, make_lead):
    with app.app_context():
        row = db.session.scalar(sa.select(Status).where(~Status.is_default, Status.kind == "in_progress"))
        key = row.key
    lead_id = make_lead()
    with app.app_context():
        ada = user_by_email("ada@example.org")
        lead = lead_seen_by(ada, lead_id)
        update_lead(lead, {"status": key}, by=ada, version=lead.version)
        db.session.commit()
    assert figure(card(client, "open_leads").text) == 1
    with app.app_context():
        row = db.session.scalar(sa.select(Status).where(Status.key == key))
        statuses.retire(row, by=user_by_email("ada@example.org"))
        db.session.commit()
    assert figure(card(client, "open_leads").text) == 1


def test_leads_of_a_retired_stage_stay_in_the_doughnut(app, client, make_lead):
    make_lead()
    make_lead(stage="sales.in-evaluation")
    with app.app_context():
        db.session.execute(sa.update(Stage).where(Stage.key == "sales.in-evaluation").values(retired=True))
        db.session.commit()
    assert sum(values(card(client, "leads_by_stage").text)) == 2


def test_leads_of_a_retired_pipeline_are_on_some_doughnut(app, client, make_lead, support):
    make_lead(stage=support)
    with app.app_context():
        db.session.execute(sa.update(Pipeline).where(Pipeline.key == "support").values(retired=True))
        db.session.commit()
    told = {
        word: sum(values(card(client, "leads_by_stage", word).text)) for word in ("", "leads_by_stage.pipeline=support")
    }
    assert 1 in told.values()


@pytest.mark.parametrize("words", ["owner=none", "type=none"])
def test_a_page_of_leads_without_something_does_not_say_that_they_lack_a_source(client, make_lead, words):
    make_lead(source="whatsapp", type="")
    make_lead(source="linkedin", type="")
    html = card(client, "leads_by_source", words).text
    assert "no source" not in html
    assert "tone-none" not in html


@pytest.mark.parametrize("words", ["source=gone", "period=never", "owner=bob%40example.org"])
def test_a_card_whose_filter_can_not_be_understood_does_not_count_all_leads(app, client, make_lead, words, person):
    make_lead(owner="bob@example.org")
    make_lead()
    with app.app_context():
        deactivate(person("bob"), by=person("ada"))
        db.session.commit()
    answer = card(client, "new_leads", words)
    assert state(answer) != "ready" or figure(answer.text) != 2


def test_a_file_whose_filter_is_gone_is_not_that_of_all_leads(client, make_lead):
    make_lead(source="whatsapp")
    assert client.get("/dashboard/widgets/new_leads/figures.csv?source=gone").status_code in (404, 422)


def test_who_may_not_export_gets_no_file_with_names_of_leads(client_of, app, make_lead):
    make_lead(last_name="Secret", owner="vic@example.org")
    with app.app_context():
        db.session.execute(sa.update(Lead).values(touched_at=utcnow() - timedelta(days=400)))
        db.session.execute(sa.update(Stage).values(days_to_rot=10))
        db.session.commit()
    vic = client_of("vic")
    assert vic.get("/leads/export.csv").status_code == 403
    answer = vic.get("/dashboard/widgets/stagnating/figures.csv")
    assert answer.status_code == 403, answer.text


@pytest.mark.parametrize("words", [
    "period=custom&end=9999-12-31", "period=custom&start=0001-01-02&end=0001-01-03&compare=y",
    "period=custom&start=9999-12-01&end=9999-12-30",
])  # fmt: skip
def test_edges_of_time_are_no_failure(client, make_lead, words):
    make_lead()
    assert client.get(f"/dashboard/?{words}").status_code in (200, 422)
    for key in ("new_leads", "leads_over_time"):
        assert state(card(client, key, words)) != "failed", key


def test_odd_days_do_not_take_the_cards_from_everybody(client_of, make_lead):
    make_lead()
    viewer = client_of("vic")
    for _time in range(6):
        card(viewer, "leads_over_time", "period=custom&start=9999-12-01&end=9999-12-30")
    assert state(card(client_of("ada"), "new_leads")) == "ready"


@pytest.mark.parametrize("key", ["funnel", "stage_conversion"])
def test_cards_of_a_pipeline_follow_the_bar(client, make_lead, support, key):
    make_lead(stage=support)
    assert state(card(client, key, "pipeline=support")) == "ready"


@pytest.mark.parametrize("days", [500, -2])
def test_no_lead_is_left_out_of_all_time_without_a_word(client, make_lead, days):
    make_lead()
    make_lead(received_at=datetime.now(UTC) - timedelta(days=days))
    html = card(client, "leads_over_time", "leads_over_time.step=day").text
    assert figure(card(client, "new_leads").text) == 2
    assert sum(values(html)) == 2 or "400" in html


def test_the_switch_of_a_card_stays_in_the_address(client, make_lead):
    make_lead()
    html = card(client, "leads_by_stage").text
    names = re.findall(r'name="(leads_by_stage[^"]*)" value="([^"]*)"', html[html.index("-switching") :])
    seen = {"HX-Current-URL": "http://localhost/dashboard/", "HX-Source": "form#widget-leads_by_stage-switching"}
    answer = client.get("/dashboard/widgets/leads_by_stage", query_string=dict(names), headers=PARTIAL | seen)
    assert "leads_by_stage.everything" in answer.headers.get("HX-Replace-Url", "")


def test_the_way_back_has_the_options_of_the_card(client, make_lead):
    make_lead()
    html = card(client, "leads_by_stage", "leads_by_stage.everything=y&leads_by_stage._set=1").text
    way = re.search(r'href="(/leads/[^"]*)"', html)[1].replace("&amp;", "&")
    assert re.search(r'href="/dashboard/\?[^"]*leads_by_stage.everything=y', client.get(way).text)


def test_a_card_of_all_leads_now_does_not_say_that_it_goes_by_receipt(client, make_lead):
    make_lead()
    html = card(client, "leads_by_stage", "leads_by_stage.everything=y&leads_by_stage._set=1").text
    assert "Goes by the day on which leads were received." not in html


def test_the_sentence_has_the_share_of_the_table(client, make_lead):
    for source in ("whatsapp", "linkedin", "web-form"):
        make_lead(source=source)
    html = card(client, "leads_by_source").text
    told = re.search(r"<figcaption[^>]*>(.*?)</figcaption>", html)[1]
    assert re.search(r'text-secondary">(\d+%)', html)[1] in told


def test_all_that_was_before_stands_beside_the_bars(client, make_lead):
    make_lead(received_at=datetime(2026, 10, 5, 12, tzinfo=UTC))
    make_lead(received_at=datetime(2026, 10, 3, 12, tzinfo=UTC))
    make_lead(received_at=datetime(2026, 9, 30, 12, tzinfo=UTC))
    words = "period=custom&start=2026-10-05&end=2026-10-11&compare=y&leads_over_time.step=month"
    before = map(int, re.findall(r'data-before="(\d+)"', card(client, "leads_over_time", words).text))
    told = re.search(r"([\d,]+) before", card(client, "new_leads", words).text)[1]
    assert sum(before) == int(told)


@pytest.mark.parametrize(("within", "where"), [
    ({"source": ["whatsapp"]}, {"source": "any"})
])  # fmt: skip
def test_words_that_mean_the_same_leads_fit_each_other(app, make_lead, within, where):
    make_lead(source="whatsapp", owner="ada@example.org")
    with app.test_request_context():
        reader = reader_for(user_by_email("ada@example.org"), within=within, on_hub_clock=True)
        assert reader.count(where) == 1


def test_what_is_refused_is_told_in_the_language_of_the_page(app, client, client_of):
    client.post("/settings/fields/source", data={"shown": "more", "seen_by": "managers", "changed_by": "managers"})
    with app.app_context():
        user_by_email("bob@example.org").language = "fr"
        db.session.commit()
    answer = card(client_of("bob"), "leads_by_source")
    assert state(answer) == "refused"
    assert "leads can" not in answer.text


@pytest.mark.parametrize(
    "current", ["http://[", "http://localhost/dashboard/?" + "&".join(f"a.b{n}=1" for n in range(1100))]
)
def test_whatever_a_browser_calls_its_address_is_no_failure(client, make_lead, current):
    seen = {"HX-Current-URL": current, "HX-Source": "form#x"}
    assert card(client, "leads_over_time", "leads_over_time.step=week", **seen).status_code < 500


def test_a_period_without_leads_is_told(client, make_lead):
    make_lead()
    html = card(client, "leads_by_source", "period=custom&start=2001-01-01&end=2001-01-02").text
    assert "Nothing to show yet." not in html
