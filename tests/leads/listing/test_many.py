"""The door for many leads: what each is given or refused for, what is written, how many statements it costs."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.fields import catalogue as kinds
from leadhub.fields.models import FieldChoice, FieldRow
from leadhub.fields.queries import catalogue, forget
from leadhub.leads import bin, many, services
from leadhub.leads.many import Act, Before
from leadhub.leads.models import Lead, LeadEvent
from leadhub.leads.packed import pack, unpack
from leadhub.leads.values import held
from leadhub.lists.models import Source, Tag
from leadhub.plugins.api import LeadDraft
from leadhub.referrers import registry
from leadhub.referrers.registry import Referrer


def states(results):
    return {lead_id: result.state for lead_id, result in results.items()}


def reasons(results):
    return {lead_id: result.reason for lead_id, result in results.items() if result.reason}


@pytest.fixture
def change(context, person):
    """``change(ids, "source", "fair")``: what became of each lead, committed."""

    def change(ids, field, value, by="ada"):
        results = many.change(ids, Act(act="set", field=field, value=value), by=person(by))
        db.session.commit()
        return results

    return change


@pytest.fixture
def tag(context, person):
    def tag(ids, act, *words, by="ada"):
        results = many.change(ids, Act(act=act, value=words), by=person(by))
        db.session.commit()
        return results

    return tag


@pytest.fixture
def give_back(context, person):
    def give_back(results, act, by="ada"):
        before = {lead_id: Before(it.old, it.version) for lead_id, it in results.items() if it.state == "changed"}
        undone = many.give_back(before, act, by=person(by))
        db.session.commit()
        return undone

    return give_back


@pytest.fixture
def team_field(context):
    """``team_field("choice", keys=["a"])``: the name of a new field of the team's own."""

    def add(type, keys=(), **options):
        row = FieldRow(name="new", type=type, names={"en": "Size"}, shown="more", position=99, **options)
        db.session.add(row)
        db.session.flush()
        row.name = name = f"custom_{row.id}"
        for place, key in enumerate(keys):
            db.session.add(FieldChoice(field_id=row.id, key=key, names={"en": key}, position=place))
        db.session.commit()
        forget()
        return name

    return add


def reach(app, word):
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach=word))
        db.session.commit()


def value_of(lead_id, name):
    value = held(db.session.get_one(Lead, lead_id, populate_existing=True), catalogue()[name])
    db.session.rollback()
    return value


def test_a_choice_goes_to_all_with_a_line_each(change, make_lead, rows):
    ids = [make_lead(), make_lead(source="fair"), make_lead()]

    results = change(ids, "source", "fair")

    assert states(results) == {ids[0]: "changed", ids[1]: "unchanged", ids[2]: "changed"}
    assert [(row["source_id"] is not None, row["version"]) for row in rows("leads")] == [
        (True, 2),
        (True, 1),
        (True, 2),
    ]
    lines = [row for row in rows("lead_events") if row["kind"] == "changed"]
    assert [(line["lead_id"], line["channel"], line["version"]) for line in lines] == [
        (ids[0], "bulk", 2),
        (ids[2], "bulk", 2),
    ]
    assert '"new": "fair"' in str(lines[0]["changes"]).replace("'", '"')


@pytest.mark.parametrize(
    ("name", "value", "old"),
    [
        ("job_title", "Boss", ""),
        ("expected_value", Decimal("12.50"), None),
        ("employees", 12, None),
        ("next_contact_at", datetime(2030, 1, 2, 3, 4, tzinfo=UTC), None),
        ("unsubscribed", True, False),
        ("owner", "bob@example.org", None),
        ("gender", "female", ""),
    ],
)
def test_every_type_is_given_and_given_back(change, give_back, make_lead, name, value, old):
    lead_id = make_lead()

    results = change([lead_id], name, value)
    given = value_of(lead_id, name)
    back = give_back(results, Act(act="set", field=name, value=value))

    assert states(results) == states(back) == {lead_id: "changed"}
    assert given == (user_by_email(value).id if name == "owner" else value)
    assert value_of(lead_id, name) == old


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("text", "tall"),
        ("number", Decimal("1.5")),
        ("day", date(2030, 1, 2)),
        ("yes_no", True),
        ("choice", "b"),
        ("choices", ("a", "b")),
        ("link", "https://a.example"),
    ],
)
def test_a_field_of_the_team_is_given_and_given_back(change, give_back, make_lead, team_field, type, value):
    name = team_field(type, keys="ab" if type.startswith("choice") else ())
    lead_id = make_lead()
    empty = value_of(lead_id, name)

    results = change([lead_id], name, value)
    given = value_of(lead_id, name)
    give_back(results, Act(act="set", field=name, value=value))

    assert states(results) == {lead_id: "changed"}
    assert given != empty
    assert value_of(lead_id, name) == empty


def test_keys_follow_what_leads_are_found_and_sorted_by(change, make_lead, team_field, rows):
    name = team_field("text", searchable=True)
    ids = [make_lead(first_name=f"N{n}", last_name="Old") for n in range(2)]

    change(ids, "last_name", "Élan")
    change(ids, name, "Jaune")

    first = rows("leads")[0]
    assert (first["sort_key"][:4], first["person_key"][:4]) == ("elan", "elan")
    assert {"elan", "jaune"} < set(first["search_key"].split())
    assert "old" not in first["search_key"]
    lead = db.session.get_one(Lead, ids[0])  # what a single edit writes is the same
    keys = (lead.search_key, lead.sort_key, lead.person_key)
    services.update_lead(lead, {"job_title": "x"}, by=user_by_email("ada@example.org"), version=lead.version)
    db.session.commit()
    assert (lead.search_key, lead.sort_key, lead.person_key) == keys


def test_what_a_single_edit_would_refuse_is_refused_lead_by_lead(change, make_lead):
    named, firm = make_lead(organisation="Firm"), make_lead()

    results = change([named, firm], "is_organisation", True)
    empty = change([named, firm], "last_name", "")

    assert states(results) == {named: "changed", firm: "refused"}
    assert reasons(results) == {firm: "Give the organisation’s name."}
    assert states(empty) == {named: "changed", firm: "refused"}


def test_a_field_that_must_be_filled_is_emptied_on_nobody(change, make_lead, rows):
    with_source = make_lead(source="fair")
    db.session.add(FieldRow(name="source", type="", names={}, shown="form", required=True))
    db.session.commit()

    assert reasons(change([with_source], "source", "")) == {with_source: "This field is required."}
    assert reasons(change([with_source], "status", "")) == {with_source: "This field is required."}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("source", "gone", "This choice is no longer there."),
        ("owner", "gone@example.org", "This choice is no longer there."),
        ("nothing", "x", "This field is no longer there."),
        ("email", "x@example.org", "This field is no longer there."),
        ("website", "nowhere", "Give an address that begins with http:// or https://."),
        ("gender", "odd", "Choose one from the list."),
    ],
)
@pytest.mark.one_database
def test_what_no_lead_can_have_each_is_refused(change, make_lead, rows, name, value, words):
    ids = [make_lead(), make_lead()]

    assert reasons(change(ids, name, value)) == dict.fromkeys(ids, words)
    assert {row["version"] for row in rows("leads")} == {1}


def test_a_hidden_field_is_none_and_a_locked_one_is_refused(change, make_lead):
    lead_id = make_lead()
    db.session.add(FieldRow(name="gender", type="", names={}, shown="more", seen_by="managers"))
    db.session.commit()

    hidden = change([lead_id], "gender", "female", by="bob")
    unknown = change([lead_id], "nothing", "female", by="bob")
    locked = change([lead_id], "received_at", datetime(2026, 1, 1, tzinfo=UTC), by="bob")

    assert reasons(hidden) == reasons(unknown)
    assert reasons(locked) == {lead_id: "Your role does not allow this. An admin can change it."}
    assert states(change([lead_id], "gender", "female", by="mia")) == {lead_id: "changed"}


def test_only_what_the_person_sees_is_changed(app, change, make_lead):
    reach(app, "own")
    own, other, binned = make_lead(owner="bob@example.org"), make_lead(owner="mia@example.org"), make_lead()
    bin.delete(db.session.get_one(Lead, binned), by=user_by_email("ada@example.org"))
    db.session.commit()

    results = change([own, other, binned, 999], "job_title", "Boss", by="bob")

    assert states(results) == {own: "changed", other: "refused", binned: "refused", 999: "refused"}
    assert len(set(reasons(results).values())) == 1


def test_who_may_not_write_any_more_changes_nothing(change, tag, make_lead, rows):
    lead_id = make_lead()

    for results in (change([lead_id], "job_title", "x", by="vic"), tag([lead_id], "delete", by="vic")):
        assert reasons(results) == {lead_id: "Your role does not allow this. An admin can change it."}
    assert rows("leads")[0]["version"] == 1


def test_tags_come_and_go_and_come_back(tag, give_back, make_lead):
    ids = [make_lead(tags=("a",)), make_lead(tags=("a", "b")), make_lead()]

    added = tag(ids, "add", "b")
    removed = tag(ids, "remove", "a", "gone")
    back = give_back(removed, Act(act="remove", value=("a",)))

    assert states(added) == {ids[0]: "changed", ids[1]: "unchanged", ids[2]: "changed"}
    assert states(removed) == {ids[0]: "changed", ids[1]: "changed", ids[2]: "unchanged"}
    assert states(back) == {ids[0]: "changed", ids[1]: "changed"}
    names = {row.id: row.key for row in db.session.scalars(sa.select(Tag))}
    assert [{names[it] for it in value_of(each, "tags")} for each in ids] == [{"a", "b"}, {"a", "b"}, {"b"}]


def test_a_tag_that_is_gone_is_given_to_nobody(tag, make_lead):
    lead_id = make_lead()

    assert reasons(tag([lead_id], "add", "gone")) == {lead_id: "This choice is no longer there."}


def test_a_lead_takes_no_more_tags_than_it_has_room_for(tag, make_lead):
    full, other = make_lead(tags=tuple(f"t{n}" for n in range(50))), make_lead(tags=("new",))

    assert states(tag([full, other], "add", "new")) == {full: "refused", other: "unchanged"}


def test_leads_move_to_the_bin_and_back(tag, give_back, make_lead, rows):
    ids = [make_lead(), make_lead(), make_lead()]
    tag(ids[:1], "delete")

    results = tag(ids, "delete")
    services_again = db.session.get_one(Lead, ids[1], populate_existing=True)
    bin.restore(services_again, by=user_by_email("ada@example.org"))
    db.session.commit()
    back = give_back(results, Act(act="delete"))

    assert states(results) == {ids[0]: "refused", ids[1]: "changed", ids[2]: "changed"}
    assert states(back) == {ids[1]: "refused", ids[2]: "changed"}
    assert [row["deleted_at"] is None for row in rows("leads")] == [False, True, True]
    kinds_told = [row["kind"] for row in rows("lead_events") if row["lead_id"] == ids[2]]
    assert kinds_told == ["created", "deleted", "restored"]


def test_a_lead_that_something_hangs_on_stays(app, tag, make_lead):
    needed, free = make_lead(), make_lead()
    hangs = Referrer(
        key="orders", table="leads", count=lambda row_id: int(row_id == needed), words=lambda n: f"{n} order",
        move=lambda *args: 0, counts=lambda ids: {needed: 1}, blocks=True,
    )  # fmt: skip
    registry.bind(app, [hangs])

    results = tag([needed, free], "delete")

    assert states(results) == {needed: "refused", free: "changed"}
    assert reasons(results) == {needed: "This lead can’t be deleted, since this hangs on it: 1 order."}


def test_what_was_changed_since_is_kept(change, give_back, make_lead):
    ids = [make_lead(job_title="Old"), make_lead(job_title="Old")]
    results = change(ids, "job_title", "New")
    lead = db.session.get_one(Lead, ids[0], populate_existing=True)
    services.update_lead(lead, {"job_title": "Newer"}, by=user_by_email("bob@example.org"), version=2)
    other = db.session.get_one(Lead, ids[1], populate_existing=True)
    services.update_lead(other, {"website": "https://a.example"}, by=user_by_email("bob@example.org"), version=2)
    db.session.commit()

    back = give_back(results, Act(act="set", field="job_title", value="New"))

    assert states(back) == {ids[0]: "refused", ids[1]: "changed"}
    assert [value_of(each, "job_title") for each in ids] == ["Newer", "Old"]


def test_an_old_choice_that_is_gone_is_not_given_back(change, give_back, make_lead):
    lead_id = make_lead(source="fair")
    make_lead(source="web")
    results = change([lead_id], "source", "web")
    db.session.execute(sa.delete(Source).where(Source.key == "fair"))
    db.session.commit()

    assert reasons(give_back(results, Act(act="set", field="source"))) == {lead_id: "This choice is no longer there."}


def test_who_gave_leads_away_can_take_them_back(app, change, give_back, make_lead):
    reach(app, "own")
    lead_id = make_lead(owner="bob@example.org")
    results = change([lead_id], "owner", "mia@example.org", by="bob")

    back = give_back(results, Act(act="set", field="owner"), by="bob")

    assert states(results) == states(back) == {lead_id: "changed"}
    assert value_of(lead_id, "owner") == user_by_email("bob@example.org").id


def test_who_never_saw_them_can_not_take_them(app, change, give_back, make_lead):
    lead_id = make_lead(owner="ada@example.org")
    results = change([lead_id], "owner", "mia@example.org", by="bob")
    reach(app, "own")

    assert states(give_back(results, Act(act="set", field="owner"), by="bob")) == {lead_id: "refused"}


@pytest.mark.parametrize("act", ["column", "keys", "custom", "tags", "delete"])
def test_a_hundred_leads_cost_as_many_statements_as_ten(context, team_field, count_queries, person, act):
    name = team_field("choice", keys="ab")
    people = ["bob@example.org", "mia@example.org", "ada@example.org", ""]
    drafts = [
        LeadDraft(channel="csv", owner=people[n % 4], tags=(f"t{n % 7}",), first_name=f"N{n}") for n in range(110)
    ]
    ids = [outcome.lead_id for outcome in services.create_leads(drafts, by=None)]
    db.session.commit()
    made = Act(act="set", field="owner", value="vic@example.org")
    for word, value in {
        "keys": Act(act="set", field="last_name", value="New"), "custom": Act(act="set", field=name, value="b"),
        "tags": Act(act="add", value=("t1",)), "delete": Act(act="delete"),
    }.items():  # fmt: skip
        made = value if word == act else made
    counted = []
    for block in (ids[:10], ids[10:]):
        user = person("ada")
        user.may("leads.write")
        with count_queries() as statements:
            results = many.change(block, made, by=user)
        db.session.commit()
        changed = {lead_id: Before(it.old, it.version) for lead_id, it in results.items() if it.state == "changed"}
        user.may("leads.write")
        with count_queries() as undoing:
            many.give_back(changed, made, by=user)
        db.session.commit()
        assert len(changed) >= len(block) * 0.8
        counted.append((len(statements), len(undoing)))

    assert counted[0] == counted[1]
    assert max(counted[0]) < 20


def test_an_edit_at_the_same_moment_is_waited_for(app, make_lead, rows):
    ids = [make_lead() for _n in range(20)]
    start, told = threading.Barrier(2), {}

    def in_bulk():
        with app.app_context():
            user = user_by_email("ada@example.org")
            user.may("leads.write")
            db.session.rollback()
            start.wait(10)
            told["bulk"] = many.change(ids, Act(act="set", field="job_title", value="Boss"), by=user)
            db.session.commit()

    def alone():
        with app.app_context():
            user = user_by_email("bob@example.org")
            user.may("leads.write")
            db.session.rollback()
            start.wait(10)
            for lead_id in reversed(ids):
                lead = db.session.get_one(Lead, lead_id)
                services.update_lead(lead, {"website": "https://a.example"}, by=user, version=lead.version)
                db.session.commit()
            told["alone"] = True

    threads = [threading.Thread(target=work) for work in (in_bulk, alone)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert told["alone"]
    assert set(states(told["bulk"]).values()) == {"changed"}
    assert {(row["job_title"], row["website"], row["version"]) for row in rows("leads")} == {
        ("Boss", "https://a.example", 3)
    }
    versions = [(row["lead_id"], row["version"]) for row in rows("lead_events")]
    assert len(versions) == len(set(versions)) == 60


@pytest.mark.one_database
@pytest.mark.parametrize(
    "value",
    ["x", "", None, True, 3, Decimal("1.50"), date(2030, 1, 2), datetime(2030, 1, 2, 3, 4, tzinfo=UTC), ("a", "b")],
)
def test_what_is_packed_comes_out_as_it_was(value):
    assert unpack(pack(value)) == value
    assert type(unpack(pack(value))) is type(value)


@pytest.mark.one_database
def test_fields_for_many_are_those_that_one_value_suits(context, person):
    found = many.may_be_changed(person("ada"))

    assert {kinds.EMAILS, kinds.PHONES, kinds.ADDRESSES, kinds.TAGS}.isdisjoint(it.type for it in found.values())
    assert {"source", "owner", "status", "next_contact_at", "unsubscribed", "last_name"} <= set(found)
    assert "received_at" in found
    assert "received_at" not in many.may_be_changed(person("bob"))
    assert db.session.scalar(sa.select(sa.func.count(LeadEvent.id))) == 0
