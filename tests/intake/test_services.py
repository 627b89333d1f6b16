"""What comes through a door is stored, counted, and taken in once."""

import pytest

from leadhub.extensions import db
from leadhub.intake import services
from leadhub.intake.models import Door
from leadhub.intake.queries import opened_by_id, opened_by_token, polled_ids
from leadhub.lists.deletion import delete_row
from leadhub.lists.drafts import NOTHING
from leadhub.lists.kinds import KINDS
from leadhub.lists.models import Source
from leadhub.plugin_settings.context import context_for
from leadhub.plugin_settings.stored import Stored
from leadhub.plugins.host import current_host
from leadhub.referrers.registry import use_counts, uses_of
from tests.doors import drafts


@pytest.fixture
def opened(app, open_door):
    """``opened()``: a door as its plugin is called, in an app context."""
    with app.app_context():
        yield lambda **words: opened_by_id(current_host(), open_door(**words)[0])


def store_of(opened):
    return context_for(opened.plugin, "1").store


def test_new_changed_and_refused_ones_are_counted(opened, rows):
    door = opened()
    for names in (("A", "B"), ("A",)):
        services.take_in(door, [*drafts(*names), "nothing"], store_of(door))
    db.session.commit()

    (row,) = rows("doors")
    assert (row["came"], row["refused"], row["last_error"]) == (2, 2, "This is no lead.")
    assert row["failed_at"]


def test_a_door_that_went_well_has_no_error_any_more(opened, rows):
    door = opened()
    services.note_failure(door.token, "x\0" * 900)
    db.session.commit()
    assert rows("doors")[0]["last_error"] == "x" * 250

    services.take_in(door, drafts("A"), store_of(door))
    db.session.commit()

    assert rows("doors")[0]["last_error"] == ""


def test_what_the_plugin_keeps_is_kept_with_the_leads(opened, rows):
    door = opened()
    store = store_of(door)
    store.set("seen", 7)
    services.take_in(door, drafts("A"), store)
    db.session.commit()

    assert [(row["plugin"], row["key"], row["value"]) for row in rows("plugin_values")] == [("radio", "seen", "7")]


def test_of_two_polls_at_once_one_is_taken_in(opened, rows):
    door = opened()
    services.take_poll(door, drafts("A"), store_of(door), "5")
    db.session.commit()

    with pytest.raises(services.DoorGone):
        services.take_poll(door, drafts("B"), store_of(door), "6")
    db.session.rollback()

    assert [lead["last_name"] for lead in rows("leads")] == ["A"]
    assert rows("doors")[0]["cursor"] == "5"


def test_another_setting_begins_anew_and_another_name_does_not(opened, person):
    door = db.session.get(Door, opened(station="FIP").id)
    door.cursor = "5"
    db.session.flush()

    services.change_door(door, "New name", door.source_id, Stored({"station": "FIP"}), by=person("ada"))
    assert (door.name, door.cursor) == ("New name", "5")
    services.change_door(door, "New name", door.source_id, Stored({"station": "Nova"}), by=person("ada"))
    assert door.cursor == ""


def test_a_source_that_is_gone_can_not_be_chosen(opened, person):
    door = db.session.get(Door, opened().id)

    if db.engine.dialect.name == "postgresql":
        with pytest.raises(services.DoorGone):
            services.change_door(door, "A", 999, Stored(), by=person("ada"))


def test_closed_doors_let_nothing_in(opened, person):
    door = opened()
    services.switch(db.session.get(Door, door.id), is_on=False, by=person("ada"))
    db.session.commit()

    assert opened_by_token(current_host(), door.token) is None
    assert polled_ids(current_host()) == []
    with pytest.raises(services.DoorGone):
        services.take_in(door, drafts("A"), store_of(door))


def test_a_new_address_is_hard_to_guess(opened, person):
    door = db.session.get(Door, opened().id)
    old = door.token

    services.renew(door, by=person("ada"))

    assert door.token != old
    assert len(door.token) == 22


@pytest.mark.parametrize("successor", ["linkedin", None])
def test_a_deleted_source_gives_its_doors_to_another_one(opened, person, successor):
    door_id = opened(source="website").id
    row = db.session.scalar(db.select(Source).where(Source.key == "website"))
    to = db.session.scalar(db.select(Source).where(Source.key == successor)) if successor else NOTHING

    assert [str(use) for use in uses_of("sources", row.id)] == ["1 way in"]
    assert use_counts("sources", [row.id]) == {row.id: 1}
    delete_row(KINDS["sources"], row, to, by=person("ada"))
    db.session.commit()

    door = db.session.get(Door, door_id)
    assert (door.source.key if door.source else None) == successor
    services.take_in(
        opened_by_id(current_host(), door_id), drafts("A"), store_of(opened_by_id(current_host(), door_id))
    )


def test_a_renamed_source_is_still_found(opened, rows):
    row = db.session.scalar(db.select(Source).where(Source.key == "website"))
    other = db.session.scalar(db.select(Source).where(Source.key == "directory"))
    row.names, other.names = {"en": "Our site"}, {"en": "website"}
    db.session.commit()
    door = opened(source="website")

    services.take_in(door, drafts("A"), store_of(door))
    db.session.commit()

    assert rows("leads")[0]["source_id"] == row.id
