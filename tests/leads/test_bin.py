"""The bin: into it, out of it, for good."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.jobs.models import Effect
from leadhub.jobs.registry import current_registry
from leadhub.leads import bin, bin_jobs, queries, services
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead, LeadEvent
from leadhub.plugins.api import LeadDraft
from leadhub.referrers.registry import Referrer
from tests.lead_files import make_file, on_disk

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def binned(app, make_lead):
    """``binned(days, **changes)``: the id of a lead that ada has put into the bin so many days ago."""

    def make(days=0, **changes):
        lead_id = make_lead(**changes)
        with app.app_context():
            when = utcnow() - timedelta(days=days)
            values = {"deleted_at": when, "deleted_by_id": 1}
            db.session.execute(sa.update(Lead).where(Lead.id == lead_id).values(values))
            db.session.commit()
        return lead_id

    return make


@pytest.fixture
def needed(app):
    """``needed(lead_id)``: a quotation hangs on this lead from now on."""
    ids = []
    referrer = Referrer(
        key="quotations.lead", table="leads", count=lambda row_id: ids.count(row_id),
        words=lambda number: f"{number} quotation", move=lambda *words: 0, blocks=True,
    )  # fmt: skip
    app.extensions["leadhub_referrers"] += (referrer,)
    return ids.append


@pytest.fixture
def work(app):
    """``work()``: do the jobs of leads that wait, as a worker does."""

    def work():
        with app.app_context():
            for effect in db.session.scalars(sa.select(Effect).where(Effect.kind.startswith("leads."))).all():
                run(effect.kind, effect.payload)

    return work


def run(kind, payload):
    for _step in current_registry().handlers[kind].run(payload):
        db.session.commit()
    db.session.commit()


def ids_of(rows):
    return [row["id"] for row in rows("leads")]


def test_a_deleted_lead_is_in_the_bin_with_who_and_when(client_of, make_lead, rows):
    lead_id = make_lead()

    answer = client_of("bob").post(f"/leads/{lead_id}/delete")

    (lead,), line = rows("leads"), rows("lead_events")[-1]
    assert (answer.status_code, answer.location) == (303, "/leads/")
    assert lead["deleted_at"]
    assert (line["kind"], line["version"], line["by_id"]) == ("deleted", lead["version"], lead["deleted_by_id"])


def test_a_deleted_lead_is_in_no_list_no_search_and_on_no_page(client, make_lead):
    lead_id = make_lead(last_name="Roye")

    client.post(f"/leads/{lead_id}/delete")

    assert f'id="lead-{lead_id}"' not in client.get("/leads/").text
    assert f'id="lead-{lead_id}"' not in client.get("/leads/?q=roye").text
    assert client.get(f"/leads/{lead_id}").status_code == 404
    assert f'id="lead-{lead_id}"' in client.get("/leads/bin").text


def test_the_list_offers_to_undo_a_deletion(client, make_lead):
    lead_id = make_lead()
    client.post(f"/leads/{lead_id}/delete")

    page = client.get("/leads/").text

    assert "Moved to the bin." in page
    assert f'action="/leads/{lead_id}/restore"' in page


def test_a_restored_lead_is_as_it_was_with_two_lines_more(client, make_lead, rows):
    lead_id = make_lead(last_name="Roye")
    (before,) = rows("leads")
    client.post(f"/leads/{lead_id}/delete")

    answer = client.post(f"/leads/{lead_id}/restore")

    assert (answer.status_code, answer.location) == (303, f"/leads/{lead_id}")
    assert rows("leads") == [before | {"version": 3}]
    assert [row["kind"] for row in rows("lead_events")] == ["created", "deleted", "restored"]


def test_htmx_is_led_to_the_list(client, make_lead):
    answer = client.post(f"/leads/{make_lead()}/delete", headers=PIECE)

    assert answer.headers["HX-Redirect"] == "/leads/"


def test_two_who_delete_or_restore_at_once_are_told(context, make_lead, person):
    lead_id = make_lead()
    ada, lead = person("ada"), db.session.get_one(Lead, lead_id)
    bin.delete(lead, by=ada)
    with pytest.raises(bin.SomewhereElse):
        bin.delete(lead, by=ada)
    bin.restore(lead, by=ada)

    with pytest.raises(bin.SomewhereElse):
        bin.restore(lead, by=ada)
    assert lead.version == 3


def test_a_save_of_a_page_from_before_goes_through_after_the_lead_is_back(context, make_lead, person):
    lead_id = make_lead()
    ada, lead = person("ada"), db.session.get_one(Lead, lead_id)
    bin.delete(lead, by=ada)
    bin.restore(lead, by=ada)

    assert services.update_lead(lead, {"phone": "1234"}, by=ada, version=1)


def test_a_lead_that_something_hangs_on_is_not_deleted_and_the_words_say_why(client, make_lead, rows, needed):
    lead_id = make_lead()
    needed(lead_id)

    answer = client.post(f"/leads/{lead_id}/delete")

    assert answer.status_code == 409
    assert "This lead can’t be deleted, since this hangs on it: 1 quotation." in answer.text
    assert rows("leads")[0]["deleted_at"] is None


def test_the_page_of_the_bin_says_who_when_and_how_long(client, binned):
    binned(days=3, last_name="Old")
    binned(days=1, last_name="New")

    page = client.get("/leads/bin").text

    assert page.index("New") < page.index("Old")
    assert "Goes for good on" in page
    assert "Ada" in page
    assert "2 leads" in page


def test_a_bin_without_a_term_promises_no_date(app, client, binned):
    binned()
    with app.app_context():
        set_days(0)

    assert "Goes for good on" not in client.get("/leads/bin").text


def test_the_bin_is_paged(client, binned, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for days in (1, 1, 2):
        binned(days=days)
    first = client.get("/leads/bin").text
    older = first.partition('rel="next" href="')[2].partition('"')[0]

    assert first.count('<tr id="lead-') == 2
    assert client.get(older).text.count('<tr id="lead-') == 1


def test_the_bin_costs_as_many_queries_for_twenty_rows_as_for_one(client, binned, count_queries):
    binned(source="one")
    with count_queries() as one:
        client.get("/leads/bin")
    for number in range(19):
        binned(source=f"source {number}")
    with count_queries() as twenty:
        client.get("/leads/bin")

    assert len(twenty) == len(one)


def test_for_good_is_asked_first_in_numbers(client, app, binned):
    lead_id = binned(last_name="Roye")
    with app.app_context():
        make_file(lead_id)
        db.session.commit()

    page = client.get(f"/leads/{lead_id}/delete-for-good").text

    assert "1 lead, with its history" in page
    assert "1 file" in page


def test_for_good_wants_the_name(client, binned, rows):
    lead_id = binned(last_name="Roye")

    answer = client.post(f"/leads/{lead_id}/delete-for-good", data={"name": "Rye"})

    assert answer.status_code == 422
    assert "This is not its name." in answer.text
    assert ids_of(rows) == [lead_id]


def test_what_is_deleted_for_good_is_gone_with_history_files_and_a_line_in_the_audit_log(
    app, client, binned, rows, work
):
    kept, lead_id = binned(), binned(first_name="Zoé", last_name="Roye", tags=("vip",), phones=(), emails=())
    with app.app_context():
        make_file(lead_id)
        db.session.commit()

    answer = client.post(f"/leads/{lead_id}/delete-for-good", data={"name": "zoe roye"})
    work()

    assert (answer.status_code, answer.location) == (303, "/leads/bin")
    assert ids_of(rows) == [kept]
    assert {row["lead_id"] for row in rows("lead_events")} == {kept}
    assert (rows("lead_files"), rows("lead_tags"), on_disk(app)) == ([], [], [])
    assert rows("audit_events")[-1]["kind"] == "bin"


def test_what_something_hangs_on_is_not_deleted_for_good(client, binned, rows, needed):
    lead_id = binned(last_name="Roye")
    needed(lead_id)

    assert client.post(f"/leads/{lead_id}/delete-for-good", data={"name": "Roye"}).status_code == 409
    assert ids_of(rows) == [lead_id]


def test_a_lead_out_of_the_bin_is_not_deleted_for_good(context, make_lead, person):
    lead = db.session.get_one(Lead, make_lead())

    with pytest.raises(bin.SomewhereElse):
        bin.delete_for_good(lead, by=person("ada"))


def test_the_bin_is_emptied_but_for_what_is_needed(client, binned, make_lead, rows, needed):
    kept, free, _gone = binned(), make_lead(), binned()
    needed(kept)

    answer = client.post("/leads/bin/empty", data={"name": "bin"})

    assert answer.location == "/leads/bin"
    assert ids_of(rows) == [kept, free]
    assert '"kept": 1' in str(rows("audit_events")[-1]["details"]).replace("'", '"')


def test_emptying_costs_as_many_statements_for_ten_as_for_two(context, binned, person, count_queries):
    costs = []
    for count in (2, 10):
        ids, ada = [binned() for _ in range(count)], person("ada")
        with count_queries() as statements:
            bin.remove(ids, by=ada)
            db.session.commit()
        costs.append(len(statements))

    assert costs[0] == costs[1]


def test_a_full_bin_is_emptied_by_the_worker_and_the_page_says_so(app, client, binned, rows, work, monkeypatch):
    monkeypatch.setattr(bin, "AT_ONCE", 2)
    for _ in range(5):
        binned()

    answer = client.post("/leads/bin/empty", data={"name": "Bin"}, follow_redirects=True)
    client.post("/leads/bin/empty", data={"name": "Bin"})
    later = binned()
    jobs = [row for row in rows("effects") if row["kind"] == bin.EMPTY]
    work()

    assert "The bin is being emptied." in answer.text
    assert len(jobs) == 1
    assert ids_of(rows) == [later]


def test_the_worker_empties_nothing_for_somebody_who_may_not_any_more(app, binned, rows, person):
    lead_id = binned()
    with app.app_context():
        run(bin.EMPTY, {"by_id": person("bob").id, "until": utcnow().isoformat()})

    assert ids_of(rows) == [lead_id]


def set_days(days):
    db.session.execute(sa.text("UPDATE hub SET bin_days = :days"), {"days": days})
    db.session.commit()


@pytest.mark.parametrize(("days", "left"), [(30, ["young", "free"]), (0, ["old", "young", "free"]), (1, ["free"])])
def test_the_bin_keeps_what_is_in_it_for_so_many_days(app, binned, make_lead, rows, days, left):
    ids = {"old": binned(days=31), "young": binned(days=29), "free": make_lead()}
    with app.app_context():
        set_days(days)
        run(bin_jobs.PURGE, {})

    assert ids_of(rows) == [ids[name] for name in left]


def test_what_is_needed_outlives_its_term_and_stops_nothing(app, binned, rows, needed, monkeypatch):
    monkeypatch.setattr(bin, "AT_ONCE", 1)
    first, second, third = (binned(days=40) for _ in range(3))
    needed(first)
    with app.app_context():
        run(bin_jobs.PURGE, {})

    assert ids_of(rows) == [first]
    assert [row["kind"] for row in rows("audit_events")] == ["bin", "bin"]


@pytest.mark.one_database
@pytest.mark.parametrize("days", ["-1", "3651", "", "x", "1.5"])
def test_a_term_that_is_none_is_told_at_its_field(client, rows, days):
    answer = client.post("/settings", data=SETTINGS | {"bin_days": days})

    assert answer.status_code == 422
    assert 'id="bin_days-error1"' in answer.text
    assert rows("hub")[0]["bin_days"] == 30


SETTINGS = {
    "language": "en", "time_zone": "Europe/Paris", "country": "FR", "currency": "EUR", "quotations": "leadhub",
}  # fmt: skip


def test_the_term_is_set_under_settings(client, rows):
    answer = client.post("/settings", data=SETTINGS | {"bin_days": "7"})

    assert answer.status_code == 303
    assert rows("hub")[0]["bin_days"] == 7
    assert 'value="7"' in client.get("/settings").text


def test_an_import_of_a_lead_in_the_bin_is_refused_in_words(context, person):
    draft = {"channel": "import", "last_name": "Roye", "external_scope": "a", "external_id": "17"}
    lead = services.create_lead(LeadDraft(**draft), by=None)
    bin.delete(lead, by=person("ada"))

    (outcome,) = services.create_leads([LeadDraft(**draft, phone="1")], by=None)

    assert isinstance(outcome.refusal, FieldRefused)
    assert str(outcome.refusal) == "The lead with the id 17 is in the bin."
    assert lead.phone == ""


def test_sample_leads_in_the_bin_go_with_the_others(client, binned, make_lead, rows):
    binned(channel="sample")
    own = make_lead()

    client.post("/settings/samples/delete")

    assert ids_of(rows) == [own]


def test_who_may_only_read_sees_no_bin_and_no_button(client_of, make_lead):
    make_lead()

    assert "/leads/bin" not in client_of("vic").get("/leads/").text
    assert "for good" not in client_of("bob").get("/leads/bin").text


def test_the_history_of_a_lead_in_the_bin_stays(context, make_lead, person):
    lead = db.session.get_one(Lead, make_lead())
    bin.delete(lead, by=person("ada"))

    assert db.session.scalar(sa.select(sa.func.count()).select_from(LeadEvent)) == 2
