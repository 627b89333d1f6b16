"""The door: what it takes in, what it refuses, what it remembers."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from leadhub.extensions import db
from leadhub.leads import services
from leadhub.leads.blocks import BLOCK
from leadhub.leads.checks import REACHES_MAX, TAGS_MAX, FieldRefused, NamelessLead
from leadhub.leads.models import Lead, LeadEvent
from leadhub.lists.models import Source
from leadhub.plugins.api import LeadDraft, Reach

pytestmark = pytest.mark.usefixtures("context")


def outcomes_of(*drafts):
    return [outcome.result for outcome in services.create_leads(drafts, by=None)]


def row(number, **changes):
    return LeadDraft(channel="import", external_scope="file", external_id=str(number), **changes)


def events_of(lead):
    return db.session.scalars(sa.select(LeadEvent).where(LeadEvent.lead_id == lead.id).order_by(LeadEvent.id)).all()


@pytest.mark.one_database
@pytest.mark.parametrize("named", ["first_name", "last_name", "organisation"])
def test_one_name_is_enough(named):
    lead = services.create_lead(LeadDraft(channel="form", **{named: "Élan"}), by=None)

    assert lead.title("en") == "Élan"


def test_a_typed_lead_without_any_name_is_refused():
    with pytest.raises(NamelessLead):
        services.create_lead(LeadDraft(channel="form", phone="06 39 98 12 34"), by=None)

    assert db.session.scalars(sa.select(Lead)).all() == []


def test_another_door_may_bring_a_phone_alone():
    lead = services.create_lead(LeadDraft(channel="import", phone="06 39 98 12 34"), by=None)

    assert lead.title("en") == "06 39 98 12 34"


def test_a_lead_with_an_external_id_alone_is_called_by_source_and_id():
    lead = services.create_lead(row("mql-7", source="Paid search"), by=None)

    assert lead.title("en") == "Paid search · mql-7"


def test_an_organisation_needs_its_name():
    with pytest.raises(FieldRefused) as refusal:
        services.create_lead(LeadDraft(channel="form", is_organisation=True, last_name="Dupont"), by=None)

    assert refusal.value.field == "organisation"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("field", "text"),
    [("email", "not an address"), ("email", "a" * 250 + "@b.fr"), ("last_name", "x" * 201), ("source", "x" * 201)],
)
def test_a_value_that_can_not_be_is_refused_at_its_field(field, text):
    with pytest.raises(FieldRefused) as refusal:
        services.create_lead(LeadDraft(channel="form", organisation="Élan", **{field: text}), by=None)

    assert refusal.value.field == field


def test_a_new_lead_is_open_and_its_history_begins(person):
    lead = services.create_lead(LeadDraft(channel="form", last_name="Dupré"), by=person("bob"))

    assert lead.status.key == "open"
    assert [(event.kind, event.channel, event.by) for event in events_of(lead)] == [("created", "form", person("bob"))]


def test_a_lead_knows_who_created_it_and_by_which_door(person):
    lead = services.create_lead(LeadDraft(channel="import", last_name="Dupré"), by=person("bob"))

    assert (lead.created_by, lead.channel) == (person("bob"), "import")


def test_an_owner_is_found_by_e_mail(person):
    lead = services.create_lead(LeadDraft(channel="form", last_name="Dupré", owner="mia@example.org"), by=None)

    assert lead.owner == person("mia")


def test_an_unknown_source_becomes_a_row_once():
    assert outcomes_of(row(1, source="Olark Chat"), row(2, source="olark  chat")) == ["created", "created"]

    assert len([source for source in db.session.scalars(sa.select(Source)) if source.key == "olark chat"]) == 1


@pytest.mark.one_database
@pytest.mark.parametrize("word", ["whatsapp", "WhatsApp", "Trade fair or event", "Salon ou événement", "trade-fair"])
def test_a_source_is_known_by_key_and_by_name_in_either_language(word):
    before = len(db.session.scalars(sa.select(Source)).all())

    outcomes_of(row(1, source=word))

    assert len(db.session.scalars(sa.select(Source)).all()) == before


def test_the_same_draft_again_changes_nothing():
    assert outcomes_of(row(1, last_name="Roye")) == ["created"]
    assert outcomes_of(row(1, last_name="Roye")) == ["unchanged"]


def test_a_changed_draft_updates_its_lead_and_says_so_in_the_history():
    outcomes_of(row(1, last_name="Roye", email="old@example.org"))

    assert outcomes_of(row(1, last_name="Roye", email="new@example.org")) == ["updated"]
    lead = db.session.scalars(sa.select(Lead)).one()
    assert events_of(lead)[-1].changes == [{"field": "email", "old": "old@example.org", "new": "new@example.org"}]


def test_what_a_person_put_right_stays_when_the_same_file_comes_again(person):
    outcomes_of(row(1, last_name="Royé", phone="1"))
    lead = db.session.scalars(sa.select(Lead)).one()
    services.update_lead(lead, {"last_name": "Roye"}, by=person("bob"), version=lead.version)

    assert outcomes_of(row(1, last_name="Royé", phone="1")) == ["unchanged"]
    assert lead.last_name == "Roye"


def test_an_empty_value_of_a_second_draft_takes_nothing_away():
    outcomes_of(row(1, last_name="Roye", phone="06 39 98 12 34", other={"City": "Lyon"}))

    outcomes_of(row(1, last_name="Roye", other={"Zip": "69001"}))

    lead = db.session.scalars(sa.select(Lead)).one()
    assert (lead.phone, lead.other_data) == ("06 39 98 12 34", {"City": "Lyon", "Zip": "69001"})


def test_an_external_id_twice_in_one_call_is_one_lead():
    assert outcomes_of(row(1, last_name="A"), row(2, last_name="B"), row(1, last_name="C")) == [
        "created",
        "created",
        "updated",
    ]


def test_the_same_id_of_another_scope_is_another_lead():
    other = LeadDraft(channel="import", external_scope="other", external_id="1", last_name="B")

    assert outcomes_of(row(1, last_name="A"), other) == ["created", "created"]


def test_a_refused_draft_costs_itself_alone():
    assert outcomes_of(row(1, last_name="A"), row(2, email="broken"), row(3, last_name="C")) == [
        "created",
        "refused",
        "created",
    ]


def test_outcomes_keep_the_order_of_the_drafts_over_blocks():
    drafts = [row(number, last_name=f"L{number}") for number in range(BLOCK + 20)]

    ids = [outcome.lead_id for outcome in services.create_leads(drafts, by=None)]

    assert [db.session.get(Lead, lead_id).last_name for lead_id in ids] == [draft.last_name for draft in drafts]


def test_a_block_costs_the_same_statements_for_ten_leads_as_for_four_hundred(count_queries):
    with count_queries() as few:
        services.create_leads([row(number, last_name="A") for number in range(10)], by=None)
    with count_queries() as many:
        services.create_leads([row(number, last_name="A") for number in range(1000, 1400)], by=None)

    assert len(many) <= len(few) + 2  # a driver may cut one insert of many rows in two


def test_a_change_is_kept_with_who_old_and_new(person):
    lead = services.create_lead(LeadDraft(channel="form", last_name="Dupré"), by=None)

    services.update_lead(lead, {"owner": "mia@example.org", "source": "whatsapp"}, by=person("bob"), version=1)

    event = events_of(lead)[-1]
    assert event.by == person("bob")
    assert {(change["field"], change["old"], change["new"]) for change in event.changes} == {
        ("owner", "", "Mia"),
        ("source", "", "WhatsApp"),
    }


def test_a_save_on_a_stale_version_is_refused(person):
    lead = services.create_lead(LeadDraft(channel="form", last_name="Dupré"), by=None)
    services.update_lead(lead, {"phone": "1"}, by=person("bob"), version=1)

    with pytest.raises(services.StaleLead):
        services.update_lead(lead, {"phone": "2"}, by=person("mia"), version=1)

    assert lead.phone == "1"


def test_a_save_that_changes_nothing_leaves_no_trace(person):
    lead = services.create_lead(LeadDraft(channel="form", last_name="Dupré"), by=None)

    assert services.update_lead(lead, {"last_name": "Dupré"}, by=person("bob"), version=1) is False
    assert len(events_of(lead)) == 1


def test_the_last_name_of_a_typed_lead_can_not_be_emptied(person):
    lead = services.create_lead(LeadDraft(channel="form", last_name="Dupré"), by=None)

    with pytest.raises(NamelessLead):
        services.update_lead(lead, {"last_name": ""}, by=person("bob"), version=1)


def test_a_choice_that_is_gone_is_refused(person):
    lead = services.create_lead(LeadDraft(channel="form", last_name="Dupré"), by=None)

    with pytest.raises(FieldRefused):
        services.update_lead(lead, {"status": "no such status"}, by=person("bob"), version=1)


def test_an_id_that_belongs_to_somebody_else_overwrites_nobody():
    outcomes_of(row(1, last_name="Roye", email="roye@example.org"))

    (outcome,) = services.create_leads([row(1, last_name="Zoé Dupré", email="zoe@example.org")], by=None)

    assert outcome.result == "refused"
    assert "Roye" in str(outcome.refusal)


def test_a_new_address_alone_is_the_same_person():
    outcomes_of(row(1, last_name="Roye", email="roye@example.org"))

    assert outcomes_of(row(1, last_name="Roye", email="new@example.org")) == ["updated"]


def test_each_draft_keeps_its_own_door():
    services.create_leads(
        [LeadDraft(channel="web", last_name="A"), LeadDraft(channel="import", last_name="B")], by=None
    )

    assert db.session.scalars(sa.select(LeadEvent.channel).order_by(LeadEvent.id)).all() == ["web", "import"]


def test_an_id_without_scope_is_of_its_door():
    draft = LeadDraft(channel="web", external_id="7", last_name="A")

    assert outcomes_of(draft) == ["created"]
    assert outcomes_of(draft) == ["unchanged"]


def test_an_owner_that_a_later_draft_brings_is_kept(person):
    outcomes_of(row(1, last_name="A"))

    assert outcomes_of(row(1, last_name="A", owner="mia@example.org")) == ["updated"]
    assert db.session.scalars(sa.select(Lead)).one().owner == person("mia")


@pytest.mark.parametrize("changes", [{"last_name": "a\0b"}, {"other": {"x": "a\0"}}, {"other": {"\0": "a"}}])
def test_a_nul_is_refused_alike_on_every_database(changes):
    assert outcomes_of(LeadDraft(channel="import", organisation="A", **changes)) == ["refused"]


@pytest.mark.one_database
@pytest.mark.parametrize("year", [1, 1900, 2100, 9999])
def test_a_moment_that_no_clock_shows_is_refused(year):
    moment = datetime(year, 12, 31, tzinfo=UTC)

    assert outcomes_of(LeadDraft(channel="import", organisation="A", received_at=moment)) == ["refused"]


def test_words_that_folding_makes_long_are_two_rows():
    long = "œ" * 150

    assert outcomes_of(row(1, source=f"{long}a"), row(2, source=f"{long}b")) == ["created", "created"]
    assert outcomes_of(row(3, source=f"{long}a")) == ["created"]
    assert len(db.session.scalars(sa.select(Source).where(Source.position >= 13)).all()) == 2


def test_an_address_that_folding_makes_long_is_taken():
    assert outcomes_of(row(1, email="ﷺ" * 40 + "@example.com")) == ["created"]


def test_updates_cost_the_same_statements_for_ten_leads_as_for_two_hundred(count_queries):
    def brought(count, mark):
        return [row(n, last_name="A", source=f"{mark} {n % 5}", phone=mark) for n in range(count)]

    services.create_leads(brought(200, "1"), by=None)
    with count_queries() as few:
        services.create_leads(brought(10, "2"), by=None)
    with count_queries() as many:
        services.create_leads(brought(200, "3"), by=None)

    assert len(many) <= len(few) + 190 + 8  # an UPDATE each, which its version guards, and nothing else


def test_a_change_of_another_field_is_no_conflict(person):
    lead = services.create_lead(LeadDraft(channel="form", last_name="Dupré"), by=None)
    services.update_lead(lead, {"phone": "1"}, by=person("bob"), version=1)

    assert services.update_lead(lead, {"email": "z@example.org"}, by=person("mia"), version=1) is True


@pytest.mark.parametrize(
    "deletion", [sa.update(Lead).values(deleted_at=datetime(2026, 11, 22, tzinfo=UTC)), sa.delete(Lead)]
)
def test_a_lead_that_was_deleted_meanwhile_is_not_changed(person, deletion):
    lead = services.create_lead(LeadDraft(channel="form", last_name="Dupré"), by=None)
    db.session.execute(deletion, execution_options={"synchronize_session": False})

    with pytest.raises(services.LeadGone):
        services.update_lead(lead, {"phone": "1"}, by=person("bob"), version=1)


def test_a_phone_longer_than_its_key_can_be_is_taken():
    (outcome,) = services.create_leads([row(1, phone="+49 30 1234567890 123")], by=None)

    assert db.session.get_one(Lead, outcome.lead_id).phone_key is None


def test_a_door_that_comes_again_and_again_does_not_fill_a_lead_beyond_its_limits():
    for number in range(25):
        tags = tuple(f"{number} {tag}" for tag in range(40)) if number < 3 else ()
        phones = (Reach(value=f"+3361234{number:04d}"),)
        (outcome,) = services.create_leads([row(1, last_name="A", phones=phones, tags=tags)], by=None)

    lead = db.session.get_one(Lead, outcome.lead_id)
    assert (len(lead.reaches) + 1, len(lead.tags)) == (REACHES_MAX, TAGS_MAX)


def test_the_type_of_a_phone_stays_where_the_door_tells_none():
    services.create_leads([row(1, phone="06 39 98 12 34", phone_type="mobile")], by=None)
    (outcome,) = services.create_leads([row(1, phone="+33 6 39 98 12 34", last_name="A")], by=None)

    assert db.session.get_one(Lead, outcome.lead_id).phone_type == "mobile"


def test_postgresql_keeps_no_plan_of_a_table_that_was_empty(database):
    if database == "sqlite":
        pytest.skip("SQLite plans each statement anew")

    assert db.session.connection().connection.driver_connection.prepare_threshold is None
