"""What leads have in fields of the team: in by the door, out as it came, changed with words in the history."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.errors import NotAllowed
from leadhub.extensions import db
from leadhub.fields import services
from leadhub.fields.catalogue import MANAGERS, OFF
from leadhub.fields.drafts import Decision, FieldDraft
from leadhub.fields.queries import catalogue, choices_of
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import CustomValue, Lead, LeadEvent
from leadhub.leads.services import create_lead, create_leads, update_lead
from leadhub.leads.values import held
from leadhub.plugins.api import LeadDraft

pytestmark = pytest.mark.usefixtures("context")
TYPED = {
    "text": ("Grand écran", "petit"),
    "number": (Decimal("1500.5"), Decimal(0)),
    "day": (date(2026, 5, 1), date(2026, 5, 2)),
    "yes_no": (True, False),
    "link": ("https://example.org/a", "http://example.org/b"),
}
WORDS = {
    "text": ("Grand écran", "petit"),
    "number": ("1500.5", "0"),
    "day": ("2026-05-01", "2026-05-02"),
    "yes_no": ("yes", "no"),
    "link": ("https://example.org/a", "http://example.org/b"),
}


@pytest.fixture
def ada(person):
    return person("ada")


@pytest.fixture
def add(ada):
    """``add("number")``: a field of that type, with three colours if it has choices."""

    def add_one(type, **decided):
        colours = ("Red", "Blue", "Green") if type.startswith("choice") else ()
        field = services.add_field(FieldDraft(type=type, names={"en": "Colour", "fr": ""}, choices=colours), by=ada)
        services.decide({field.name: replace(Decision.of(field), **decided)}, by=ada)
        db.session.commit()
        return catalogue()[field.name]

    return add_one


@pytest.fixture
def create(ada):
    def create_one(field, value, by=ada, channel="form"):
        return create_lead(LeadDraft(channel=channel, last_name="A", custom={field.name: value}), by=by)

    return create_one


def last_change(lead):
    newest = sa.select(LeadEvent).where(LeadEvent.lead_id == lead.id).order_by(LeadEvent.id.desc())
    return db.session.scalars(newest).first().changes


def labels(field, ids):
    return [choice.label("en") for choice in choices_of(field) if choice.id in ids]


@pytest.mark.parametrize("type", TYPED)
def test_a_value_goes_in_and_comes_out_and_changes(add, create, ada, type):
    field, (first, second) = add(type), TYPED[type]
    lead = create(field, first)
    db.session.commit()
    before = held(lead, field)

    update_lead(lead, {field.name: second}, by=ada, version=1)
    db.session.commit()
    db.session.expire_all()

    assert (before, held(lead, catalogue()[field.name])) == (first, second)
    assert last_change(lead) == [{"field": field.name, "label": "Colour", "old": WORDS[type][0], "new": WORDS[type][1]}]


@pytest.mark.parametrize(
    ("type", "first", "second", "words"),
    [
        ("choice", "Red", "blue", ("Red", "Blue")),
        ("choices", ("Red", "Green"), ("blue", "green"), ("Red, Green", "Blue, Green")),
    ],
)
def test_choices_go_in_by_name_and_are_changed_by_key(add, create, ada, type, first, second, words):
    field = add(type)
    lead = create(field, first)
    db.session.commit()
    named = [second] if isinstance(second, str) else second
    keys = tuple(f"{field.row_id}:{word}" for word in named)

    update_lead(lead, {field.name: keys if type == "choices" else keys[0]}, by=ada, version=1)
    db.session.commit()

    assert ", ".join(labels(field, held(lead, field))) == words[1]
    assert last_change(lead) == [{"field": field.name, "label": "Colour", "old": words[0], "new": words[1]}]


@pytest.mark.parametrize(
    ("type", "empty"), [("text", ""), ("number", None), ("day", None), ("choice", ""), ("choices", ())]
)
def test_a_value_is_taken_away(add, create, ada, type, empty):
    field = add(type)
    lead = create(field, TYPED[type][0] if type in TYPED else "Red")
    db.session.commit()

    update_lead(lead, {field.name: empty}, by=ada, version=1)
    db.session.commit()

    assert db.session.scalars(sa.select(CustomValue)).all() == []
    assert last_change(lead)[0]["new"] == ""


def test_a_zero_is_a_number(add, create):
    field = add("number")

    lead = create(field, Decimal(0))

    assert held(lead, field) == 0


@pytest.mark.parametrize("value", [Decimal("3.00004"), Decimal("3.0"), 3])
def test_what_is_stored_alike_is_no_change(add, create, ada, value):
    field = add("number")
    lead = create(field, Decimal("3.00001"))
    db.session.commit()

    assert not update_lead(lead, {field.name: value}, by=ada, version=1)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("type", "empty"), [("number", ""), ("number", None), ("day", ""), ("text", None), ("yes_no", None)]
)
def test_nothing_instead_of_nothing_is_no_change(add, create, ada, type, empty):
    field = add(type)
    lead = create_lead(LeadDraft(channel="form", last_name="A"), by=ada)
    db.session.commit()

    assert not update_lead(lead, {field.name: empty}, by=ada, version=1)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("text", "x" * 2001), ("text", Decimal(1)), ("link", "javascript:alert(1)"), ("link", "https://" + "x" * 500),
        ("number", Decimal("NaN")), ("number", Decimal(10) ** 13), ("number", 10**13), ("number", "many"),
        ("number", True),
        ("day", date(1900, 1, 1)), ("day", datetime(2026, 5, 1)), ("day", "2026-05-01"), ("yes_no", "perhaps"),
        ("choice", ("Red", "Blue")), ("choices", tuple(map(str, range(51)))), ("choices", ("x" * 201,)),
        ("choices", (1,)),
    ],
)  # fmt: skip
def test_a_value_that_can_not_be_is_refused_at_its_field(add, create, ada, type, value):
    field = add(type)
    lead = create_lead(LeadDraft(channel="form", last_name="A"), by=ada)

    for door in (lambda: create(field, value), lambda: update_lead(lead, {field.name: value}, by=ada, version=1)):
        with pytest.raises(FieldRefused) as refused:
            door()
        assert refused.value.field == field.name


def test_what_is_required_is_asked_of_people_and_not_of_imports(add, create, ada):
    field = add("text", required=True)
    lead = create(field, "x")
    db.session.commit()

    with pytest.raises(FieldRefused) as refused:
        create_lead(LeadDraft(channel="form", last_name="A"), by=ada)
    with pytest.raises(FieldRefused):
        update_lead(lead, {field.name: ""}, by=ada, version=1)

    assert refused.value.field == field.name
    assert create_lead(LeadDraft(channel="import", last_name="A"), by=ada).id
    assert update_lead(lead, {"last_name": "B"}, by=ada, version=1)


def test_a_required_zero_is_enough(add, create):
    field = add("number", required=True)

    assert create(field, Decimal(0)).id


def test_a_required_built_in_field_is_asked_for(ada):
    services.decide({"website": replace(Decision.of(catalogue()["website"]), required=True)}, by=ada)

    with pytest.raises(FieldRefused) as refused:
        create_lead(LeadDraft(channel="form", last_name="A"), by=ada)

    assert refused.value.field == "website"


@pytest.mark.one_database
def test_a_required_field_that_is_off_or_not_theirs_is_asked_of_nobody(add, person):
    add("text", required=True, shown=OFF)
    services.decide(
        {"website": replace(Decision.of(catalogue()["website"]), required=True, changed_by=MANAGERS)}, by=person("ada")
    )

    assert create_lead(LeadDraft(channel="form", last_name="A"), by=person("bob")).id


@pytest.mark.parametrize("value", [Decimal(0), Decimal(3)])
def test_what_managers_keep_is_not_for_others_to_fill(add, create, person, value):
    field = add("number", seen_by=MANAGERS)
    lead = create(field, Decimal(1), by=person("mia"))
    db.session.commit()

    with pytest.raises(FieldRefused):
        create(field, value, by=person("bob"))
    with pytest.raises(NotAllowed):
        update_lead(lead, {field.name: value}, by=person("bob"), version=1)


def test_a_field_that_is_gone_is_refused_and_not_brought(add, create, ada):
    field = add("text")
    lead = create_lead(LeadDraft(channel="form", last_name="A"), by=ada)
    services.delete_field(field, typed="", by=ada)
    db.session.commit()

    with pytest.raises(FieldRefused) as refused:
        update_lead(lead, {field.name: "x"}, by=ada, version=1)

    assert refused.value.field == field.name
    assert create(field, "x").custom_values == []


@pytest.mark.parametrize(("name", "empty"), [("status", ""), ("received_at", None)])
def test_what_every_lead_has_is_not_taken_away(ada, name, empty):
    lead = create_lead(LeadDraft(channel="form", last_name="A"), by=ada)

    with pytest.raises(FieldRefused) as refused:
        update_lead(lead, {name: empty}, by=ada, version=1)

    assert refused.value.field == name


def test_an_amount_keeps_two_places_in_lead_and_history(ada):
    lead = create_lead(LeadDraft(channel="form", last_name="A", expected_value=Decimal("10.004")), by=ada)
    db.session.commit()

    assert not update_lead(lead, {"expected_value": Decimal("10.00")}, by=ada, version=1)
    update_lead(lead, {"expected_value": Decimal("1E+3")}, by=ada, version=1)

    assert last_change(lead) == [{"field": "expected_value", "old": "10", "new": "1000"}]


def test_an_import_makes_new_choices_once(add, ada):
    field = add("choices")
    drafts = [LeadDraft(channel="import", last_name=str(n), custom={field.name: ("Black", "RED")}) for n in range(3)]

    create_leads(drafts, by=ada)

    assert [choice.label("en") for choice in choices_of(field)] == ["Red", "Blue", "Green", "Black"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("index", "condition"),
    [
        ("key", lambda: (CustomValue.field_id == 1) & (CustomValue.key == "x")),
        ("number", lambda: (CustomValue.field_id == 1) & (CustomValue.number > Decimal(3))),
        ("day", lambda: (CustomValue.field_id == 1) & (CustomValue.day >= date(2026, 1, 1))),
        ("choice_id", lambda: CustomValue.choice_id == 1),
    ],
)
def test_a_filter_uses_its_index(index, condition):
    found = sa.select(Lead.id).where(Lead.id.in_(sa.select(CustomValue.lead_id).where(condition())))
    sql = str(found.compile(db.engine, compile_kwargs={"literal_binds": True}))

    plan = db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {sql}")).all()  # noqa: S608

    assert any(f"USING COVERING INDEX ix_custom_values_{index} " in row.detail for row in plan), plan
