"""Every type of field with all that can be wanted of it, against plain Python; refusals; sentences."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from leadhub.fields import catalogue as kinds
from leadhub.fields.queries import catalogue, choices_of
from leadhub.leads.listing import filters, periods
from leadhub.leads.listing.columns import listed_fields
from leadhub.leads.listing.filters import OPERATORS, FilterRefused
from leadhub.plugins.api import Reach
from leadhub.plugins.api.leads import Address
from tests.leads.listing.oracle import Oracle

VALUES = {
    kinds.TEXT: ("Bäcker", "o'neil", "Été", "%", "_", "\\", "a%b", "BAEC"),
    kinds.LINK: ("https://a.example", "HTTPS://É.example", "a.exa", "%"),
    kinds.EMAILS: ("ada@example.org", "ADA@", "home@x.example", "_", "é@é.example"),
    kinds.PHONES: (
        "06 12 34 56 78",
        "+33612345678",
        "0033 6 12",
        "06 12",
        "5678",
        "+33 (0)6 12",
        "ext",
        "01.99",
        "999",
    ),
    kinds.NUMBER: ("0", "-1.5", "7", "12.3456", "12.34565", "899999999999999"),
    kinds.AMOUNT: ("0", "1000.5", "1000.505", "99.99"),
    kinds.DAY: ("2026-10-25", "today", "last-7-days", "this-quarter", "past", "future", "last-1-days"),
    kinds.MOMENT: (
        "2026-10-25",
        "today",
        "yesterday",
        "tomorrow",
        "last-7-days",
        "this-week",
        "last-week",
        "next-week",
        "this-month",
        "last-month",
        "last-quarter",
        "this-year",
        "last-year",
        "past",
        "future",
        "next-7-days",
    ),
    kinds.YES_NO: ("yes", "no"),
    kinds.TAGS: ("vip", "new"),
    kinds.PERSON: ("me", "my-team", "mia@example.org"),
}
FIXED = {"gender": ("female", "male"), "language": ("fr",), "currency": ("USD",), "country": ("FR", "BE")}
EMPTY = ("none", "any")


def dst(day, hour, minute=0):
    """UTC; Paris is an hour ahead in winter and two in summer."""
    return datetime(2026, *day, hour, minute, tzinfo=UTC)


@pytest.fixture
def leads(own, make_leads):
    """Leads that differ in everything, one of them empty but for its name."""
    moments = [
        dst((10, 24), 21, 59),
        dst((10, 24), 22),
        dst((10, 25), 0, 30),
        dst((10, 25), 1, 30),
        dst((10, 25), 22, 59),
        dst((10, 25), 23),
        dst((10, 26), 22, 59),
        dst((3, 28), 22, 59),
        dst((3, 28), 23),
        dst((3, 29), 21, 59),
    ]
    one = {
        "last_name": "O’Neil",
        "first_name": "Été",
        "organisation": "Bäcker",
        "job_title": "a%b",
        "is_organisation": True,
        "website": "https://a.example",
        "email": "ada@example.org",
        "emails": (Reach(value="Home@x.example"),),
        "phone": "06 12 34 56 78",
        "phones": (Reach(value="+33 1 99 00 12 34"),),
        "employees": 0,
        "annual_revenue": Decimal("1000.50"),
        "expected_value": Decimal("99.99"),
        "gender": "female",
        "language": "fr",
        "currency": "USD",
        "unsubscribed": True,
        "tags": ("vip", "new"),
        "source": "Fair",
        "campaign": "Spring",
        "type": "prospect",
        "industry": "Retail",
        "segment": "Small",
        "territory": "North",
        "request_type": "Demo",
        "salutation": "Mme",
        "owner": "bob@example.org",
        "next_contact_by": "mia@example.org",
        "next_contact_note": "Été",
        "external_id": "A%b",
        "addresses": (Address(city="Été", country="FR", postal_code="75A"), Address(country="BE")),
        "custom": {
            own["text"]: "o'NEIL",
            own["link"]: "https://a.example",
            own["number"]: Decimal("12.3456"),
            own["day"]: date(2026, 10, 25),
            own["choice"]: "Blue",
            own["choices"]: ("Blue", "Red"),
            own["yes_no"]: True,
        },
    }
    two = {
        "last_name": "x_y",
        "first_name": "\\",
        "organisation": "ete",
        "job_title": "'",
        "website": "https://É.example",
        "email": "É@é.example",
        "phone": "+33 6 12 99 00 00",
        "employees": 7,
        "annual_revenue": Decimal("1000.51"),
        "gender": "male",
        "tags": ("vip",),
        "source": "Web",
        "owner": "mia@example.org",
        "addresses": (Address(city="Metz", postal_code="75a"),),
        "custom": {
            own["text"]: "Baec",
            own["number"]: Decimal("-1.5"),
            own["day"]: date(2026, 10, 26),
            own["choices"]: ("Red",),
        },
    }
    three = {"last_name": "", "organisation": "x", "phone": "ext. 99", "owner": "ada@example.org"}
    when = [{"last_name": f"M{place}", "next_contact_at": it, "received_at": it} for place, it in enumerate(moments)]
    far = {
        "last_name": "far",
        "received_at": dst((9, 30), 12) - timedelta(days=300),
        "custom": {own["number"]: Decimal(0)},
    }
    return make_leads(one, two, three, far, {"last_name": "Empty"}, *when)


def wanted_of(field, operator):
    """Lists of values that the address may have."""
    if operator == "range":
        return []
    rows = {"status": ("open", "closed"), "source": ("fair", "web"), "type": ("prospect",)}
    if field.is_custom and field.model:
        values = tuple(choice.key for choice in choices_of(field))
    elif field.type == kinds.CHOICE:
        values = rows.get(field.name, ())
    elif field.type in (kinds.FIXED, kinds.ADDRESSES):
        values = FIXED.get(field.name, ())
    else:
        values = VALUES[field.type]
    lists = [[value] for value in values] + [list(values[:2])]
    if operator != "has" and field.type != kinds.YES_NO:
        lists += [[word] for word in EMPTY] + [[values[0], "none"] if values else ["none", "any"]]
    return [each for each in lists if each]


def edges_of(field):
    if field.type in (kinds.NUMBER, kinds.AMOUNT):
        return ("0", "7", "-1.5", "12.3456", "1000.505", "1000.51")
    return ("2026-10-25", "2026-10-24", "2026-03-29", "2026-10-26", "0001-01-02", "9999-12-30")


@pytest.mark.parametrize(
    "types", [filters.WORDS, filters.CHOSEN, (*filters.NUMBERS, *filters.DAYS, kinds.YES_NO, kinds.ADDRESSES)]
)
def test_every_field_and_operator_chooses_what_it_says(leads, today, listed, person, types):
    oracle, bob, checked = Oracle(), person("bob"), 0
    for field in listed_fields(bob).values():
        for operator in OPERATORS[field.type] if field.type in types else ():
            asked = [(f"{field.name}.{operator}".rstrip("."), values) for values in wanted_of(field, operator)]
            if operator == "range":
                asked = [(f"{field.name}.{edge}", [value]) for edge in ("from", "to") for value in edges_of(field)]
            for key, values in asked:
                assert (key, values, listed("bob", **{key: values})) == (key, values, oracle.ids(bob, **{key: values}))
                checked += 1
    assert checked > 40


def test_a_range_has_both_edges_in_it_and_filters_narrow_each_other(leads, today, listed, person, own):
    for asked in (
        {"employees.from": "0", "employees.to": "7", "source": ["fair", "web"]},
        {"received_at.from": "2026-10-25", "received_at.to": "2026-10-25"},
        {f"{own['number']}.from": "-1.5", f"{own['number']}.to": "0"},
        {"employees.from": "7", "employees.to": "0"},
        {"source": "fair", "source.not": "web", "owner.not": ["none", "me"], "tags": "vip"},
    ):
        assert listed("ada", **asked) == Oracle().ids(person("ada"), **asked)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "day", [date(2026, 3, 29), date(2026, 10, 25), date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31)]
)
def test_periods_lie_where_the_calendar_has_them(day):
    spans = {word: periods.span_of(word, day) for word in periods.OFFERED}

    assert spans["today"] == periods.Span(day, day + periods.DAY)
    assert (spans["last-7-days"].end - spans["last-7-days"].start).days == 7
    assert (
        spans["next-7-days"].start
        == spans["last-7-days"].end
        == spans["past"].end + periods.DAY
        == spans["future"].start
    )
    assert spans["this-month"].start == spans["last-month"].end == day.replace(day=1)
    assert spans["last-quarter"].end == spans["this-quarter"].start
    assert spans["this-quarter"].start.month in (1, 4, 7, 10)
    assert spans["this-week"].start.weekday() == 0
    assert all(span.start is None or span.end is None or span.start < span.end for span in spans.values())


@pytest.mark.one_database
@pytest.mark.parametrize(
    "asked",
    [
        {"zzz": "1"},
        {"id": "1"},
        {"version": "1"},
        {"search_key": "a"},
        {"deleted_at": "any"},
        {"source": "gone"},
        {"source.has": "fair"},
        {"owner": "x@example.org"},
        {"owner": "%"},
        {"gender": "x"},
        {"is_organisation": "none"},
        {"custom_99": "1"},
        {"tags": "x"},
        {"employees": "many"},
        {"employees.from": "none"},
        {"employees.from": "nan"},
        {"employees": "1" * 20},
        {"received_at": "soon"},
        {"received_at.from": "today"},
        {"received_at": "last-0-days"},
        {"received_at": "last-9999-days"},
        {"received_at": "0001-01-01"},
        {"received_at": "2026-02-30"},
        {"addresses": "Paris"},
        {"job_title": "x" * 201},
        {"job_title": "’"},
        {"job_title.has": "-"},
        {"source.zzz": "x"},
        {"source.range": "x"},
        {"source": [f"s{number}" for number in range(51)]},
        {"view": "x"},
        {"view": "9" * 11},
        {"sort": "zzz"},
        {"sort": "--name"},
        {"sort": "tags"},
        {"sort": "city"},
        {"sort": "search_key"},
    ],
)
def test_what_can_t_be_asked_for_is_refused_in_words(state_for, asked):
    with pytest.raises((FilterRefused, filters.UserError), match=r"“|At most|no such view"):
        state_for("ada", **asked)


@pytest.mark.one_database
def test_a_chip_reads_as_a_sentence_and_its_address_says_the_same(state_for, own, make_leads, today):
    make_leads({"last_name": "A", "source": "WhatsApp"}, {"last_name": "B", "source": "LinkedIn"})
    sentences = {
        "Source is WhatsApp or LinkedIn": {"source": ["whatsapp", "linkedin"]},
        "Source is not WhatsApp": {"source.not": "whatsapp"},
        "Source is WhatsApp or none": {"source": ["whatsapp", "none"]},
        "Source is empty": {"source": "none"},
        "Source is not empty": {"source": "any"},
        "Job title is not empty": {"job_title.not": "none"},
        "Job title contains “none”": {"job_title.has": "none"},
        "Owner is me or my team": {"owner": ["me", "my-team"]},
        "Received on: last 30 days": {"received_at": "last-30-days"},
        "Received on: 25 Oct 2026": {"received_at": "2026-10-25"},
        "Received on: from 25 Oct 2026 to 26 Oct 2026": {
            "received_at.from": "2026-10-25",
            "received_at.to": "2026-10-26",
        },
        "Number of employees: from 1,000": {"employees.from": "1000"},
        "Number of employees: up to 5": {"employees.to": "5"},
        "Number of employees is 0": {"employees": "0"},
        "Unsubscribed: no": {"unsubscribed": "no"},
        "Own choices is Blue": {own["choices"]: choices_of(catalogue()[own["choices"]])[0].key},
        "Gender is Female": {"gender": "female"},
    }

    for words, asked in sentences.items():
        state = state_for("ada", **asked)
        again = state_for("ada", **state.address())
        assert ([it.words for it in state.filters], again.query) == ([words], state.query)
    whole = state_for(
        "ada", q=" a  b ", source="whatsapp", sort="-name", columns="email,zzz,source", **{"employees.to": "5"}
    )
    assert whole.query == "columns=email%2Csource&employees.to=5&q=a+b&sort=-name&source=whatsapp"
    assert "source" not in whole.without(next(it for it in whole.filters if it.field.name == "source"))
