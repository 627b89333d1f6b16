"""Settings > Statuses, as managers use it: the list, the guard before a deletion, rules, actions, mending."""

import re

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role
from leadhub.extensions import db
from leadhub.leads.models import Lead
from leadhub.lists import guard
from leadhub.plugins.api.statuses import Status as Wished
from leadhub.statuses import deletion
from leadhub.statuses.forms import field_of
from leadhub.statuses.models import Status, StatusAction
from leadhub.statuses.offers import RuleOffer, bind, offered
from leadhub.statuses.services import adopt_rules

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
STATUSES, RULES = "/settings/statuses/", "/settings/statuses/rules"
NEW = {"name_en": "Interested", "name_fr": "Intéressé", "kind": "in_progress", "colour": "teal"}
SAMPLE = RuleOffer(
    key="sample", label="a sample was sent", priority=40, holds=lambda facts: None,
    wished=Wished(key="sampled", names={"en": "Sampled", "fr": "Échantillon"}, kind="in_progress", colour="lime"),
)  # fmt: skip


@pytest.fixture
def stored(rows):
    """``stored("open")``: the row of the status with this key, or None."""
    return lambda key: next((row for row in rows("statuses") if row["key"] == key), None)


@pytest.fixture
def url(stored):
    """``url("open", "/delete")``: an address of the status with this key."""
    return lambda key, tail="": f"{STATUSES}{stored(key)['id']}{tail}"


@pytest.fixture
def lead_in(app, make_lead):
    """``lead_in("closed", last_name="Dupont")``: the id of a lead that has this status."""

    def make(key, **values):
        lead_id = make_lead(**values)
        with app.app_context():
            status_id = db.session.query(Status.id).filter_by(key=key).scalar()
            db.session.execute(sa.update(Lead).where(Lead.id == lead_id).values(status_id=status_id))
            db.session.commit()
        return lead_id

    return make


@pytest.fixture
def make_action(app):
    """``make_action("closed", "add_note", text="Hello")``: the id of an action of this status; None: of none."""

    def make(key, action, **settings):
        with app.app_context():
            status = db.session.query(Status).filter_by(key=key).one_or_none()
            row = StatusAction(
                status_id=status and status.id, action=action, settings=settings, is_on=key is not None, position=900
            )
            db.session.add(row)
            db.session.commit()
            return row.id

    return make


@pytest.fixture
def delete(client, url, stored):
    """``delete("quotation", "closed")``: what a deletion with this successor, and others by field, is answered."""

    def delete(key, successor=None, **others):
        told = {"successor": successor, **others}
        data = {name: stored(to)["id"] if to and stored(to) else to or "" for name, to in told.items()}
        return client.post(url(key, "/delete"), data=data)

    return delete


@pytest.fixture
def undo(client):
    """``undo(page)``: the page after its button that undoes a deletion was pressed."""

    def press(page):
        button = re.search(r'action="([^"]+/undo)"', page.text)[1]
        return client.post(button, follow_redirects=True)

    return press


@pytest.fixture
def broken_rule(app, rows):
    """The row of a rule that a newer version brings, whose status is not there."""
    with app.app_context():
        bind(app, rules=(*offered().rules.values(), SAMPLE), actions=offered().actions.values())
        adopt_rules()
        db.session.commit()
    return rows("status_rules")[-1]


def names_in(page):
    return re.findall(r'class="list-name break"[^>]*>([^<]*)<', page.text)


def line_of(page, row):
    return re.search(rf'id="row-{row["id"]}".*?</li>', page.text, re.DOTALL)[0]


def messages(page):
    return re.search(r'id="messages".*?\n {8}</div>', page.text, re.DOTALL)[0]


def edited(stored, key, **changes):
    """What the drawer of this status sends; a tick that is None is none."""
    row = stored(key)
    shown = {"name_en": f"New {key}", "kind": row["kind"], "colour": row["colour"]}
    ticks = {name: "y" for name in ("is_default", "is_lock", "needs_reason") if row[name]}
    return {name: value for name, value in (shown | ticks | changes).items() if value is not None}


# The list


def test_each_status_is_there_with_its_leads_and_badges(client, stored, lead_in):
    lead_in("quotation")

    page = client.get(STATUSES)

    assert names_in(page)[:3] == ["Open", "Opportunity", "Quotation"]
    first, third = line_of(page, stored("open")), line_of(page, stored("quotation"))
    assert re.search(r'href="/leads/\?status=quotation">1 lead<', third)
    assert ">0 leads<" in first
    assert [">default<" in it for it in (first, third)] == [True, False]
    assert [">automatic<" in it for it in (first, third)] == [False, True]


def test_a_status_is_added_at_the_end(client, stored):
    answer = client.post(STATUSES, data=NEW)

    row = stored("interested")
    assert (answer.status_code, answer.location) == (303, f"{STATUSES}#row-{row['id']}")
    assert (row["kind"], row["colour"], row["position"]) == ("in_progress", "teal", 7)
    assert "Status added." in messages(client.get(STATUSES))


@pytest.mark.parametrize(
    ("wrong", "at", "message"),
    [
        ({"name_en": "OPEN"}, "new-name_en", "Another row of this list has this name."),
        ({"name_en": "", "name_fr": ""}, "new-name_en", "Give a name in one language at least."),
        ({"name_fr": "x" * 201}, "new-name_fr", "At most 200 characters."),
        ({"kind": "both"}, "new-kind", "Choose one from the list."),
        ({"colour": "mauve"}, "new-colour", "Choose one from the list."),
    ],
)
def test_what_can_not_be_added_is_told_at_the_field_and_stays_typed(client, rows, wrong, at, message):
    before = rows("statuses")

    page = client.post(STATUSES, data=NEW | wrong)

    assert page.status_code == 422
    assert f'id="{at}-error1">{message}<' in page.text
    assert re.search(r'id="add" open', page.text)
    for name in {"name_en", "name_fr"} - wrong.keys():
        assert f'value="{NEW[name]}"' in page.text
    assert "colour" in wrong or re.search(r'checked class="form-check-input" id="new-colour-\d+"[^>]*"teal"', page.text)
    assert rows("statuses") == before


def test_a_drawer_opens_alone_or_in_its_page(client, url):
    piece, page = client.get(url("closed"), headers=PARTIAL), client.get(url("closed"))

    assert piece.text.lstrip().startswith("<li")
    assert 'name="needs_reason"' in piece.text
    assert "<html" in page.text
    assert 'name="needs_reason"' in page.text
    assert 'name="needs_reason"' not in client.get(STATUSES).text


def test_no_two_inputs_of_a_page_share_an_id(client, url):
    page = client.get(url("closed")).text + client.get(url("open"), headers=PARTIAL).text

    ids = re.findall(r'<(?:input|select|textarea|fieldset)[^>]* id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_status_is_changed(client, stored, url):
    data = edited(stored, "closed", name_fr="Fermé", colour="pink", needs_reason=None, is_lock="y")

    answer = client.post(url("closed"), data=data)

    row = stored("closed")
    assert answer.status_code == 303
    assert (row["colour"], row["is_lock"], row["needs_reason"]) == ("pink", 1, 0)
    assert "New closed" in names_in(client.get(STATUSES))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"is_default": None}, "Choose another status as the default instead: there is always one."),
        ({"kind": "won"}, "This is the last status that means “To do”: there is always one."),
        ({"name_en": "quotation"}, "Another row of this list has this name."),
    ],
)
def test_what_can_not_be_changed_is_told_in_the_drawer(client, stored, url, changes, message):
    before = stored("open")

    page = client.post(url("open"), data=edited(stored, "open", **changes))

    assert page.status_code == 422
    assert message in line_of(page, before)
    assert stored("open") == before


def test_a_default_is_taken_over_by_another_one(client, stored, url):
    client.post(url("quotation"), data=edited(stored, "quotation", is_default="y"))

    assert (stored("open")["is_default"], stored("quotation")["is_default"]) == (0, 1)


def test_what_somebody_changed_meanwhile_is_replaced_only_by_a_second_save(client, stored, url):
    opened = re.search(r'name="shown"[^>]*value="(\w+)"', client.get(url("closed")).text)[1]
    client.post(url("closed"), data=edited(stored, "closed", colour="pink"))

    stale = client.post(url("closed"), data=edited(stored, "closed", colour="cyan", shown=opened))

    assert (stale.status_code, stored("closed")["colour"]) == (409, "pink")
    assert "Somebody changed this meanwhile." in stale.text
    again = re.search(r'name="shown"[^>]*value="(\w+)"', stale.text)[1]
    answer = client.post(url("closed"), data=edited(stored, "closed", colour="cyan", shown=again))
    assert (answer.status_code, stored("closed")["colour"]) == (303, "cyan")


def test_a_status_is_retired_and_offered_again(client, stored, url):
    client.post(url("closed", "/retire"))
    retired = client.get(STATUSES)
    client.post(url("closed", "/retire"), data={"back": "y"})

    assert ">retired<" in line_of(retired, stored("closed"))
    assert not stored("closed")["retired"]


def test_the_default_can_not_be_retired(client, stored, url):
    page = client.post(url("open", "/retire"), follow_redirects=True)

    assert "The default status can’t be retired." in messages(page)
    assert not stored("open")["retired"]


def test_statuses_are_moved_one_by_one_and_all_at_once(client, stored, url):
    before = names_in(client.get(STATUSES))

    client.post(url("quotation", "/move"), data={"to": "up"})
    moved = names_in(client.get(STATUSES))
    ids = [stored("quotation")["id"], stored("open")["id"]]
    answer = client.post(f"{STATUSES}order", data={"ids": ",".join(map(str, ids))}, headers=PARTIAL)

    assert moved == ["Open", "Quotation", "Opportunity", *before[3:]]
    assert answer.status_code == 204
    assert names_in(client.get(STATUSES)) == ["Quotation", "Open", "Opportunity", *before[3:]]


def test_an_order_that_is_none_is_refused(client):
    assert client.post(f"{STATUSES}order", data={"ids": "1,x"}).status_code == 400


def test_the_page_costs_as_many_queries_for_forty_statuses_as_for_seven(app, client, count_queries):
    client.get(STATUSES)
    with count_queries() as seven:
        client.get(STATUSES)
    with app.app_context():
        more = [Status(key=f"s{n}", names={"en": f"S {n}"}, kind="won", colour="red", position=n) for n in range(33)]
        db.session.add_all(more)
        db.session.commit()
    with count_queries() as forty:
        page = client.get(STATUSES)

    assert len(names_in(page)) == 40
    assert len(forty) == len(seven)


def test_managers_shape_statuses_and_stages_and_see_no_other_settings(client_of):
    page = client_of("mia").get(STATUSES).text

    assert re.search(rf'class="rail-entry" href="{STATUSES}"[^>]*title="Settings"', page)
    assert re.findall(r'class="tab" href="([^"]+)"', page) == [STATUSES, "/settings/pipelines/"]


@pytest.mark.parametrize("name", ["bob", "vic"])
def test_agents_and_viewers_are_kept_out(client_of, name):
    assert client_of(name).get(STATUSES).status_code == 403
    assert "/settings/" not in client_of(name).get("/leads/").text


def test_in_french(app, client, person, url):
    with app.app_context():
        person("ada").language = "fr"
        db.session.commit()

    page, question = client.get(STATUSES), client.get(url("open", "/delete"))

    assert ">Statuts</h2>" in page.text
    assert names_in(page)[0] == "Ouvert"
    assert "Supprimer « Ouvert »" in question.text.replace("\u202f", " ").replace("\xa0", " ")


# Deletion


def test_the_question_counts_whatever_names_the_status_and_leads_there(client, stored, url, lead_in, make_action):
    lead_in("quotation")
    make_action("quotation", "add_note", text="Hello")

    page = client.get(url("quotation", "/delete")).text

    uses = re.findall(r'<a href="([^"]+)">([^<]+)</a>', re.search(r'<ul class="uses">.*?</ul>', page, re.DOTALL)[0])
    assert "used in 3 places" in page
    assert uses == [
        ("/leads/?status=quotation", "1 lead"),
        (RULES, "1 automatic rule"),
        (url("quotation", "/actions"), "1 action"),
    ]


def test_the_default_and_the_last_open_one_are_told(client, url):
    page = client.get(url("open", "/delete")).text

    assert "the default for new leads" in page
    assert "the last status that means “To do”" in page
    assert 'name="successor"' in page


def test_what_nothing_uses_is_deleted_without_a_question(client, url, stored, delete):
    question = client.get(url("do-not-contact", "/delete")).text

    answer = delete("do-not-contact")

    assert "Nothing uses it." in question
    assert "<select" not in question
    assert (answer.status_code, stored("do-not-contact")) == (303, None)


def test_without_a_choice_what_is_in_use_is_not_deleted(stored, delete, lead_in):
    lead_in("quotation")

    answer = delete("quotation")

    assert answer.status_code == 422
    assert 'id="successor-error1">Choose the status that takes its place.<' in answer.text
    assert stored("quotation")


@pytest.mark.parametrize("successor", ["quotation", "retired", "999"])
def test_a_successor_must_be_there(client, url, stored, delete, lead_in, successor):
    client.post(url("closed", "/retire"))
    lead_in("quotation")

    answer = delete("quotation", "closed" if successor == "retired" else successor)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert stored("quotation")


def test_one_successor_takes_the_place_everywhere(client, rows, stored, delete, lead_in, make_action):
    lead, action = lead_in("quotation"), make_action("quotation", "add_note", text="Hello")
    old, new = stored("quotation")["id"], stored("opportunity")["id"]

    answer = delete("quotation", "opportunity")

    assert (answer.status_code, stored("quotation")) == (303, None)
    assert [row["status_id"] for row in rows("leads")] == [new]
    assert [row["status_id"] for row in rows("status_actions") if row["id"] == action] == [new]
    assert old not in {row["status_id"] for row in rows("status_rules")}
    page = client.get(f"/leads/{lead}").text
    assert re.search(r"Status:\s*<del>Quotation</del> →\s*<ins>Opportunity</ins>", page)


def test_each_kind_may_have_its_own_successor(rows, stored, delete, lead_in, make_action):
    lead_in("quotation")
    make_action("quotation", "add_note", text="Hello")
    others = {field_of(deletion.LEADS): "open", field_of("statuses.actions"): "none"}

    answer = delete("quotation", "opportunity", **others)

    assert answer.status_code == 303
    assert rows("leads")[0]["status_id"] == stored("open")["id"]
    assert rows("status_rules")[2]["status_id"] == stored("opportunity")["id"]
    (action,) = rows("status_actions")
    assert (action["status_id"], action["is_on"]) == (None, 0)


def test_a_refused_choice_for_one_kind_is_told_there_and_opens_the_details(client, url, delete, lead_in):
    lead_in("quotation")
    closed = client.get(url("quotation", "/delete")).text

    answer = delete("quotation", "opportunity", **{field_of(deletion.LEADS): "999"})

    assert '<details class="more" >' in closed
    assert answer.status_code == 422
    assert '<details class="more" open>' in answer.text
    assert f'id="{field_of(deletion.LEADS)}-error1"' in answer.text


def test_more_leads_than_one_act_moves_are_led_to_the_list(client, url, stored, delete, lead_in, monkeypatch):
    monkeypatch.setattr(guard, "LEADS_MAX", 1)
    lead_in("quotation")
    lead_in("quotation")

    page, answer = client.get(url("quotation", "/delete")).text, delete("quotation", "open")

    assert "More than 1 leads have this status" in page
    assert re.search(r'href="/leads/\?status=quotation">Open these leads<', page)
    assert "<select" not in page
    assert "btn-outline-danger" not in page
    assert answer.status_code == 422
    assert stored("quotation")


# Undo


def test_a_deletion_is_told_with_a_button_that_undoes_it(client, rows, stored, delete, undo, lead_in):
    lead_in("quotation")
    before = stored("quotation")
    delete("quotation", "open")
    told = client.get(STATUSES)

    page = undo(told)

    assert "“Quotation” was deleted, and “Open” took its place. 1 lead got another status." in told.text
    assert told.text.count('/undo"') == 1
    assert "“Quotation” is back." in messages(page)
    assert "/undo" not in page.text
    assert stored("quotation") == before
    assert rows("leads")[0]["status_id"] == before["id"]


def test_a_deletion_can_be_undone_from_the_page_later(client, stored, delete, undo):
    delete("do-not-contact")
    client.get(STATUSES)

    undo(client.get(STATUSES))

    assert stored("do-not-contact")


def test_a_second_undo_changes_nothing(client, rows, delete, undo):
    delete("do-not-contact")
    undo(client.get(STATUSES))
    before = rows("statuses")

    answer = client.post("/settings/statuses/deletions/1/undo")

    assert answer.status_code == 409
    assert rows("statuses") == before


def test_an_undo_says_what_it_keeps_and_leads_there(client, app, rows, delete, undo, lead_in):
    lead, other = lead_in("quotation", last_name="Went on"), lead_in("quotation", last_name="Waited")
    delete("quotation", "opportunity")
    client.post(f"/leads/{lead}/fields/status", data={"status": "open", "version": "2"})

    page = undo(client.get(STATUSES))

    assert "1 lead has got another status since, and keeps it." in messages(page)
    kept = client.get(re.search(r'href="([^"]+)">Show these leads<', page.text)[1]).text
    assert "Went on" in kept
    assert "Waited" not in kept
    assert rows("leads")[1]["id"] == other


def test_managers_see_only_kept_leads_within_their_reach(app, client, client_of, delete, undo, lead_in):
    leads = [lead_in("quotation", last_name=f"Of {name}", owner=f"{name}@example.org") for name in ("mia", "bob")]
    delete("quotation", "opportunity")
    for lead in leads:
        client.post(f"/leads/{lead}/fields/status", data={"status": "open", "version": "2"})
    undo(client.get(STATUSES))
    with app.app_context():
        db.session.execute(sa.update(Role).values(reach="own"))
        db.session.commit()

    page = client_of("mia").get("/settings/statuses/deletions/1/leads").text

    assert "Of mia" in page
    assert "Of bob" not in page


# Automatic rules


def test_rules_are_bound_to_other_statuses_and_switched_off(client, rows, stored):
    chosen = {field_of(row["rule"]): row["status_id"] for row in rows("status_rules")}
    chosen |= {"of_order": stored("closed")["id"], "of_opportunity": "none"}

    answer = client.post(RULES, data=chosen, follow_redirects=True)

    assert "Saved." in messages(answer)
    by_key = {row["rule"]: row for row in rows("status_rules")}
    assert (by_key["order"]["status_id"], by_key["order"]["is_on"]) == (stored("closed")["id"], 1)
    assert not by_key["opportunity"]["is_on"]
    assert by_key["customer"]["status_id"] == stored("converted")["id"]
    assert [row["kind"] for row in rows("audit_events")] == ["lists", "lists"]
    assert re.search(r'id="of_opportunity".*?selected value="none"', answer.text, re.DOTALL)


def test_a_rule_is_not_bound_to_what_is_not_there(client, rows):
    before = rows("status_rules")

    answer = client.post(RULES, data={"of_order": "999"})

    assert answer.status_code == 422
    assert "of_order-error1" in answer.text
    assert rows("status_rules") == before


# Actions


@pytest.mark.parametrize(
    ("kind", "data", "kept", "summary"),
    [
        ("assign_owner", {"person": "3", "only_free": "y"}, '{"person": 3, "only_free": true}', "to Bob"),
        (
            "next_contact",
            {"days": "5", "note": " Ring "},
            '{"days": 5, "note": "Ring", "only_free": false}',
            "in 5 days",
        ),
        ("add_note", {"text": "Hello"}, '{"text": "Hello"}', "Hello"),
        ("mail_owner", {"text": ""}, '{"text": ""}', ""),
    ],
)
def test_an_action_of_each_kind_is_added(client, rows, url, kind, data, kept, summary):
    form = client.get(url("closed", f"/actions/new/{kind}"))

    answer = client.post(url("closed", f"/actions/new/{kind}"), data=data)

    (action,) = rows("status_actions")
    assert all(f'name="{name}"' in form.text for name in data)
    assert answer.location == url("closed", "/actions")
    assert (action["action"], action["settings"], action["is_on"]) == (kind, kept, 1)
    page = client.get(answer.location)
    assert "Action added." in messages(page)
    assert f'list-used">{summary}<' in page.text
    assert "Automatic actions (1)" in client.get(url("closed")).text


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("assign_owner", {"person": ""}),
        ("assign_owner", {"person": "999"}),
        ("next_contact", {"days": "soon"}),
        ("next_contact", {"days": "366"}),
        ("add_note", {"text": "  "}),
        ("mail_owner", {"text": "x" * 2001}),
    ],
)
def test_settings_that_can_not_be_are_told_at_the_field(client, rows, url, kind, data):
    answer = client.post(url("closed", f"/actions/new/{kind}"), data=data)

    (name,) = data
    assert answer.status_code == 422
    assert f'id="{name}-error1"' in answer.text
    assert rows("status_actions") == []


def test_an_action_that_nothing_offers_is_not_there(client, url):
    assert client.get(url("closed", "/actions/new/fly")).status_code == 404


def test_an_action_is_edited_switched_and_removed(client, rows, make_action):
    one = f"/settings/statuses/actions/{make_action('closed', 'add_note', text='Hello')}"

    assert "Hello" in client.get(one).text
    client.post(one, data={"text": "Goodbye"})
    assert rows("status_actions")[0]["settings"] == '{"text": "Goodbye"}'
    assert client.post(one, data={"text": ""}).status_code == 422
    page = client.post(f"{one}/switch", follow_redirects=True)
    assert "Switch on: Add a note" in page.text
    client.post(f"{one}/switch", data={"on": "y"})
    assert rows("status_actions")[0]["is_on"]
    assert "Action removed." in messages(client.post(f"{one}/remove", follow_redirects=True))
    assert rows("status_actions") == []


def test_actions_are_done_in_an_order_that_can_be_changed(client, url, make_action):
    first, second = (make_action("closed", "add_note", text=text) for text in ("One", "Two"))

    client.post(f"/settings/statuses/actions/{second}/move", data={"to": "up"})

    page = client.get(url("closed", "/actions")).text
    assert re.findall(r'id="action-(\d+)"', page) == [str(second), str(first)]


def test_an_action_of_a_plugin_that_is_gone_is_told(client, url, make_action):
    action = make_action("closed", "sms", text="Hello")

    assert "The plugin is not installed." in client.get(url("closed", "/actions")).text
    assert client.get(f"/settings/statuses/actions/{action}").status_code == 404


def test_an_action_without_status_is_listed_and_given_one(client, rows, stored, make_action):
    action = make_action(None, "add_note", text="Hello")
    assert 'id="waiting"' in client.get(STATUSES).text

    answer = client.post(f"/settings/statuses/actions/{action}/give", data={"status": stored("closed")["id"]})

    (row,) = rows("status_actions")
    assert answer.status_code == 303
    assert (row["status_id"], row["is_on"]) == (stored("closed")["id"], 1)
    assert 'id="waiting"' not in client.get(STATUSES).text


@pytest.mark.parametrize("status", ["", "999"])
def test_an_action_is_given_no_status_that_is_none(client, rows, make_action, status):
    action = make_action(None, "add_note", text="Hello")

    page = client.post(f"/settings/statuses/actions/{action}/give", data={"status": status}, follow_redirects=True)

    assert "Choose a status." in messages(page)
    assert rows("status_actions")[0]["status_id"] is None


# What has lost its status


@pytest.fixture
def mend(client, stored):
    """``mend(row, "choose", status="closed")``: what the button of the diagnosis is answered."""

    def mend(row, how, kind="rule", status=""):
        data = {"kind": kind, "id": row["id"], "how": how, "back": "/settings/diagnostic"}
        data["status"] = stored(status)["id"] if status else ""
        return client.post("/settings/statuses/mend", data=data, follow_redirects=True)

    return mend


@pytest.mark.parametrize(
    ("how", "status", "now"), [("choose", "closed", "closed"), ("recreate", "", "sampled"), ("off", "", None)]
)
def test_a_rule_that_lost_its_status_is_mended_from_the_diagnosis(
    client, rows, stored, broken_rule, mend, how, status, now
):
    before = client.get("/settings/diagnostic").text

    page = mend(broken_rule, how, status=status)

    assert "When a sample was sent, no status is given" in before
    assert "Re-create “Sampled”" in before
    assert "Mended." in messages(page)
    assert "mend-rule" not in page.text
    row = rows("status_rules")[-1]
    assert (row["status_id"], row["is_on"]) == (stored(now)["id"] if now else None, int(now is not None))


@pytest.mark.parametrize(("how", "told"), [("choose", "Choose a status."), ("off", "This is mended already")])
def test_a_mend_that_can_not_be_is_told(rows, broken_rule, mend, how, told):
    if how == "off":
        mend(broken_rule, "off")
    before = rows("status_rules")

    page = mend(broken_rule, how)

    assert told in messages(page)
    assert rows("status_rules") == before


def test_an_action_of_a_plugin_that_is_gone_is_switched_off_from_the_diagnosis(client, rows, make_action, mend):
    make_action("closed", "sms", text="Hello")
    assert "The action “sms” comes from a plugin" in client.get("/settings/diagnostic").text

    page = mend(rows("status_actions")[0], "off", kind="action")

    assert "Mended." in messages(page)
    assert not rows("status_actions")[0]["is_on"]


def test_a_mend_leads_nowhere_else(client, broken_rule):
    data = {"kind": "rule", "id": broken_rule["id"], "how": "off", "back": "//example.org"}

    assert client.post("/settings/statuses/mend", data=data).location == STATUSES
