"""Adding, renaming, ordering, retiring and deleting rows of lists."""

from datetime import date
from decimal import Decimal

import pytest

from leadhub.extensions import db
from leadhub.fields.models import FieldChoice, FieldRow
from leadhub.leads.models import CustomValue, Lead, LeadEvent, LeadTag
from leadhub.lists import deletion, services
from leadhub.lists.drafts import NOTHING, RowDraft
from leadhub.lists.kinds import KINDS, Kind, bind, kind_of
from leadhub.lists.models import Source, Tag
from leadhub.lists.queries import rows_in, successors_of
from leadhub.referrers import registry
from leadhub.referrers.registry import Referrer, may_be_empty, use_counts, uses_of

pytestmark = pytest.mark.usefixtures("context")
SOURCES, TAGS, CAMPAIGNS = KINDS["sources"], KINDS["tags"], KINDS["campaigns"]


@pytest.fixture
def ada(person):
    return person("ada")


@pytest.fixture
def add(ada):
    """``add(TAGS, "Fair", "Foire")``: a row with an English and a French name."""
    return lambda kind, en, fr="", **extras: services.add_row(
        kind, RowDraft(names={"en": en, "fr": fr}, extras=extras), by=ada
    )


def rename(kind, row, ada, **names):
    services.change_row(kind, row, RowDraft(names=names), by=ada)


def labels(kind):
    return [row.label("en") for row in rows_in(kind)]


def test_a_row_comes_last_with_a_key_from_its_name(add):
    row = add(SOURCES, "  Trade   fair ", "Salon")

    assert (row.names, row.key) == ({"en": "Trade fair", "fr": "Salon"}, "trade fair")
    assert rows_in(SOURCES)[-1] is row


def test_one_name_is_enough_and_none_is_too_few(add):
    assert add(TAGS, "", "Foire").names == {"fr": "Foire"}
    with pytest.raises(services.ListFieldRefused) as refused:
        add(TAGS, " ", "\u200b")

    assert refused.value.field == "names"


@pytest.mark.parametrize("name", ["web FORM", "Wéb  form"])
def test_no_two_rows_have_one_name_in_a_language(add, name):
    with pytest.raises(services.ListFieldRefused) as refused:
        add(SOURCES, name)

    assert refused.value.field == "name_en"


def test_the_name_of_a_retired_row_is_free_until_that_comes_back(add, ada):
    old = add(TAGS, "Hot")
    services.retire(TAGS, old, by=ada)
    new = add(TAGS, "hot")

    with pytest.raises(services.ListFieldRefused):
        services.unretire(TAGS, old, by=ada)
    assert old.retired
    assert new.key != old.key


def test_rows_that_share_a_name_from_the_start_can_be_saved(ada):
    mrs, ms = rows_in(KINDS["salutations"])[:2]
    assert mrs.names["fr"] == ms.names["fr"]

    rename(KINDS["salutations"], ms, ada, en="Miss", fr="Mme")

    assert ms.names == {"en": "Miss", "fr": "Mme"}


def test_a_new_name_keeps_the_key_and_a_language_can_be_emptied(add, ada):
    row = add(TAGS, "Hot", "Chaud")

    rename(TAGS, row, ada, en="Warm", fr="")

    assert (row.names, row.key) == ({"en": "Warm"}, "hot")


def test_a_campaign_does_not_end_before_it_begins(add):
    with pytest.raises(services.ListFieldRefused) as refused:
        add(CAMPAIGNS, "Fair", starts_on=date(2026, 5, 2), ends_on=date(2026, 5, 1))
    same_day = add(CAMPAIGNS, "Fair", starts_on=date(2026, 5, 2), ends_on=date(2026, 5, 2), budget=Decimal("10.50"))

    assert refused.value.field == "ends_on"
    db.session.expire(same_day)
    assert same_day.budget == Decimal("10.50")


def test_who_is_gone_owns_no_source_by_default(add, person):
    person("bob").active = False

    with pytest.raises(services.ListFieldRefused):
        add(SOURCES, "Fair", default_owner_id=person("bob").id)


def test_an_order_of_some_rows_leaves_the_others_in_their_places(add):
    one, two, three, four = (add(TAGS, name) for name in ("1", "2", "3", "4"))

    services.reorder(TAGS, [four.id, two.id, 999_999])
    assert labels(TAGS) == ["1", "4", "3", "2"]
    services.reorder(TAGS, [one.id, two.id, three.id, four.id])

    assert labels(TAGS) == ["1", "2", "3", "4"]


def test_the_first_row_moves_no_further_up(add):
    one, two = add(TAGS, "1"), add(TAGS, "2")

    services.move_by_one(TAGS, one, up=True)
    assert labels(TAGS) == ["1", "2"]
    services.move_by_one(TAGS, one, up=False)
    assert labels(TAGS) == ["2", "1"]
    services.move_by_one(TAGS, one, up=False)

    assert labels(TAGS) == ["2", "1"]
    assert rows_in(TAGS) == [two, one]


def test_rows_that_share_a_place_can_be_told_apart(add):
    rows = [add(TAGS, name) for name in ("1", "2", "3")]
    for row in rows:
        row.position = 0

    services.move_by_one(TAGS, rows[2], up=True)

    assert labels(TAGS) == ["1", "3", "2"]


def test_an_unused_row_goes_without_a_choice(add, ada):
    deletion.delete_row(TAGS, add(TAGS, "Old"), None, by=ada)

    assert rows_in(TAGS) == []


def test_a_used_row_stays_until_somebody_chooses(add, make_lead, ada):
    row = add(SOURCES, "Fair")
    db.session.commit()
    make_lead(source="Fair")

    with pytest.raises(deletion.StillUsed):
        deletion.delete_row(SOURCES, row, None, by=ada)

    assert [str(use) for use in uses_of("sources", row.id)] == ["1 lead"]


def test_leads_of_a_deleted_row_get_the_successor_and_a_line(add, make_lead, ada):
    row, new = add(SOURCES, "Fair"), add(SOURCES, "Exhibition")
    db.session.commit()
    lead_id = make_lead(source="Fair")

    moved = deletion.delete_row(SOURCES, row, new, by=ada)

    lead = db.session.get(Lead, lead_id)
    line = db.session.query(LeadEvent).order_by(LeadEvent.id.desc()).first()
    assert (moved, lead.source, lead.version, line.version, line.by) == (1, new, 2, 2, ada)
    assert line.changes == [{"field": "source", "old": "Fair", "new": "Exhibition"}]


def test_leads_in_the_bin_are_moved_too(add, make_lead, ada):
    row = add(SOURCES, "Fair")
    db.session.commit()
    lead_id = make_lead(source="Fair")
    db.session.get(Lead, lead_id).deleted_at = db.func.now()
    db.session.commit()

    deletion.delete_row(SOURCES, row, NOTHING, by=ada)

    assert db.session.get(Lead, lead_id).source_id is None


def test_a_lead_with_both_tags_keeps_one(add, make_lead, ada):
    old, new = add(TAGS, "Old"), add(TAGS, "New")
    db.session.commit()
    only, both, other = make_lead(), make_lead(), make_lead()
    pairs = [(only, old), (both, old), (both, new), (other, new)]
    db.session.add_all(LeadTag(lead_id=lead, tag_id=tag.id) for lead, tag in pairs)
    db.session.commit()

    deletion.delete_row(TAGS, old, new, by=ada)

    found = {(pair.lead_id, pair.tag_id) for pair in db.session.query(LeadTag)}
    assert found == {(only, new.id), (both, new.id), (other, new.id)}
    lines = {line.lead_id: line.changes for line in db.session.query(LeadEvent).filter_by(kind="changed")}
    assert lines == {
        only: [{"field": "tags", "old": "Old", "new": "New"}],
        both: [{"field": "tags", "old": "Old", "new": ""}],
    }
    assert [db.session.get(Lead, lead).version for lead in (only, both, other)] == [2, 2, 1]


def test_a_tag_can_go_without_a_successor(add, make_lead, ada):
    old = add(TAGS, "Old")
    db.session.commit()
    db.session.add(LeadTag(lead_id=make_lead(), tag_id=old.id))

    deletion.delete_row(TAGS, old, NOTHING, by=ada)

    assert db.session.query(LeadTag).count() == 0


@pytest.fixture
def field():
    """A field of several choices, as a list."""
    row = FieldRow(name="custom_1", type="choices", names={"en": "Colour"}, shown="form")
    db.session.add(row)
    db.session.flush()
    return Kind(
        slug=f"choices-{row.id}", model=FieldChoice, plural="Colours", single="Colour", purpose="",
        within={"field_id": row.id},
    )  # fmt: skip


def test_choices_of_a_field_are_a_list_like_the_others(add, make_lead, field, ada):
    red, blue = add(field, "Red"), add(field, "Blue")
    db.session.commit()
    both, only, field_id = make_lead(), make_lead(), field.within["field_id"]
    pairs = [(both, red), (both, blue), (only, red)]
    db.session.add_all(CustomValue(lead_id=lead, field_id=field_id, choice_id=choice.id) for lead, choice in pairs)
    db.session.commit()

    assert successors_of(field, red) == [blue]
    deletion.delete_row(field, red, blue, by=ada)

    assert [value.choice for value in db.session.query(CustomValue)] == [blue, blue]
    lines = {line.lead_id: line.changes for line in db.session.query(LeadEvent).filter_by(kind="changed")}
    told = {"field": "custom_1", "label": "Colour", "old": "Red"}
    assert lines == {both: [told | {"new": ""}], only: [told | {"new": "Blue"}]}


def test_two_fields_may_have_choices_of_one_name(add, field):
    other = FieldRow(name="custom_2", type="choice", names={"en": "Second"}, shown="form")
    db.session.add(other)
    db.session.flush()
    second = Kind(slug="x", model=FieldChoice, plural="", single="", purpose="", within={"field_id": other.id})

    keys = {add(field, "Red").key, add(second, "Red").key}

    assert len(keys) == 2
    assert (labels(field), labels(second)) == (["Red"], ["Red"])


def test_a_feature_above_can_bring_lists(app, field):
    bind(app, lambda slug: field if slug == field.slug else None)

    assert kind_of(field.slug) is field
    assert kind_of("sources") is SOURCES
    assert kind_of("nothing") is None


@pytest.mark.one_database
@pytest.mark.parametrize("choice", ["itself", "retired", "gone"])
def test_a_successor_is_there_and_another_one(add, make_lead, ada, choice):
    row, other = add(SOURCES, "Fair"), add(SOURCES, "Exhibition")
    db.session.commit()
    make_lead(source="Fair")
    if choice == "retired":
        services.retire(SOURCES, other, by=ada)
    elif choice == "gone":
        other = Source(id=999_999, key="gone", names={"en": "Gone"})

    with pytest.raises(deletion.SuccessorGone):
        deletion.delete_row(SOURCES, row, row if choice == "itself" else other, by=ada)

    assert row in rows_in(SOURCES)


def test_what_can_not_be_empty_needs_a_successor(app, add, ada):
    row = add(TAGS, "Hot")
    stuck = Referrer(
        key="rules", table="tags", count=lambda row_id: 2, words=lambda number: f"{number} rules",
        move=lambda row_id, to, by: 2, may_be_empty=False,
    )  # fmt: skip
    registry.bind(app, [stuck])

    assert not may_be_empty("tags")
    with pytest.raises(deletion.StillUsed):
        deletion.delete_row(TAGS, row, NOTHING, by=ada)
    assert deletion.delete_row(TAGS, row, add(TAGS, "Warm"), by=ada) == 2


def test_what_blocks_keeps_the_row(app, add, ada):
    row = add(TAGS, "Hot")
    stuck = Referrer(
        key="documents", table="tags", count=lambda row_id: 1, words=lambda number: "1 document",
        move=lambda row_id, to, by: 0, blocks=True,
    )  # fmt: skip
    registry.bind(app, [stuck])

    with pytest.raises(deletion.StillUsed):
        deletion.delete_row(TAGS, row, add(TAGS, "Warm"), by=ada)

    assert use_counts("tags", [row.id]) == {row.id: 1}


def test_somebody_else_deleted_it_meanwhile(add, ada):
    row = Source(id=999_999, key="gone", names={"en": "Gone"})

    with pytest.raises(services.RowGone):
        deletion.delete_row(SOURCES, row, None, by=ada)


def test_a_chosen_word_that_no_row_goes_by_is_left_out(add):
    hot = add(TAGS, "Hot")

    assert services.rows_chosen(Tag, ["HOT", "cold"]) == {"HOT": hot}
