"""What admins decide about fields, and the fields that they add."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import AuditEvent
from leadhub.extensions import db
from leadhub.fields import services
from leadhub.fields.catalogue import BUILT_IN, CHOICES, CUSTOM_TYPES, FIELDS, FORM, MANAGERS, MORE, OFF, YES_NO
from leadhub.fields.drafts import Decision, FieldDraft
from leadhub.fields.models import FieldChoice, FieldRow
from leadhub.fields.queries import (
    catalogue,
    choices_of,
    custom_fields,
    hidden_fields,
    list_of_choices,
    may_change_field,
    names_of,
    shown_fields,
    slug_of,
)
from leadhub.leads.models import CustomValue, Lead
from leadhub.leads.services import create_lead
from leadhub.lists.drafts import RowDraft
from leadhub.lists.services import add_row, change_row
from leadhub.plugins.api import LeadDraft

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def ada(person):
    return person("ada")


@pytest.fixture
def add(ada):
    """``add("number", "Size")``: a field of that type, after a commit."""

    def add_one(type, en, fr="", **options):
        field = services.add_field(FieldDraft(type=type, names={"en": en, "fr": fr}, **options), by=ada)
        db.session.commit()
        return field

    return add_one


@pytest.fixture
def decide(ada):
    """``decide("website", shown="off")``: what is left out stays."""

    def decide_one(name, **changes):
        changed = services.decide({name: replace(Decision.of(catalogue()[name]), **changes)}, by=ada)
        db.session.commit()
        return changed

    return decide_one


def lines():
    return [event.details for event in db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id))]


def test_a_decision_shows_in_the_catalogue(decide):
    decide("website", shown=FORM, required=True, in_list=True, seen_by=MANAGERS)

    field = catalogue()["website"]
    assert (field.shown, field.required, field.in_list, field.seen_by) == (FORM, True, True, MANAGERS)
    assert field.changed_by == MANAGERS


def test_a_decision_is_in_the_audit_log_once(decide):
    decide("website", shown=FORM)

    assert decide("website", shown=FORM) == 0
    assert lines() == [{"field": "Website", "shown": FORM}]


def test_a_field_goes_back_to_what_it_was(decide, ada):
    decide("website", shown=FORM, required=True)

    services.reset("website", by=ada)

    assert catalogue()["website"] == FIELDS["website"]
    assert db.session.scalars(sa.select(FieldRow)).all() == []


@pytest.mark.one_database
@pytest.mark.parametrize("name", [field.name for field in BUILT_IN if field.core])
def test_a_core_field_stays_for_everybody(decide, name):
    decide(name, shown=OFF, seen_by=MANAGERS, changed_by=MANAGERS, in_list=True)

    assert catalogue()[name] == replace(FIELDS[name], in_list=True)


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["unsubscribed", "is_organisation", "status", "received_at"])
def test_what_always_has_a_value_is_never_required(decide, name):
    decide(name, required=True)

    assert not catalogue()[name].required


@pytest.mark.one_database
def test_what_is_off_is_neither_required_nor_in_the_list(decide):
    decide("website", shown=OFF, required=True, in_list=True)

    assert (catalogue()["website"].required, catalogue()["website"].in_list) == (False, False)
    assert "website" not in shown_fields(None)


@pytest.mark.one_database
def test_a_decision_about_a_field_that_is_gone_counts_nothing(ada):
    assert services.decide({"custom_7": Decision.of(FIELDS["website"])}, by=ada) == 0


def test_what_managers_keep_is_hidden_from_agents(decide, person):
    decide("expected_value", seen_by=MANAGERS)
    decide("website", changed_by=MANAGERS)
    field = catalogue()["website"]

    assert hidden_fields(person("bob")).names == {"expected_value"}
    assert "expected_value" not in shown_fields(person("bob"))
    assert "expected_value" in shown_fields(person("mia"))
    assert (may_change_field(person("bob"), field), may_change_field(person("mia"), field)) == (False, True)


@pytest.mark.one_database
@pytest.mark.parametrize("type", CUSTOM_TYPES)
def test_a_field_of_each_type_is_added(add, type):
    field = add(type, " Shoe   size ", "Pointure")

    assert catalogue()[field.name].row_id == field.row_id
    assert (field.name, field.type, field.shown) == (f"custom_{field.row_id}", type, MORE)
    assert field.label.names == {"en": "Shoe size", "fr": "Pointure"}


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["Budget  of the PROJECT", "website", "Prénom", "Téléphone", "e‑mail"])
def test_no_two_fields_are_called_alike(add, name):
    add("text", "Budget of the project")

    with pytest.raises(services.DefinitionRefused) as refused:
        add("number", name)

    assert refused.value.field == "name_en"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("en", "fr", "at"),
    [("", "Taille", "name_en"), ("\u200b", "", "name_en"), ("x" * 101, "", "name_en"), ("Size", "Nom", "name_fr")],
)
def test_a_name_that_can_not_be_is_refused_where_it_was_typed(add, en, fr, at):
    with pytest.raises(services.DefinitionRefused) as refused:
        add("text", en, fr)

    assert refused.value.field == at
    assert custom_fields() == []


@pytest.mark.one_database
def test_a_hundred_fields_are_enough(add):
    db.session.add_all(
        FieldRow(name=f"custom_{number}", type="text", names={"en": f"Field {number}"}, shown=MORE)
        for number in range(1, 101)
    )
    db.session.commit()

    with pytest.raises(services.DefinitionRefused):
        add("text", "One more")


def test_a_field_is_renamed_and_keeps_its_type(add, ada):
    field = add("number", "Size", "Taille")

    services.rename_field(field, {"en": "Shoe size", "fr": ""}, by=ada)
    db.session.commit()

    renamed = catalogue()[field.name]
    assert (renamed.label.names, renamed.type) == ({"en": "Shoe size"}, "number")
    assert lines()[-1] == {"old": "Size", "new": "Shoe size"}


@pytest.mark.one_database
def test_a_field_may_keep_its_own_name(add, ada):
    field = add("text", "Size")

    services.rename_field(field, {"en": "SIZE", "fr": "Size"}, by=ada)

    assert names_of(catalogue()[field.name]) == {"size"}


def test_fields_of_the_team_are_moved(add):
    one, two, three = (add("text", name) for name in ("One", "Two", "Three"))

    services.move_by_one(three, up=True)
    services.move_by_one(one, up=True)
    services.move_by_one(two, up=False)

    assert [field.name for field in custom_fields()] == [one.name, three.name, two.name]


def test_the_first_choices_come_in_their_order_and_once(add):
    field = add(CHOICES, "Colour", choices=("Red", " blue ", "", "RED", "Green"))

    assert [(choice.names, choice.key) for choice in choices_of(field)] == [
        ({"en": "Red"}, f"{field.row_id}:red"),
        ({"en": "blue"}, f"{field.row_id}:blue"),
        ({"en": "Green"}, f"{field.row_id}:green"),
    ]


@pytest.mark.one_database
@pytest.mark.parametrize("choices", [("x" * 201,), tuple(map(str, range(501)))])
def test_too_much_of_choices_is_refused(add, choices):
    with pytest.raises(services.DefinitionRefused) as refused:
        add("choice", "Colour", choices=choices)

    assert refused.value.field == "choices"


def test_choices_are_a_list_like_the_others(add, ada):
    field, other = (add("choice", name, choices=("Red",)) for name in ("Colour", "Wine"))
    kind = list_of_choices(slug_of(field))

    row = add_row(kind, RowDraft(names={"en": "Blue"}), by=ada)
    db.session.commit()

    assert [choice.label("en") for choice in choices_of(field)] == ["Red", "Blue"]
    assert [choice.label("en") for choice in choices_of(other)] == ["Red"]
    assert row.key == f"{field.row_id}:blue"


@pytest.mark.one_database
@pytest.mark.parametrize("slug", ["field-", "field-x", "field-99", "field-²", "field-" + "9" * 30, "sources"])
def test_what_is_no_field_with_choices_has_no_list(slug):
    assert list_of_choices(slug) is None


@pytest.mark.one_database
def test_a_field_without_choices_has_no_list(add):
    field = add("text", "Size")

    assert slug_of(field) == ""
    assert list_of_choices(f"field-{field.row_id}") is None


def test_a_choice_is_found_by_its_first_name_too(add, ada):
    field = add("choice", "Colour", choices=("Red",))
    (red,) = choices_of(field)
    change_row(list_of_choices(slug_of(field)), red, RowDraft(names={"en": "Crimson"}), by=ada)
    db.session.commit()

    found = services.choices_named(field, ["red", "Crimson", "Blue"], also=["Green"])

    assert {word: choice.label("en") for word, choice in found.items()} == {
        "red": "Crimson", "Crimson": "Crimson", "Blue": "Blue",
    }  # fmt: skip


def test_a_field_goes_with_its_values_and_choices(add, ada):
    field, other = add(CHOICES, "Colour", choices=("Red", "Blue")), add("text", "Size")
    for colours in (("Red", "Blue"), ("Blue",), ()):
        create_lead(LeadDraft(channel="form", last_name="A", custom={field.name: colours, other.name: "x"}), by=ada)
    db.session.commit()

    gone = services.delete_field(field, typed="COLOUR", by=ada)
    db.session.commit()

    assert gone == 2
    assert field.name not in catalogue()
    assert db.session.scalars(sa.select(FieldChoice)).all() == []
    assert {value.field_id for value in db.session.scalars(sa.select(CustomValue))} == {other.row_id}
    assert len(db.session.scalars(sa.select(Lead)).all()) == 3
    assert lines()[-1] == {"removed": "Colour", "leads": 2}


@pytest.mark.parametrize("typed", ["", "Size"])
def test_a_field_with_values_wants_its_name_typed(add, ada, typed):
    field = add("text", "Colour")
    create_lead(LeadDraft(channel="form", last_name="A", custom={field.name: "x"}), by=ada)
    db.session.commit()

    with pytest.raises(services.DefinitionRefused):
        services.delete_field(field, typed=typed, by=ada)

    assert field.name in catalogue()
    assert len(db.session.scalars(sa.select(CustomValue)).all()) == 1


def test_an_empty_field_is_deleted_without_its_name(add, ada):
    field = add("choice", "Colour", choices=("Red",))

    assert services.delete_field(field, typed="", by=ada) == 0
    assert custom_fields() == []


def test_deleting_takes_as_many_statements_for_ten_leads_as_for_one(add, ada, count_queries):
    counts = []
    for number in (1, 10):
        field = add("text", "Colour")
        for _each in range(number):
            create_lead(LeadDraft(channel="form", last_name="A", custom={field.name: "x"}), by=ada)
        db.session.commit()
        with count_queries() as statements:
            services.delete_field(catalogue()[field.name], typed="Colour", by=ada)
        db.session.commit()
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_the_catalogue_is_one_query_a_transaction(add, count_queries):
    for number in range(3):
        add(YES_NO, f"Field {number}")

    with count_queries() as statements:
        catalogue()
        catalogue()

    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1
