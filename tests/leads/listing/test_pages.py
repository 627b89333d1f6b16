"""Orders, pages and what stands around a lead; addresses that somebody has tampered with; plans of the database."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role, User
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.fields.catalogue import FIELDS
from leadhub.fields.models import FieldRow
from leadhub.leads.listing import pages
from leadhub.leads.listing.columns import listed_fields
from leadhub.leads.listing.pages import Place, blocks_of, neighbours_of, page_of
from leadhub.leads.listing.sorts import may_sort
from leadhub.leads.listing.totals import total_of
from leadhub.leads.models import Lead
from tests.leads.listing.oracle import Oracle

MOMENT = datetime(2026, 3, 1, 9, tzinfo=UTC)
PROBES = (
    "id,(",
    "zzz",
    "id--",
    "id'",
    "(select 1)",
    "1;--",
    "none",
    "-",
    "%",
    "\\",
    '"',
    "a" * 300,
    "id desc",
    "1 or 1=1",
    "${7*7}",
)


def told(values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def test_names_are_sorted_as_french_and_english_people_expect(make_leads, listed):
    names = ("Zoé", "dupré", "Faure", "Élan", "Dupont", "DUPONT", "d’Arc", "Le Goff", "Lécuyer", "Œuvre", "Oz")
    ids = dict(zip(make_leads(*({"last_name": name} for name in names)), names, strict=True))
    organisation, person, named = make_leads(
        {"organisation": "Garage", "last_name": "Zola", "is_organisation": True},
        {"organisation": "Abbey", "last_name": "Martin"},
        {"email": "hello@example.org"},
    )
    ids |= {organisation: "Garage", person: "Martin", named: "hello@"}

    order = [
        "d’Arc",
        "Dupont",
        "DUPONT",
        "dupré",
        "Élan",
        "Faure",
        "Garage",
        "hello@",
        "Le Goff",
        "Lécuyer",
        "Martin",
        "Œuvre",
        "Oz",
        "Zoé",
    ]
    assert [ids[it] for it in listed("vic", sort="name")] == order
    assert [ids[it] for it in listed("vic", sort="-name")] == order[::-1]


def test_every_order_has_the_empty_last_and_pages_hold_each_lead_once(make_leads, own, state_for, person, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    full = [
        {
            "last_name": name,
            "first_name": name,
            "organisation": name,
            "job_title": name,
            "email": f"{name}@x.example",
            "employees": place // 2,
            "annual_revenue": Decimal(place) / 3,
            "expected_value": Decimal(-place),
            "gender": gender,
            "language": "fr",
            "currency": "USD",
            "source": name,
            "campaign": name,
            "owner": f"{owner}@example.org",
            "next_contact_at": MOMENT + timedelta(days=place // 2),
            "received_at": MOMENT,
            "unsubscribed": place % 2 == 0,
            "custom": {
                own["text"]: name,
                own["link"]: f"https://{place}.example",
                own["number"]: Decimal(place) / 7,
                own["day"]: (MOMENT - timedelta(days=place)).date(),
                own["choice"]: ("Red", "Blue", "Été")[place % 3],
            },
        }
        for place, (name, gender, owner) in enumerate(
            [("dupre", "male", "bob"), ("Élan", "female", "ada"), ("Zoé", "other", "mia"), ("B_a", "male", "bob")]
        )
    ]
    make_leads(*full, {"last_name": "", "organisation": "only"}, {"first_name": "Only"}, {"email": "o@x.example"})
    user, oracle = person("ada"), Oracle()

    sortable = [field.name for field in listed_fields(user).values() if may_sort(field)]
    assert {"last_name", "organisation", "owner", "status", "source", "employees", own["text"], own["choice"]} <= {
        *sortable
    }
    for sort in (sign + name for name in ("name", *sortable) if name not in UNORACLED for sign in ("", "-")):
        state, expected = state_for("ada", sort=sort), oracle.ids(user, sort=sort)
        assert (sort, walk(user, state)) == (sort, expected)
        assert (sort, walk(user, state, before=db.session.get_one(Lead, expected[-1]))) == (sort, expected[:-1])
        for place, lead_id in enumerate(expected):
            around = ((None, *expected)[place], (*expected, None)[place + 1])
            assert (sort, neighbours_of(user, state, db.session.get_one(Lead, lead_id))) == (sort, around)


UNORACLED = ("created_by", "next_contact_by")


def walk(user, state, before=None):
    ids, place = [], pages._place_of(before, state.sort) if before else None
    while True:
        page = page_of(user, state, before=place) if before else page_of(user, state, after=place)
        found = [lead.id for lead in page.leads]
        ids = found + ids if before else ids + found
        place = page.before if before else page.after
        if place is None:
            return ids
        place = Place.read(str(place), state.sort)


def test_texts_are_sorted_by_code_point_on_every_database(own, state_for):
    for name in ("last_name", "job_title", "email", "gender", own["text"], own["link"]):
        sort = state_for("ada", sort=name).sort
        is_postgres = db.engine.dialect.name == "postgresql"
        assert ('COLLATE "C"' in str(sort.value.compile(db.engine))) == is_postgres


def test_a_page_behind_which_everything_is_gone_is_the_first(make_leads, state_for, person):
    ids = make_leads({"last_name": "A"}, {"last_name": "B"})
    state = state_for("ada", sort="name")

    for asked in ({"after": Place(0, "z", 9)}, {"before": Place(0, "", 1)}):
        assert [lead.id for lead in page_of(person("ada"), state, **asked).leads] == ids


BAD = [
    "",
    "x",
    "é",
    "=" * 5,
    "\x00",
    "a" * 5000,
    told(7),
    told([]),
    told({}),
    told([0, 1]),
    told([0, None, 1]),
    told([0, "x", "1"]),
    told([0, [], 1]),
    told([0, {}, 1]),
    told([0, "2026-99-99", 1]),
    told([0, "0001-01-01T00:00:00+14:00", 1]),
    told([0, 1, 2**31]),
    told([0, 2**63, 1]),
    told([0, 10**30, 1]),
    told([0, "NaN", 1]),
    told([0, "Infinity", 1]),
    told([0, "1e25", 1]),
    told([0, "9" * 40, 1]),
    told([0, "\x00", 1]),
    told([0, "\ud800", 1]),
    told([0, "' or 1=1--", 1]),
    told([0, True, 1]),
    told([True, "a", 1]),
    told([0.0, "a", 1]),
    told([1, "a", 1]),
    told([1.0, None, 1]),
    told([2, "a", 1]),
    told([-1, "a", 1]),
    told([[], "a", 1]),
    told([0, "a", 0]),
    told([0, "a", -1]),
    told([0, 1.5, True]),
    base64.urlsafe_b64encode(b"[" * 1400).decode(),
    told([0, -(2**63), 1]),
    told([0, "9999-12-31T23:59:59-14:00", 1]),
    told([0, "2026-01-01", 1]),
]


def test_a_place_that_somebody_has_made_up_leads_to_a_page(make_leads, own, state_for, person):
    make_leads({"last_name": "A", "employees": 1, "custom": {own["number"]: Decimal(1)}})
    sorts = (
        "",
        "-last_name",
        "employees",
        "annual_revenue",
        "status",
        "unsubscribed",
        "gender",
        own["number"],
        own["day"],
    )
    user = person("ada")

    for state in (state_for("ada", sort=sort) for sort in sorts):
        for place in (Place.read(bad, state.sort) for bad in BAD):
            if place:
                assert len(page_of(user, state, after=place).leads) == 1
                assert len(page_of(user, state, before=place).leads) == 1


@pytest.mark.parametrize("bad", ["x", told([0, "\x00", 1]), told([0.0, "2026-01-01", 1])])
def test_a_made_up_place_in_an_address_is_none(client, make_lead, bad):
    make_lead()

    assert client.get("/leads/", query_string={"after": bad}).text.count('<tr id="lead-') == 1
    assert client.get("/leads/", query_string={"sort": "name", "before": bad}).status_code == 200


@pytest.fixture
def hidden(app):
    """``job_title`` and a field of the team are for managers alone."""
    with app.app_context():
        db.session.add(FieldRow(name="job_title", shown="more", seen_by="managers"))
        db.session.add(
            FieldRow(
                name="custom_2", type="text", names={"en": "Own"}, shown="more", seen_by="managers", searchable=True
            )
        )
        db.session.commit()
    return ("job_title", "custom_2")


def test_a_hidden_field_answers_as_one_that_is_not_there(client_of, make_lead, hidden):
    make_lead(last_name="A", job_title="Baker", custom={"custom_2": "Secret"})
    bob, mia = client_of("bob"), client_of("mia")

    for name in hidden:
        for asked in (
            {name: "Baker"},
            {f"{name}.has": "a"},
            {f"{name}.not": "none"},
            {"sort": name},
            {"sort": f"-{name}"},
        ):
            unknown = {key.replace(name, "zzz"): value.replace(name, "zzz") for key, value in asked.items()}
            mine, other = (bob.get("/leads/", query_string=it) for it in (asked, unknown))
            assert (asked, mine.status_code, other.status_code) == (asked, 400, 400)
            assert message(mine).replace(name, "zzz") == message(other)
            assert mia.get("/leads/", query_string=asked).status_code == 200
        shown, nothing = (
            heads(bob.get("/leads/", query_string={"columns": it})) for it in (f"source,{name}", "source,zzz")
        )
        assert shown == nothing
    assert heads(mia.get("/leads/?columns=job_title")) != heads(bob.get("/leads/?columns=job_title"))
    for text in ("Secret", "Baker"):
        assert 'class="row-link"' not in bob.get("/leads/", query_string={"q": text}).text


def message(answer):
    return re.search(r"Leads can’t be [^<]*", answer.text)[0]


def heads(answer):
    return [
        re.sub(r"<[^>]*>|\s+", " ", it).strip()
        for it in re.findall(r"<th scope=\"col\".*?</th>", answer.text, re.DOTALL)
    ]


def test_probes_are_answered_in_words_and_show_nothing_more(make_leads, state_for, person):
    mine, _other = make_leads(
        *({"last_name": it, "owner": f"{it}@example.org", "source": "Fair"} for it in ("bob", "ada"))
    )
    db.session.execute(sa.update(Role).values(reach="own"))
    db.session.commit()
    names = (
        "q",
        "sort",
        "columns",
        "source",
        "source.not",
        "job_title.has",
        "job_title.not",
        "employees.from",
        "received_at",
        "owner",
        "tags",
        "city",
        "phone.has",
        "phone",
        "email.has",
        "website",
    )

    for asked in ({name: probe} for probe in PROBES for name in (*names, probe, f"source.{probe}", f"{probe}.not")):
        try:
            state = state_for("bob", **asked)
        except UserError as error:
            assert (asked, error.status) == (asked, 400)  # noqa: PT017
        else:
            found = [lead.id for lead in page_of(person("bob"), state).leads]
            assert (asked, found) in ((asked, [mine]), (asked, []))
            assert total_of(person("bob"), state) == len(found)


def test_probes_in_an_address_are_no_errors(client, make_lead):
    make_lead()

    for name in ("q", "sort", "columns", "view", "after", "before", "source", "zzz", "id,("):
        assert client.get("/leads/", query_string={name: "id,("}).status_code in (200, 400, 404)


def test_the_list_costs_as_many_queries_for_ten_rows_with_every_column_and_with_filters(
    client, make_lead, count_queries, rows
):
    client.post(
        "/settings/fields/add", data={"type": "choices", "name_en": "Own", "shown": "more", "choices": "Blue\nRed"}
    )
    (row,) = rows("fields")
    columns = ",".join(
        [*FIELDS, "created_at", "created_by", "external_id", "city", "postal_code", "country", row["name"]]
    )
    full = {
        "tags": ("vip",),
        "campaign": "Fair",
        "next_contact_by": "bob@example.org",
        "source": "Web",
        "custom": {row["name"]: ("Blue",)},
    }
    filters = {
        "source": "web",
        "tags": "vip",
        "owner": "none",
        "campaign": "any",
        "employees": "none",
        "city": "none",
        "q": "lead",
    }
    ask = lambda **asked: client.get("/leads/", query_string={"columns": columns, "view": "0", **asked})  # noqa: E731
    make_lead(**full)
    ask()
    with count_queries() as one:
        ask()
    for number in range(9):
        make_lead(**full | {"campaign": f"Fair {number}", "tags": ("vip", f"tag {number}"), "salutation": f"M{number}"})
    with count_queries() as ten:
        ask()
    with count_queries() as filtered:
        assert ask(**filters).text.count('<tr id="lead-') == 10

    assert len(ten) == len(one)
    assert len(filtered) <= len(ten) + len(filters)  # at most one look-up of the values for each filter


def test_only_what_the_columns_show_is_asked_for(make_leads, state_for, person, count_queries):
    make_leads({"last_name": "A", "tags": ("vip",)})
    user, state = person("ada"), state_for("ada", columns="status")
    user.reach  # noqa: B018  # loads the role

    with count_queries() as statements:
        page_of(user, state)

    assert len(statements) == 2  # the ids, then the rows


def test_blocks_are_read_when_they_are_asked_for(make_leads, state_for, person, count_queries):
    ids = make_leads(*({"last_name": f"L{number}"} for number in range(7)))
    user, state = person("ada"), state_for("ada", sort="name")
    user.reach  # noqa: B018  # loads the role

    with count_queries() as statements:
        first = next(blocks_of(user, state, 3))

    assert [lead.id for lead in first] == ids[:3]
    assert len(statements) == 2


@pytest.fixture
def plan_of(context, count_queries, database):
    """``plan_of(lambda: ...)``: SQLite's plans of the statements that it runs on leads, as one text."""
    if database != "sqlite":
        pytest.skip("plans of SQLite")

    def plan(run):
        noted = []

        def note(connection, cursor, statement, parameters, *rest):
            noted.append((statement, parameters))

        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            run()
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
        lines = []
        for statement, parameters in noted:
            if "FROM leads" in statement:
                rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                lines += [row[3] for row in rows]
        return "\n".join(lines)

    return plan


@pytest.mark.one_database
def test_pages_totals_and_searches_walk_the_indexes_that_were_made_for_them(make_leads, state_for, person, plan_of):
    make_leads(
        *({"last_name": f"Dupont {number}", "source": "Fair", "owner": "bob@example.org"} for number in range(60))
    )
    db.session.execute(sa.update(Role).where(Role.name == "agent").values(reach="own"))
    db.session.commit()
    ada, bob = person("ada"), person("bob")
    ids = lambda name, **asked: plan_of(lambda: pages._rows(person(name), state_for(name, **asked), None, 51))  # noqa: E731

    newest = ids("ada")
    assert "ix_leads_list" in newest
    assert "TEMP B-TREE" not in newest
    filtered = ids("ada", source="fair")
    assert "COVERING INDEX ix_leads_list" in filtered
    assert "ix_leads_source_id" not in filtered
    assert "TEMP B-TREE" not in filtered
    named = ids("ada", sort="name")
    assert "ix_leads_sort_key" in named
    assert "TEMP B-TREE" not in named
    mine = ids("bob")
    assert mine.count("SEARCH leads USING COVERING INDEX ix_leads_held") == 2  # his own, and nobody's
    total = plan_of(lambda: total_of(ada, state_for("ada", source="fair")))
    assert "COVERING INDEX ix_leads" in total
    assert "leads_search VIRTUAL TABLE" in plan_of(lambda: total_of(bob, state_for("bob", q="dupont")))
    assert "leads_search VIRTUAL TABLE" in ids("ada", q="dupont")


def test_nobody_sees_nothing(make_leads, state_for):
    make_leads({"last_name": "A"})
    state = state_for("ada")

    for user in (None, User(active=False)):
        assert page_of(user, state).leads == []
        assert total_of(user, state) == 0
