"""For any leads, filters, orders, texts and readers: pages, totals, exports, changes of many and a plain Python count
agree, on both databases."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leadhub.accounts.models import Role, Team
from leadhub.accounts.roles import EXPORT_LEADS
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.leads.listing import bulk, pages
from leadhub.leads.listing.bulk import MoreThanTold
from leadhub.leads.listing.export import Export
from leadhub.leads.listing.models import BulkItem
from leadhub.leads.listing.pages import Place, blocks_of, matching, neighbours_of, page_of
from leadhub.leads.listing.state import state_from
from leadhub.leads.listing.totals import total_of
from leadhub.leads.many import Act
from leadhub.leads.models import Lead
from leadhub.leads.services import create_leads
from leadhub.plugins.api import LeadDraft
from leadhub.plugins.api.leads import Address, Reach
from tests.leads.listing.oracle import Oracle

PEOPLE = ("ada", "mia", "bob", "vic")
MAILS = [f"{name}@example.org" for name in PEOPLE]
NAMES = [
    "",
    "Dupont",
    "dupré",
    "Élan",
    "ÉLAN",
    "Zoé",
    "L’Oréal",
    "Cœur",
    "O'Neil",
    "'",
    "李",
    "a%b",
    "x_y",
    "a\\b",
    "😀 Smith",
    "De la Tour",
    "straße",
    "-",
]
PHONES = [
    "",
    "06 12 34 56 78",
    "+33 6 12 34 56 78",
    "0033612345678",
    "01.23.45.67.89",
    "0612",
    "ext. A",
    "+33 (0)6 99 00 00 01",
]
MAILBOXES = ["", "ada@example.org", "Zoé@élan.example", "a_b@x.example", "B@x.example"]
MOMENTS = [
    datetime(2026, 10, 24, 21, 59, tzinfo=UTC) + timedelta(minutes=minutes)
    for minutes in (0, 1, 2, 180, 181, 1500, 1501, 1561, 2941, 10**5, -(10**5))
]
WORDS = [
    "",
    "dupont",
    "zoe",
    "ELAN",
    "l'oreal",
    "du",
    "d",
    "%",
    "_",
    "\\",
    '"',
    "*",
    "AND",
    "NEAR(",
    "06 12",
    "+33612",
    "0033612",
    "5678",
    "smith",
    "😀",
    "李",
    "coeur x",
    "'",
    "example",
    "a_b",
]
SOURCES, TAGS = ("Fair", "Web", "Élan"), ("vip", "new", "old")
DAYS = ("today", "yesterday", "last-7-days", "this-week", "this-month", "last-quarter", "past", "future", "2026-10-25")


def own_values(own):
    return st.fixed_dictionaries(
        {},
        optional={
            own["text"]: st.sampled_from(NAMES[1:]),
            own["number"]: st.sampled_from([Decimal(0), Decimal("-1.5"), Decimal("12.3456"), Decimal(7)]),
            own["day"]: st.sampled_from([date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26), date(2027, 1, 1)]),
            own["choice"]: st.sampled_from(["Blue", "Red"]),
            own["choices"]: st.sampled_from([("Blue",), ("Blue", "Red"), ("Été",)]),
            own["yes_no"]: st.just(True),
        },
    )


def drafts(own):
    return st.builds(
        LeadDraft,
        channel=st.just("form"),
        is_organisation=st.booleans(),
        last_name=st.sampled_from(NAMES),
        first_name=st.sampled_from(NAMES),
        organisation=st.sampled_from(NAMES),
        job_title=st.sampled_from(NAMES),
        email=st.sampled_from(MAILBOXES),
        emails=st.lists(st.sampled_from(MAILBOXES[1:]), max_size=1).map(lambda it: tuple(Reach(value=v) for v in it)),
        phone=st.sampled_from(PHONES),
        phones=st.lists(st.sampled_from(PHONES[1:]), max_size=1).map(lambda it: tuple(Reach(value=v) for v in it)),
        website=st.sampled_from(["", "https://É.example", "HTTPS://a.example"]),
        source=st.sampled_from(["", *SOURCES]),
        tags=st.lists(st.sampled_from(TAGS), max_size=2, unique=True).map(tuple),
        owner=st.sampled_from(["", *MAILS]),
        gender=st.sampled_from(["", "female", "male"]),
        unsubscribed=st.booleans(),
        employees=st.sampled_from([None, 0, 5, 12]),
        annual_revenue=st.sampled_from([None, Decimal(0), Decimal("1000.50"), Decimal("99.99")]),
        received_at=st.sampled_from(MOMENTS),
        next_contact_at=st.sampled_from([None, *MOMENTS]),
        external_id=st.sampled_from(["", "A1", "b2"]),
        addresses=st.sampled_from(
            [(), (Address(city="Évry", country="FR"),), (Address(city="Metz"), Address(country="BE", postal_code="B1"))]
        ),
        custom=own_values(own),
    )


def filters(own):
    """(key of an address, its values) pairs."""
    choice = st.sampled_from(["none", "any"])
    text, day = st.sampled_from([name for name in NAMES if fold(name)]), st.sampled_from([*DAYS, "none", "any"])
    edge, number = (
        st.sampled_from(["2026-10-24", "2026-10-25", "2027-01-01"]),
        st.sampled_from(["0", "5", "12.3456", "99.99"]),
    )
    texts = ["last_name", "first_name", "organisation", "job_title", "city", own["text"]]
    pairs = [
        *(
            st.tuples(st.sampled_from([name, f"{name}.not"]), st.lists(text | choice, min_size=1, max_size=2))
            for name in texts
        ),
        st.tuples(st.sampled_from([f"{name}.has" for name in texts]), st.lists(text, min_size=1, max_size=2)),
        _pairs("email", st.sampled_from(MAILBOXES[1:]) | choice),
        _pairs("phone", st.sampled_from([it for it in PHONES[1:] if "ext" not in it]) | choice),
        st.tuples(
            st.just("phone.has"), st.lists(st.sampled_from(["06 12", "+33612", "0033 6", "67", "789"]), min_size=1)
        ),
        st.tuples(st.just("email.has"), st.lists(st.sampled_from(["EXAMPLE", "a_b", "élan"]), min_size=1)),
        _pairs("website", st.sampled_from(["https://É.example", "https://a.EXAMPLE"]) | choice),
        _pairs("source", st.sampled_from(["fair", "web"]) | choice),
        _pairs("tags", st.sampled_from(["vip", "new"]) | choice),
        _pairs("status", st.sampled_from(["open", "closed"])),
        _pairs("gender", st.sampled_from(["female"]) | choice),
        _pairs("owner", st.sampled_from(["me", "my-team", *MAILS]) | choice),
        _pairs("country", st.just("FR") | choice),
        _pairs("addresses", choice, is_only=True),
        _pairs("unsubscribed", st.sampled_from(["yes", "no"]), is_only=True),
        _pairs(own["yes_no"], st.sampled_from(["yes", "no"]), is_only=True),
        *(_pairs(name, day, is_only=True) for name in ("received_at", "next_contact_at", own["day"])),
        *(_edges(name, edge) for name in ("received_at", "next_contact_at", own["day"])),
        *(_pairs(name, number | choice, is_only=True) for name in ("employees", "annual_revenue", own["number"])),
        *(_edges(name, number) for name in ("employees", "annual_revenue", own["number"])),
    ]
    return st.lists(st.one_of(pairs), max_size=3).map(dict)


def _pairs(name, values, *, is_only=False):
    keys = [name] if is_only else [name, f"{name}.not"]
    return st.tuples(st.sampled_from(keys), st.lists(values, min_size=1, max_size=3))


def _edges(name, values):
    return st.tuples(st.sampled_from([f"{name}.from", f"{name}.to"]), values.map(lambda value: [value]))


def sorts(own):
    names = [
        "name",
        "last_name",
        "organisation",
        "job_title",
        "email",
        "received_at",
        "created_at",
        "next_contact_at",
        "source",
        "status",
        "owner",
        "employees",
        "annual_revenue",
        "gender",
        "unsubscribed",
    ]
    names += [own[type] for type in ("text", "number", "day", "choice")]
    return st.tuples(st.sampled_from(["", "-"]), st.sampled_from(names)).map("".join)


def examples(config):
    return 250 if config.option.full_size else 6


def walked(user, state, *, backwards_from=None):
    """Ids, page after page; from the end to the beginning where a place is given."""
    ids, place, is_back = [], backwards_from, backwards_from is not None
    for _step in range(100):
        page = page_of(user, state, **({"before": place} if is_back else {"after": place}))
        found = [lead.id for lead in page.leads]
        ids = found + ids if is_back else ids + found
        following = page.before if is_back else page.after
        if following is None:
            return ids
        place = Place.read(str(following), state.sort)
        assert place is not None
    raise AssertionError("pages without end")


def check(user, asked, text, sort, expected):
    state = state_from({**asked, "q": [text], "sort": [sort]}, user)
    assert walked(user, state) == expected
    assert [lead.id for block in blocks_of(user, state, 2) for lead in block] == expected
    assert total_of(user, state) == len(expected)
    assert total_of(user, state, most=2) == min(len(expected), 3)
    if len(expected) > 1:
        last = db.session.get_one(Lead, expected[-1])
        assert walked(user, state, backwards_from=pages._place_of(last, state.sort)) == expected[:-1]
    for number, lead_id in enumerate(expected[:4]):
        around = (expected[number - 1] if number else None, (expected[number + 1 :] or [None])[0])
        assert neighbours_of(user, state, db.session.get_one(Lead, lead_id)) == around


def check_takers(user, asked, text, sort, expected):
    """An export and a change of many take the same leads."""
    state = state_from({**asked, "q": [text], "sort": [sort]}, user)
    names = [db.session.get_one(Lead, lead_id).last_name for lead_id in expected]
    if user.may(EXPORT_LEADS):
        export = Export.of(user, state)
        place = export.heads.index("Last name")
        assert [row[place] for rows in export.blocks() for row in rows] == names
    with pytest.raises(MoreThanTold) as error:  # they are chosen, and nothing is changed
        bulk.begin(matching(user, state, all_of_them=True), Act(act="delete"), by=user, words="", most=-1)
    assert error.value.total == len(expected)
    assert list(db.session.scalars(sa.select(BulkItem.lead_id).order_by(BulkItem.lead_id))) == sorted(expected)
    db.session.rollback()


@pytest.fixture
def teams(person, make_leads):
    make_leads(*({"last_name": name, "source": name, "tags": TAGS} for name in SOURCES))  # their lists stay
    north, south = Team(name="North"), Team(name="South")
    for name, team in {"bob": north, "mia": north, "vic": south, "ada": south}.items():
        person(name).team = team
    db.session.commit()


def test_pages_blocks_totals_and_neighbours_are_those_of_the_oracle(own, today, teams, person, monkeypatch, request):
    monkeypatch.setattr(pages, "PAGE", 3)
    quietly = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck), "derandomize": True}
    quietly["phases"] = [Phase.generate, *([Phase.shrink] if request.config.option.full_size else [])]

    @settings(max_examples=examples(request.config), **quietly)
    @given(
        st.lists(drafts(own), min_size=6, max_size=14),
        st.lists(st.integers(0, 20), max_size=2),
        st.sampled_from(["all", "team", "own"]),
        st.lists(
            st.tuples(st.sampled_from(PEOPLE), filters(own), st.sampled_from(WORDS), sorts(own)), min_size=8, max_size=8
        ),
    )
    def agree(made, binned, reach, asked):
        db.session.rollback()
        db.session.execute(sa.delete(Lead))
        db.session.execute(sa.update(Role).values(reach=reach))
        ids = [outcome.lead_id for outcome in create_leads(made, by=None) if outcome.lead_id]
        for place in binned:
            if ids:
                which = sa.update(Lead).where(Lead.id == ids[place % len(ids)])
                db.session.execute(which.values(deleted_at=utcnow()), execution_options={"synchronize_session": False})
        db.session.commit()
        oracle = Oracle()
        for number, (name, chosen, text, sort) in enumerate(asked):
            chosen = chosen if number else {}
            user = person(name)
            expected = oracle.ids(user, text=text, sort=sort, **chosen)
            check(user, chosen, text, sort, expected)
            check_takers(user, chosen, text, sort, expected)

    agree()
