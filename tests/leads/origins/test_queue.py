"""The queue of leads without a source: what it shows and to whom, what is applied, what an undo gives back."""

import re

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.leads import services as leads_services
from leadhub.leads.models import Lead
from leadhub.leads.origins import queries, services
from leadhub.lists.models import Source

GOOGLE = {"other": {"utm_source": "google", "utm_medium": "cpc"}}
MAIN = re.compile(r"<main.*</main>", re.S)
UNDO = re.compile(r'action="(/leads/without-source/undo[^"]*)"')
QUEUE = "/leads/without-source"


@pytest.fixture
def apply(client_of):
    """``apply({"apply": 7, "source-7": "linkedin"})``: the page that comes after the button."""

    def press(data, by="ada", **options):
        return client_of(by).post(QUEUE, data=data, follow_redirects=True, **options)

    return press


@pytest.fixture
def hide(app):
    """``hide("source", seen_by="managers")``: an admin decided so."""

    def decide(name, **decision):
        with app.app_context():
            db.session.add(FieldRow(**{"name": name, "type": "", "names": {}, "shown": "form", **decision}))
            db.session.commit()

    return decide


@pytest.fixture
def reach(app):
    """``reach("own")``: how far everybody below an admin sees."""

    def change(word):
        with app.app_context():
            db.session.execute(sa.update(Role).values(reach=word))
            db.session.commit()

    return change


def text_of(page):
    return " ".join(re.sub(r"<[^>]*>", " ", MAIN.search(page.text)[0]).split())


def undo_of(page):
    return UNDO.search(page.text)[1].replace("&amp;", "&")


def change_source(app, lead_id, key):
    with app.app_context():
        row = db.session.scalar(sa.select(Source).where(Source.key == key))
        lead = db.session.get_one(Lead, lead_id)
        lead.source_id, lead.version = row.id, lead.version + 1
        db.session.commit()


def test_each_way_of_knowing_reaches_the_page(make_leads, suggested):
    campaign, company, firm = {"campaign": "Spring"}, {"organisation": "Acme"}, {"email": "a@acme.fr"}
    drafts = [GOOGLE, {"channel": "source:web-form"}, campaign, company, firm, {"email": "a@gmail.com"}, {}]
    known = [campaign | {"source": "LinkedIn"}] * 3 + [company | {"source": "Referral"}]
    known += [{"email": "b@acme.fr", "source": "Directory"}, {"email": "b@gmail.com", "source": "Directory"}]
    ids = make_leads(*drafts)
    make_leads(*known)

    found = suggested()

    assert [found.get(lead_id) for lead_id in ids] == [
        ("advertising", "utm_source is google, utm_medium is cpc"),
        ("web-form", "it came in by “Web form”"),
        ("linkedin", "3 of 3 leads of the campaign “Spring” have it"),
        ("referral", "another lead of “Acme” has it"),
        ("directory", "another lead with an e-mail at acme.fr has it"),
        None,
        None,
    ]


def test_a_domain_is_taken_whole(make_leads, suggested):
    (lead_id,) = make_leads({"email": "a@acme.fr"})
    make_leads(
        {"email": "a@notacme.fr", "source": "LinkedIn"}, {"email": "a@acme.fr.example.net", "source": "LinkedIn"}
    )

    assert lead_id not in suggested()


def test_a_retired_source_is_not_suggested(make_leads, suggested, retire):
    make_leads(GOOGLE, {"organisation": "Acme"})
    make_leads({"organisation": "Acme", "source": "Referral"})
    retire("advertising")
    retire("referral")

    assert suggested() == {}


def test_leads_that_the_reader_does_not_see_suggest_nothing(make_leads, suggested, reach):
    make_leads({"organisation": "Acme", "owner": "bob@example.org"})
    make_leads({"organisation": "Acme", "source": "Referral", "owner": "mia@example.org"})
    make_leads({"last_name": "Secret", "owner": "mia@example.org"})
    assert len(suggested("bob")) == 1

    reach("own")

    assert suggested("bob") == {}
    assert len(suggested("ada")) == 1


def test_what_is_in_the_bin_suggests_nothing(app, make_leads, suggested):
    (lead_id,) = make_leads({"organisation": "Acme"})
    (other,) = make_leads({"organisation": "Acme", "source": "Referral"})
    with app.app_context():
        lead = db.session.get_one(Lead, other)
        lead.deleted_at = lead.created_at
        db.session.commit()

    assert lead_id not in suggested()


@pytest.mark.parametrize("name", ["campaign", "organisation"])
def test_a_field_that_the_reader_does_not_see_suggests_nothing(make_leads, suggested, hide, name):
    make_leads({name: "Acme"}, {"last_name": "Other", **GOOGLE})
    make_leads(*[{name: "Acme", "source": "Referral"}] * 3)
    if name == "organisation":  # always there, for everybody
        assert len(suggested("bob")) == 2
        return
    hide(name, seen_by="managers")

    assert suggested("bob") == {}  # nor do other data, which may hold what that field could not
    assert len(suggested("mia")) == 2


def test_a_page_costs_as_many_queries_for_many_leads_as_for_few(app, make_leads, client, count_queries):
    def count():
        with count_queries() as statements:
            assert client.get(QUEUE).status_code == 200
        return len(statements)

    def of(number):
        told = {"campaign": f"C{number}", "email": f"a@company{number}.fr"}
        return [told, {"organisation": f"O{number}"}, {"email": f"b@firm{number}.fr"}, GOOGLE]

    make_leads(*of(0))
    make_leads({"organisation": "O0", "source": "Referral"}, {"email": "c@firm0.fr", "source": "Referral"})
    count()  # what is kept from page to page

    few = count()
    make_leads(*[draft for number in range(1, 12) for draft in of(number)])

    assert count() == few
    assert few < 25


def test_what_others_have_is_counted_over_few(make_leads, suggested, monkeypatch):
    monkeypatch.setattr(queries, "SAMPLE", 4)
    (lead_id,) = make_leads({"campaign": "Spring"})
    make_leads(*[{"campaign": "Spring", "source": "LinkedIn"}] * 9)

    count = int(suggested()[lead_id][1].split(" of ")[1].split()[0])

    assert count <= 4


def test_pages_are_behind_each_other_and_the_total_is_that_of_all(make_leads, client):
    make_leads(*[{"last_name": f"Lead {number:03}"} for number in range(60)])
    make_leads({"source": "LinkedIn"})

    first = client.get(QUEUE)
    older = re.search(r'id="origins-older" rel="next" href="([^"]+)"', first.text)[1]
    second = client.get(older)

    assert [page.text.count('class="origin"') for page in (first, second)] == [50, 10]
    assert "60 leads" in text_of(first)
    assert "60 leads" in text_of(second)
    assert "Lead 059" in first.text
    assert "Lead 000" in second.text


def test_one_lead_gets_its_source_by_one_press(make_leads, apply, sources, rows):
    ids = make_leads(GOOGLE, {})

    page = apply({"apply": ids[0], f"source-{ids[0]}": "advertising", f"source-{ids[1]}": "linkedin"})

    assert sources(ids) == ["advertising", None]
    assert "Source becomes “Advertising” on 1 lead." in text_of(page)
    event = rows("lead_events")[-1]
    assert (event["kind"], event["channel"], event["lead_id"]) == ("changed", "bulk", ids[0])
    assert [(run["field"], run["changed"], run["state"]) for run in rows("bulk_runs")] == [("source", 1, "done")]


def test_ticked_ones_get_each_what_is_chosen_beside_it_and_one_undo(make_leads, apply, sources, client):
    ids = make_leads({}, {}, {}, {})
    data = {"apply": "ticked", "lead": ids[:3], f"source-{ids[0]}": "linkedin", f"source-{ids[1]}": "referral"}

    page = apply(data | {f"source-{ids[2]}": "", f"source-{ids[3]}": "referral"})

    assert sources(ids) == ["linkedin", "referral", None, None]
    assert "2 leads have a source now." in text_of(page)
    assert "1 was left as it is: no source was chosen for it." in text_of(page)
    undone = client.post(undo_of(page), follow_redirects=True)
    assert "2 leads are as they were before." in text_of(undone)
    assert sources(ids) == [None] * 4
    assert client.post(undo_of(page)).status_code == 409


def test_a_group_gets_its_suggestion(make_leads, client, apply, sources):
    ids = make_leads(GOOGLE, GOOGLE, GOOGLE, {})
    page = client.get(QUEUE)
    assert "Advertising 3 leads utm_source is google, utm_medium is cpc Apply to these 3" in text_of(page)

    apply({"apply": "group", "source": "advertising", "lead": ids[:3]})

    assert sources(ids) == ["advertising"] * 3 + [None]


def test_a_lead_that_got_a_source_meanwhile_keeps_it(app, make_leads, apply, sources, rows):
    ids = make_leads({}, {})
    change_source(app, ids[0], "referral")
    data = {"apply": "ticked", "lead": ids, **{f"source-{it}": "linkedin" for it in ids}}

    page = apply(data)

    assert sources(ids) == ["referral", "linkedin"]
    assert "Source becomes “LinkedIn” on 1 lead. 1 got a source meanwhile, and was left alone." in text_of(page)
    again = apply(data)
    assert "No lead was changed. 2 got a source meanwhile, and were left alone." in text_of(again)
    assert "Undo" not in text_of(again)
    assert len(rows("bulk_runs")) == 1


def test_an_undo_leaves_alone_what_somebody_changed_after(app, make_leads, apply, sources, client, person):
    ids = make_leads({}, {})
    page = apply({"apply": "group", "source": "linkedin", "lead": ids})
    with app.app_context():
        lead = db.session.get_one(Lead, ids[0])
        leads_services.update_lead(lead, {"source": "referral"}, by=person("mia"), version=lead.version)
        db.session.commit()

    undone = client.post(undo_of(page), follow_redirects=True)

    assert sources(ids) == ["referral", None]
    assert "1 lead is as it was before. 1 was left as it is." in text_of(undone)


def test_an_undo_works_where_an_admin_wants_sources_filled(make_leads, apply, sources, client, hide):
    ids = make_leads({}, {})
    hide("source", required=True)

    undone = client.post(undo_of(apply({"apply": "group", "source": "linkedin", "lead": ids})), follow_redirects=True)

    assert sources(ids) == [None, None]
    assert "2 leads are as they were before." in text_of(undone)


def test_a_source_that_was_retired_meanwhile_is_given_to_nobody(make_leads, apply, sources, retire):
    ids = make_leads({}, {})
    retire("linkedin")

    page = apply({"apply": "group", "source": "linkedin", "lead": ids})

    assert sources(ids) == [None, None]
    assert "2 were left as they are: their source can no longer be chosen." in text_of(page)


def test_a_lead_that_is_not_ones_own_to_see_is_left_alone(make_leads, apply, sources, reach):
    ids = make_leads({"owner": "mia@example.org"}, {"owner": "bob@example.org"})
    reach("own")

    page = apply({"apply": "group", "source": "linkedin", "lead": ids}, by="bob")

    assert sources(ids) == [None, "linkedin"]
    assert "1 is in the bin, is gone, or is not one that you see." in text_of(page)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"apply": "ticked"}, "Tick leads first."),
        ({}, "Tick leads first."),
        ({"apply": "ticked", "lead": "1", "source-1": ""}, "Choose a source first."),
        ({"apply": "99999999999999", "source-1": "linkedin"}, "Tick leads first."),
    ],
)
def test_nothing_to_do_is_said_and_what_was_ticked_stays(make_leads, client, data, words):
    (lead_id,) = make_leads({})
    data = {key.replace("-1", f"-{lead_id}"): str(lead_id) if key == "lead" else value for key, value in data.items()}

    page = client.post(QUEUE, data=data)

    assert page.status_code == 422
    assert words in text_of(page)
    assert ("checked" in page.text) == ("lead" in data)


def test_a_piece_comes_with_its_message_and_the_focus_on_the_next_lead(make_leads, client):
    first, second, third = reversed(make_leads({}, {}, {}))
    data = {"apply": second, f"source-{second}": "linkedin", f"next-{second}": third}
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}

    piece = client.post(QUEUE, data=data, headers=headers, follow_redirects=True)

    assert "<html" not in piece.text
    assert 'id="origins-told"' in piece.text
    assert re.findall(r'id="apply-(\d+)"[^>]* autofocus', piece.text) == [str(third)]


def test_without_any_left_it_says_so(make_leads, client):
    make_leads({"source": "LinkedIn"})

    page = client.get(QUEUE)

    assert "Every lead has a source." in text_of(page)
    assert 'href="/dashboard/"' in MAIN.search(page.text)[0]


def test_whoever_may_not_see_or_change_sources_gets_nowhere(make_leads, client_of, hide, sources):
    (lead_id,) = make_leads({})
    hide("source", seen_by="managers", changed_by="managers")
    data = {"apply": lead_id, f"source-{lead_id}": "linkedin"}

    assert client_of("bob").get(QUEUE).status_code == 404
    assert client_of("bob").post(QUEUE, data=data).status_code == 404
    assert client_of("mia").get(QUEUE).status_code == 200
    assert sources([lead_id]) == [None]


def test_a_source_that_is_not_ones_own_to_change_is_refused(make_leads, client_of, hide, sources):
    (lead_id,) = make_leads({})
    hide("source", seen_by="all", changed_by="managers")

    assert client_of("bob").get(QUEUE).status_code == 403
    assert client_of("bob").post(QUEUE, data={"apply": lead_id, f"source-{lead_id}": "linkedin"}).status_code == 403
    assert "find-sources" not in client_of("bob").get("/leads/?source=none").text
    assert "find-sources" in client_of("mia").get("/leads/?source=none").text
    assert sources([lead_id]) == [None]


def test_an_undo_is_for_ones_own_changes_of_sources(make_leads, apply, client_of):
    ids = make_leads({})
    page = apply({"apply": "group", "source": "linkedin", "lead": ids})

    assert client_of("bob").post(undo_of(page)).status_code == 404
    assert client_of("bob").post(f"{QUEUE}/undo?run=x").status_code == 404
    assert client_of("bob").post(f"{QUEUE}/undo").status_code == 404


def test_the_ways_to_it(make_leads, client_of):
    make_leads({}, {"source": "LinkedIn"})
    card = "/dashboard/widgets/leads_by_source"

    assert "Find their sources" in client_of("ada").get(card).text
    assert "Find their sources" not in client_of("vic").get(card).text
    assert "Find their sources" in client_of("ada").get("/leads/?source=none").text
    assert "Find their sources" not in client_of("ada").get("/leads/?source.not=none").text
    assert "Find their sources" not in client_of("ada").get("/leads/?source=linkedin").text
    assert "Find their sources" not in client_of("vic").get("/leads/?source=none").text


def test_a_card_without_such_leads_leads_nowhere(make_leads, client):
    make_leads({"source": "LinkedIn"})

    assert "Find their sources" not in client.get("/dashboard/widgets/leads_by_source").text


def test_more_than_can_be_done_at_once_are_never_begun(app, make_leads, person, monkeypatch, rows):
    monkeypatch.setattr(services.bulk, "AT_ONCE", 2)
    ids = make_leads({}, {}, {})
    with app.app_context():
        services.apply(dict.fromkeys(ids, "linkedin"), by=person("ada"))
        db.session.commit()

    assert [run["total"] for run in rows("bulk_runs")] == [2]
