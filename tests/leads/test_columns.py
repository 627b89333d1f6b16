"""The list's columns, and filtering by an address: both from the catalogue."""

from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.fields.models import FieldChoice, FieldRow
from leadhub.fields.queries import catalogue
from leadhub.leads import columns, queries

PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def decide(app):
    """``decide("website", in_list=True)``: as an admin does under Settings > Fields."""

    def decide(name, **changes):
        with app.app_context():
            field = catalogue()[name]
            values = {"shown": field.shown, "in_list": field.in_list, "seen_by": field.seen_by} | changes
            db.session.add(FieldRow(name=name, **values))
            db.session.commit()

    return decide


@pytest.fixture
def add_field(app):
    """``add_field("choice", "Blue", "Red")``: the name of a field of the team's own, which the list shows."""

    def add(type, *choices, **changes):
        with app.app_context():
            row = FieldRow(name="new", type=type, names={"en": f"Own {type}"}, shown="form", in_list=True, **changes)
            db.session.add(row)
            db.session.flush()
            row.name = f"custom_{row.id}"
            for name in choices:
                db.session.add(FieldChoice(field_id=row.id, key=name.lower(), names={"en": name}))
            db.session.commit()
            return row.name

    return add


def found(client, **asked):
    """Names of the leads that the address shows, in the order of the alphabet."""
    page = client.get("/leads/?" + urlencode(asked, doseq=True))
    assert page.status_code == 200
    names = sorted(part.partition("<")[0] for part in page.text.split('class="row-link"')[1:])
    names = [name.partition(">")[2] for name in names]
    assert (f"{len(names)} lead" if names else "No lead") in page.text
    return names


def heads(client):
    text = client.get("/leads/").text
    return [part.partition("</th>")[0].rpartition(">")[2] for part in text.split('<th scope="col"')[1:]]


def test_the_columns_are_those_of_the_catalogue(client, make_lead):
    make_lead()

    assert heads(client) == ["Name", "Status", "E-mail", "Phone", "Owner", "Source", "Received on"]


def test_an_admin_decides_which_columns_there_are(client, make_lead, decide):
    make_lead(website="https://roye.example")
    decide("website", in_list=True, shown="more")
    decide("phone", in_list=False)

    assert heads(client) == ["Name", "Status", "Website", "E-mail", "Owner", "Source", "Received on"]
    assert "https://roye.example" in client.get("/leads/").text


def test_a_column_that_is_off_or_for_managers_is_not_shown_to_others(client_of, make_lead, decide):
    make_lead(job_title="Baker", website="https://roye.example")
    decide("job_title", in_list=True, seen_by="managers")
    decide("website", in_list=True, shown="off")

    assert "Baker" in client_of("mia").get("/leads/").text
    assert "Baker" not in client_of("bob").get("/leads/").text
    assert "roye.example" not in client_of("mia").get("/leads/").text


@pytest.mark.parametrize(
    ("type", "value", "words"),
    [
        ("text", "Bordeaux", "Bordeaux"),
        ("number", Decimal("1234.5"), "1,234.5"),
        ("day", date(2026, 7, 1), "1 Jul 2026"),
        ("choice", "Red", "Red"),
        ("choices", ("Blue", "Red"), "Blue, Red"),
        ("yes_no", True, "Yes"),
        ("link", "https://roye.example", "https://roye.example"),
    ],
)
def test_a_field_of_the_team_is_a_column(client, make_lead, add_field, type, value, words):
    name = add_field(type, *(("Blue", "Red") if type.startswith("choice") else ()))
    make_lead(custom={name: value})

    page = client.get("/leads/").text

    assert f"Own {type}" in heads(client)
    assert f'<span class="cut">{words}</span>' in page


def test_each_kind_of_value_reads_as_people_write_it(client, make_lead, decide):
    shown = ("annual_revenue", "gender", "language", "tags", "addresses", "unsubscribed", "employees")
    for name in shown:
        decide(name, in_list=True, shown="more")
    make_lead(annual_revenue=Decimal("12000.50"), gender="female", language="fr", tags=("vip", "new"), employees=0)

    page = client.get("/leads/").text

    for words in ("€12,000.50", "Female", "French", "vip, new", ">0<"):
        assert words in page


def test_the_list_costs_as_many_queries_for_forty_rows_as_for_one(client, make_lead, add_field, decide, count_queries):
    for name in ("tags", "addresses", "campaign", "next_contact_by"):
        decide(name, in_list=True, shown="more")
    own = add_field("choices", "Blue", "Red")
    full = {
        "tags": ("vip",),
        "campaign": "Fair",
        "next_contact_by": "bob@example.org",
        "custom": {own: ("Blue", "Red")},
    }
    make_lead(**full)
    with count_queries() as one:
        client.get("/leads/?source=none")
    for number in range(39):
        make_lead(**full | {"campaign": f"Fair {number}", "tags": ("vip", f"tag {number}")})
    with count_queries() as forty:
        client.get("/leads/?source=none")

    assert len(forty) == len(one)


def test_only_what_the_columns_show_is_asked_for(context, person, make_lead, count_queries):
    make_lead(tags=("vip",))
    shown = [field for field in columns.columns_for(person("ada")) if field.name == "status"]
    statement = queries.leads_matching(person("ada"))

    with count_queries() as statements:
        queries.page_of(statement, None, shown)

    assert len(statements) == 1


def test_filters_choose_by_choice_person_tag_and_fixed_word(client, make_lead):
    make_lead(last_name="A", source="WhatsApp", owner="bob@example.org", tags=("vip",), gender="female")
    make_lead(last_name="B", source="LinkedIn", owner="ada@example.org", tags=("cold",), language="fr")
    make_lead(last_name="C")

    assert found(client, source="whatsapp") == ["A"]
    assert found(client, source=["whatsapp", "linkedin"]) == ["A", "B"]
    assert found(client, source="none") == ["C"]
    assert found(client, source=["none", "linkedin"]) == ["B", "C"]
    assert found(client, owner="me") == ["B"]
    assert found(client, owner="none") == ["C"]
    assert found(client, owner="bob@example.org") == ["A"]
    assert found(client, tags="vip") == ["A"]
    assert found(client, tags="none") == ["C"]
    assert found(client, gender="female") == ["A"]
    assert found(client, gender="none") == ["B", "C"]
    assert found(client, source=["whatsapp", "linkedin"], owner="me") == ["B"]
    assert found(client, q="a", source="whatsapp") == ["A"]
    assert found(client, source="") == ["A", "B", "C"]


def test_filters_choose_by_fields_of_the_team(client, make_lead, add_field):
    colour, text, sure = add_field("choices", "Blue", "Red"), add_field("text"), add_field("yes_no")
    make_lead(last_name="A", custom={colour: ("Blue", "Red"), text: "Cœur d’Étoile"})
    make_lead(last_name="B", custom={colour: ("Red",), sure: True})
    make_lead(last_name="C")

    assert found(client, **{colour: "blue"}) == ["A"]
    assert found(client, **{colour: ["blue", "red"]}) == ["A", "B"]
    assert found(client, **{colour: "none"}) == ["C"]
    assert found(client, **{text: "coeur d'etoile"}) == ["A"]
    assert found(client, **{text: "coeur"}) == []
    assert found(client, **{text: "none"}) == ["B", "C"]
    assert found(client, **{sure: "yes"}) == ["B"]
    assert found(client, **{sure: "no"}) == ["A", "C"]


def test_texts_are_matched_whole_and_the_signs_of_like_are_only_signs(client, make_lead):
    make_lead(last_name="A", job_title="Head of Sales")
    make_lead(last_name="B", job_title="Été")

    assert found(client, job_title="head of SALES") == ["A"]
    assert found(client, job_title="Été") == ["B"]
    assert found(client, job_title="Head") == []
    assert found(client, job_title="%") == []
    assert found(client, job_title="none") == []
    assert found(client, is_organisation="no") == ["A", "B"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    "asked",
    [
        "nonsense=1", "source=nonsense", "owner=x@example.org", "owner=%25", "gender=x", "is_organisation=none",
        "version=1", "search_key=a", "external_id=1", "received_at=2026-01-01", "custom_99=1", "tags=x",
        "status=new&status=x", "email=a%40example.org",
    ],
)  # fmt: skip
def test_what_can_t_be_asked_for_is_refused_in_words(client, make_lead, asked):
    make_lead()

    answer = client.get(f"/leads/?{asked}")

    assert answer.status_code == 400
    assert "“" in answer.text


def test_a_field_that_one_may_not_see_answers_as_one_that_is_not_there(client_of, make_lead, decide):
    make_lead(job_title="Baker")
    decide("job_title", seen_by="managers")

    hidden = client_of("bob").get("/leads/?job_title=Baker")
    unknown = client_of("bob").get("/leads/?job_tytle=Baker")

    assert hidden.status_code == unknown.status_code == 400
    assert "Leads can’t be filtered by “job_title”." in hidden.text
    assert "Leads can’t be filtered by “job_tytle”." in unknown.text
    assert client_of("mia").get("/leads/?job_title=Baker").status_code == 200


def test_filters_are_chips_that_read_as_a_sentence_and_can_be_taken_away(client, make_lead):
    make_lead(source="WhatsApp", owner="bob@example.org")
    make_lead(source="LinkedIn")

    page = client.get("/leads/?q=lead&source=whatsapp&source=linkedin&owner=none").text

    assert "Source is WhatsApp or LinkedIn" in page
    assert "Owner is none" in page
    assert 'href="/leads/?q=lead&amp;owner=none"' in page
    assert 'href="/leads/?q=lead&amp;source=whatsapp&amp;source=linkedin"' in page
    assert 'href="/leads/?owner=none&amp;source=whatsapp&amp;source=linkedin"' in page


def test_the_drawer_offers_the_lists_and_keeps_what_else_is_asked_for(client, make_lead):
    make_lead(source="WhatsApp", campaign="Fair")

    page = client.get("/leads/?q=lead&campaign=fair&source=whatsapp").text

    assert '<select class="form-select" id="filter-source" name="source"' in page
    assert '<option value="whatsapp" selected>' in page
    assert '<input type="hidden" name="campaign" value="fair">' in page
    assert '<input type="hidden" name="q" value="lead">' in page


def test_pages_keep_the_filter(client, make_lead, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 1)
    for _ in range(2):
        make_lead(source="WhatsApp")

    first = client.get("/leads/?source=whatsapp").text
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")

    assert "source=whatsapp" in older
    assert "Source is WhatsApp" in client.get(older).text


def test_no_match_says_so_and_offers_to_clear(client, make_lead):
    make_lead()

    page = client.get("/leads/?owner=me").text

    assert "No lead matches." in page
    assert "Clear the filters" in page


def test_a_filter_shows_nothing_that_is_out_of_reach(app, client_of, make_lead):
    make_lead(last_name="Secret", owner="ada@example.org", source="WhatsApp")
    with app.app_context():
        for role in user_by_email("bob@example.org").roles:
            role.reach = "own"
        db.session.commit()

    assert found(client_of("bob"), source="whatsapp") == []


def test_texts_of_addresses_and_columns_are_escaped(client, make_lead, decide):
    decide("job_title", in_list=True, shown="more")
    make_lead(job_title="<script>alert(1)</script>")

    page = client.get("/leads/?" + urlencode({"job_title": "<script>alert(1)</script>"})).text

    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") >= 2


def test_htmx_gets_the_list_without_the_drawer(client, make_lead):
    make_lead()

    piece = client.get("/leads/?owner=none", headers=PIECE).text

    assert "Owner is none" in piece
    assert "<select" not in piece
