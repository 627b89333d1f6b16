"""The customer's link: what it shows, who may answer, and that one answer counts."""

import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from itsdangerous import URLSafeSerializer

from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.models import Lead, LeadEvent
from leadhub.lists.models import LossReason
from leadhub.sales import parties
from leadhub.sales.documents import Quotation
from leadhub.sales.drafts import OpportunityDraft
from leadhub.sales.opportunities import services as opportunities
from leadhub.sales.quotations import decisions, links, services, writing
from leadhub.sales.quotations.decisions import Answered
from tests.conftest import client_for
from tests.sales.quoting import written

YES = {"accept-name": "Hélène Lefèvre"}
NO = {"decline-name": "Hélène Lefèvre", "decline-note": "Too dear.\nSorry."}


@pytest.fixture
def lead_id(make_lead):
    return make_lead(last_name="Dupont", organisation="Acme", owner="bob@example.org")


@pytest.fixture
def ada(lead_id, context, person):
    return person("ada")


@pytest.fixture
def row(lead_id, ada):
    return written(lead_id, ada)


@pytest.fixture
def path(app, row):
    return path_of(app, row)


@pytest.fixture
def stranger(app):
    return client_for(app)


def path_of(app, row):
    with app.test_request_context():
        return f"/q/{links.token_of(row)}"


def again(row):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Quotation, row.id)


def history(row):
    lines = db.session.scalars(sa.select(LeadEvent).where(LeadEvent.lead_id == row.lead_id).order_by(LeadEvent.id))
    return [(line.channel, change.get("new")) for line in lines for change in line.changes or ()]


def test_looking_changes_nothing(stranger, path, row, rows):
    before = {table: rows(table) for table in ("quotations", "lead_events", "effects", "leads")}

    for _time in range(2):
        answer = stranger.get(path)
        assert answer.status_code == 200
        assert row.number in answer.text
        assert "Pay within 30 days." in answer.text
    stranger.head(path)

    assert {table: rows(table) for table in before} == before
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "rail" not in answer.text
    assert stranger.get(f"{path}/accept").status_code == stranger.get(f"{path}/decline").status_code == 405


def test_it_is_in_the_quotations_language_whoever_reads(app, lead_id, ada, stranger):
    path = path_of(app, written(lead_id, ada, language="fr"))

    text = stranger.get(f"{path}?language=en", headers={"Accept-Language": "en"}).text

    assert '<html lang="fr"' in text
    assert "100,01\u00a0€" in text


def test_yes_is_kept_with_its_name(stranger, path, row):
    assert stranger.post(f"{path}/accept", data={"accept-name": " "}).status_code == 422
    assert again(row).state == "submitted"

    answer = stranger.post(f"{path}/accept", data=YES)

    assert (answer.status_code, answer.location) == (303, path)
    found = again(row)
    assert (found.state, found.decided_by, found.decided_note) == ("accepted", "Hélène Lefèvre", "")
    assert utcnow() - found.decided_at < timedelta(minutes=1)
    assert found.settled_on == parties.today()
    assert db.session.get(Lead, row.lead_id).status.key == "quotation"
    assert history(row)[-2:] == [("sales", "Accepted"), ("sales", "Hélène Lefèvre")]
    assert "Accepted by Hélène Lefèvre on" in stranger.get(path).text
    assert "accept-form" not in stranger.get(path).text


def test_no_is_kept_with_its_words_and_loses_the_opportunity(app, lead_id, ada, stranger):
    lead = db.session.get(Lead, lead_id)
    found = opportunities.create(lead, OpportunityDraft(title="Desks", currency="EUR"), by=ada)
    row = writing.create(lead, writing.draft_of(written(lead_id, ada)), by=ada, opportunity=found)
    writing.submit(row, by=ada)
    services.remove(db.session.get(Quotation, 1), by=ada)
    db.session.commit()

    assert stranger.post(f"{path_of(app, row)}/decline", data=NO).status_code == 303

    row = again(row)
    assert (row.state, row.loss_reason.key, row.decided_note) == ("lost", "declined", "Too dear.\nSorry.")
    assert (row.opportunity.state, row.opportunity.loss_reason.key) == ("lost", "declined")
    assert db.session.get(Lead, lead_id).status.key == "lost-quotation"
    assert history(row)[-1] == ("sales", "Hélène Lefèvre: Too dear.\nSorry.")


def test_where_the_reason_is_gone_another_one_stands_in(row, ada):
    db.session.execute(sa.delete(LossReason).where(LossReason.key == "declined"))
    decisions.decide(row, "decline", name="Ann")
    assert row.loss_reason is not None
    db.session.rollback()

    db.session.execute(sa.delete(LossReason))
    decisions.decide(row, "decline", name="Ann")
    assert (row.state, row.loss_reason) == ("lost", None)


def test_a_second_answer_is_not_taken(stranger, path, row):
    stranger.post(f"{path}/accept", data=YES)

    for way, data in (("accept", {"accept-name": "Other"}), ("decline", {"decline-name": "Other"})):
        answer = stranger.post(f"{path}/{way}", data=data)
        assert answer.status_code == 409
        assert "Your answer was not taken." in answer.text
        assert "Accepted by Hélène Lefèvre" in answer.text
    assert again(row).decided_by == "Hélène Lefèvre"


@pytest.mark.parametrize(
    ("how", "told"),
    [("replaced", "A newer version has taken its place"), ("gone", "This quotation is no longer there")],
)
def test_an_answer_to_what_is_gone_meanwhile_says_so(stranger, path, row, monkeypatch, how, told):
    def late(found, *_args, **_options):
        if how == "replaced":
            writing.submit(writing.revise(found, by=None), by=None)
        else:
            db.session.execute(sa.delete(Quotation))
        db.session.commit()
        raise Answered("It is no longer asked.")

    monkeypatch.setattr(decisions, "decide", late)
    answer = stranger.post(f"{path}/accept", data=YES)
    assert answer.status_code == 410
    assert told in answer.text


def test_of_two_at_once_one_wins(app, row):
    """Both have read that it waits for an answer before either gives one."""
    outcomes, meeting, row_id = [], threading.Barrier(2), row.id
    db.session.rollback()

    def answer(how):
        with app.app_context():
            found = db.session.get(Quotation, row_id)
            assert decisions.standing_of(found) == "asked"
            db.session.commit()
            meeting.wait(10)
            try:
                decisions.decide(found, how, name=how)
                db.session.commit()
                outcomes.append("won")
            except Answered:
                db.session.rollback()
                outcomes.append("late")
            db.session.remove()

    threads = [threading.Thread(target=answer, args=(how,)) for how in ("accept", "decline")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes) == ["late", "won"]
    found = again(row)
    assert (found.decided_by, found.state) in (("accept", "accepted"), ("decline", "lost"))


def test_what_ran_out_says_so_before_the_nightly_job(app, lead_id, ada, stranger):
    row = written(lead_id, ada, valid_until=parties.today())
    path = path_of(app, row)
    assert "accept-form" in stranger.get(path).text
    row.valid_until = parties.today() - timedelta(days=1)
    db.session.commit()

    text = stranger.get(path).text

    assert "This quotation was valid until" in text
    assert "accept-form" not in text
    assert stranger.post(f"{path}/accept", data=YES).status_code == 409
    assert again(row).state == "submitted"


def test_a_newer_version_takes_the_links_place(app, row, ada, stranger, path):
    new = writing.revise(row, by=ada)
    db.session.commit()
    assert stranger.get(path).status_code == 200  # while that is only written
    writing.submit(new, by=ada)
    db.session.commit()

    answer = stranger.get(path)

    assert answer.status_code == 410
    assert "A newer version has taken its place" in answer.text
    assert stranger.post(f"{path}/accept", data=YES).status_code == 410
    assert stranger.get(path_of(app, new)).status_code == 200
    assert again(row).decided_by == ""


@pytest.mark.parametrize("how", ["cancelled", "deleted", "new key", "lead in the bin", "gone"])
def test_what_is_no_longer_there_says_only_that(row, ada, stranger, path, how):
    if how == "cancelled":
        services.act(row, "cancel", by=ada)
    elif how == "deleted":
        services.remove(row, by=ada)
    elif how == "new key":
        row.link_key = "another"
    elif how == "lead in the bin":
        row.lead.deleted_at = utcnow()
    else:
        db.session.delete(row)
    db.session.commit()

    for answer in (
        stranger.get(path),
        stranger.post(f"{path}/accept", data=YES),
        stranger.post(f"{path}/decline", data=NO),
    ):
        assert answer.status_code == 410
        assert "no longer there" in answer.text
        assert "Desk" not in answer.text


@pytest.mark.one_database
def test_nobody_makes_a_link(app, row, stranger, path):
    token = path.removeprefix("/q/")
    key = app.config["SECRET_KEY"]
    made = [URLSafeSerializer(key, salt="other").dumps([row.id, row.link_key])]
    made += [URLSafeSerializer("other", salt=links.SALT).dumps([row.id, row.link_key])]
    made += [token[:-1], token[1:], f"{token}a", token.swapcase(), "x", "1.2", "%00", token.partition(".")[0]]
    for forged in made:
        assert stranger.get(f"/q/{forged}").status_code in (400, 404), forged
    for odd in ([row.id, None], [row.id, ""], ["1", "2"], [2**70, "a"], [-1, "a"]):
        signed = URLSafeSerializer(key, salt=links.SALT).dumps(odd)
        assert stranger.get(f"/q/{signed}").status_code == 410, odd
    for odd in (5, {"a": 1, "b": 2}, [1], None):
        signed = URLSafeSerializer(key, salt=links.SALT).dumps(odd)
        assert stranger.get(f"/q/{signed}").status_code in (404, 410), odd


@pytest.mark.one_database
def test_a_draft_has_no_link(app, lead_id, ada, stranger):
    row = written(lead_id, ada, submitted=False)
    with app.test_request_context():
        assert links.address(row) == ""
    assert stranger.get(path_of(app, row)).status_code == 410


@pytest.mark.one_database
def test_answers_need_their_token_of_the_page(make_app, row, path):
    client = make_app(WTF_CSRF_ENABLED=True).test_client()

    assert client.post(f"{path}/accept", data=YES).status_code == 400
    assert client.post(f"{path}/decline", data=NO).status_code == 400
    assert again(row).state == "submitted"


@pytest.mark.one_database
def test_answers_are_bounded(make_app, path):
    client = make_app(RATELIMIT_ENABLED=True).test_client()

    answers = [client.post(f"{path}/decline", data={}).status_code for _time in range(21)]

    assert answers == [422] * 20 + [429]


@pytest.mark.one_database
def test_what_is_too_long_is_told(stranger, path, row):
    long = {"decline-name": "A" * 201, "decline-note": "B" * 2001}

    answer = stranger.post(f"{path}/decline", data=long)

    assert answer.status_code == 422
    assert "At most 200 characters." in answer.text
    assert "At most 2000 characters." in answer.text
    assert again(row).state == "submitted"


@pytest.mark.one_database
def test_whoever_holds_the_lead_hears_of_it(app, stranger, path, row, rows, monkeypatch):
    sent = []
    monkeypatch.setattr("leadhub.jobs.mail.can_send", lambda: True)
    monkeypatch.setattr("leadhub.jobs.mail.send_mail", lambda *args, **words: sent.append((args, words)))

    stranger.post(f"{path}/decline", data=NO)

    ((template, to), words) = sent[0]
    assert (template, to, words["answer"]) == ("quotation_answered", "bob@example.org", "decline")
    assert words["link"].endswith(f"/quotations/{row.id}")
    assert len(sent) == 1


def test_the_last_day_is_a_day_of_the_hub(row, monkeypatch):
    row.valid_until = date(2027, 1, 31)
    monkeypatch.setattr(parties, "today", lambda: date(2027, 1, 31))
    assert decisions.standing_of(row) == "asked"
    monkeypatch.setattr(parties, "today", lambda: date(2027, 2, 1))
    assert decisions.standing_of(row) == "expired"


def test_a_version_that_was_accepted_meanwhile_is_not_replaced_unseen(stranger, path, row, ada):
    new = writing.revise(row, by=ada)
    new_id = new.id
    db.session.commit()
    assert stranger.post(f"{path}/accept", data=YES).status_code == 303

    db.session.expire_all()
    with pytest.raises(parties.NotNow, match="accepted the version before"):
        writing.submit(db.session.get(Quotation, new_id), by=ada)
    row = again(row)
    assert row.state == "accepted"
    services.act(row, "cancel", by=ada)
    writing.submit(db.session.get(Quotation, new_id), by=ada)
    assert (row.state, db.session.get(Quotation, new_id).state) == ("cancelled", "submitted")
