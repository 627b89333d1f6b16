"""Views of the list that are kept: whose they are, who may change them, what they name."""

import re
from urllib.parse import parse_qs

import pytest
import sqlalchemy as sa

from leadhub.accounts import handover
from leadhub.accounts.models import Team
from leadhub.accounts.services import delete_team
from leadhub.errors import NotAllowed, RuleBroken
from leadhub.extensions import db
from leadhub.fields import services as fields
from leadhub.fields.drafts import Decision, FieldDraft
from leadhub.fields.models import FieldRow
from leadhub.fields.queries import choices_of
from leadhub.leads.listing import saved
from leadhub.leads.listing import saved_services as services
from leadhub.leads.listing.models import ALL, PRIVATE, TEAM, SavedView
from leadhub.leads.listing.saved import ViewDraft
from leadhub.leads.listing.state import state_of
from leadhub.lists import deletion
from leadhub.lists.drafts import NOTHING
from leadhub.lists.kinds import KINDS, kind_of
from leadhub.lists.models import Source
from leadhub.referrers.registry import move_all, use_counts, uses_of
from leadhub.statuses.queries import statuses

SCOPES = {PRIVATE: "Only me", TEAM: "My team", ALL: "Everybody"}


@pytest.fixture
def teams(app, person):
    """bob and mia in the North, vic in the South, ada in none."""
    with app.app_context():
        north, south = Team(name="North"), Team(name="South")
        person("bob").team = person("mia").team = north
        person("vic").team = south
        db.session.add_all([north, south])
        db.session.commit()


@pytest.fixture
def keep(context, person):
    """``keep("bob", "Mine", query, scope)``: a view that is there, without the rules of saving one."""

    def keep(owner, name, query="", scope=PRIVATE, **changes):
        user = person(owner)
        view = SavedView(name=name, owner_id=user.id, query=query, scope=scope, **changes)
        view.team_id = user.team_id if scope.endswith(TEAM) else None
        db.session.add(view)
        db.session.commit()
        return view

    return keep


@pytest.fixture
def kept(app, person):
    """``kept("bob", "Mine", ...)``: the id of such a view, for tests of pages."""

    def kept(owner, name, query="", scope=PRIVATE, **changes):
        with app.app_context():
            view = SavedView(name=name, owner_id=person(owner).id, query=query, scope=scope, **changes)
            view.team_id = person(owner).team_id if scope == TEAM else None
            db.session.add(view)
            db.session.commit()
            return view.id

    return kept


def save(user, name, query="", scope=PRIVATE, default_for=None):
    view, taken = services.keep_view(state_of(query, user), draft(name, scope, default_for), by=user)
    db.session.commit()
    return view, taken


def draft(name, scope=PRIVATE, default_for=None):
    return ViewDraft(name=name, scope=scope, default_for=default_for)


def names(user):
    return [view.name for view in saved.views_seen_by(user)]


def selector(client, address="/leads/"):
    """What stands in the selector above the list."""
    page = client.get(address)
    assert page.status_code == 200
    return re.search(r'<div class="views" id="views">(.*?)</div>\s*(?:<section|</hx)', page.text, re.DOTALL)[1]


def test_a_view_is_offered_to_whom_it_is_for(context, person, teams, keep):
    for owner in ("ada", "bob"):
        for scope in (PRIVATE, ALL):
            keep(owner, f"{owner} {scope}", scope=scope)
    keep("bob", "bob team", scope=TEAM)

    assert names(person("ada")) == ["ada all", "ada private", "bob all"]
    assert names(person("bob")) == ["ada all", "bob all", "bob private", "bob team"]
    assert names(person("mia")) == ["ada all", "bob all", "bob team"]
    assert names(person("vic")) == ["ada all", "bob all"]


def test_only_its_owner_changes_a_view_and_managers_what_all_are_offered(context, person, teams, keep):
    views = {scope: keep("bob", scope, scope=scope) for scope in SCOPES}
    may = {
        name: [scope for scope in SCOPES if saved.may_change(person(name), views[scope])]
        for name in ("ada", "mia", "bob", "vic")
    }

    assert may == {"ada": [ALL], "mia": [ALL], "bob": [PRIVATE, TEAM, ALL], "vic": []}
    with pytest.raises(NotAllowed):
        services.change_view(views[TEAM], draft("Mine"), by=person("mia"), version=1)
    with pytest.raises(NotAllowed):
        services.keep_state(views[ALL], state_of("", person("vic")), by=person("vic"), version=1)
    with pytest.raises(NotAllowed):
        services.delete_view(views[PRIVATE], by=person("ada"))


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("who", "given", "field"),
    [
        ("bob", draft(" "), "name"),
        ("bob", draft("x" * 101), "name"),
        ("bob", draft("ÉTÉ"), "name"),
        ("bob", draft("vic’s"), None),  # somebody else's, whom bob does not see
        ("bob", draft("New", ALL), "scope"),
        ("ada", draft("New", TEAM), "scope"),
        ("ada", draft("New", "-all"), "scope"),
        ("ada", draft("New", PRIVATE, ["agent"]), "default_for"),
    ],
)
def test_what_a_view_can_t_be_is_told_at_its_field(context, person, teams, keep, who, given, field):
    keep("ada", "été", scope=ALL)
    keep("vic", "vic's")
    keep("bob", "team", scope=TEAM)

    if field is None:
        services.keep_view(state_of("", person(who)), given, by=person(who))
        return
    with pytest.raises(services.ViewFieldRefused) as refused:
        services.keep_view(state_of("", person(who)), given, by=person(who))
    assert refused.value.field == field


@pytest.mark.one_database
def test_nobody_keeps_views_without_end(context, person, keep, monkeypatch):
    monkeypatch.setattr(services, "VIEWS_MAX", 2)
    keep("bob", "One")
    keep("bob", "Two")

    with pytest.raises(services.ViewFieldRefused, match="at most 2 views"):
        save(person("bob"), "Three")


def test_a_role_has_one_list_to_open_with(context, person):
    first, _none = save(person("mia"), "First", "q=a", ALL, ["agent", "viewer"])
    second, taken = save(person("ada"), "Second", "q=b", ALL, ["agent"])

    assert taken == [("agent", "First")]
    assert (first.default_for, second.default_for) == (["viewer"], ["agent"])
    assert saved.default_view_of(person("bob")) == second
    assert saved.default_view_of(person("vic")) == first
    assert saved.default_view_of(person("mia")) is None
    services.change_view(second, draft("Second", PRIVATE, []), by=person("ada"), version=second.version)
    assert saved.default_view_of(person("bob")) is None
    assert second.default_for == []


def test_whoever_is_slower_is_told_and_nothing_is_lost(context, person, keep):
    view = keep("mia", "Shared", "q=a", ALL)
    services.keep_state(view, state_of("q=b", person("ada")), by=person("ada"), version=1)
    db.session.commit()

    with pytest.raises(services.StaleView):
        services.keep_state(view, state_of("q=c", person("mia")), by=person("mia"), version=1)
    with pytest.raises(services.StaleView):
        services.change_view(view, draft("Mine"), by=person("mia"), version=1)
    assert view.version == 2
    faster = sa.update(SavedView).values(version=3)  # between the look and the write
    db.session.execute(faster, execution_options={"synchronize_session": False})
    with pytest.raises(services.StaleView):
        services.keep_state(view, state_of("q=c", person("mia")), by=person("mia"), version=2)
    db.session.rollback()
    assert view.query == "q=b"


def test_a_deleted_view_is_nobody_s_and_comes_back_as_it_was(context, person, teams, keep):
    view = keep("bob", "Team’s", "q=a", TEAM)
    keep("bob", "Other")

    services.delete_view(view, by=person("bob"))
    db.session.commit()

    assert names(person("bob")) == ["Other"]
    assert names(person("mia")) == []
    assert saved.view_seen_by(person("bob"), view.id) is None
    assert saved.deleted_view_of(person("mia"), view.id) is None
    services.restore_view(saved.deleted_view_of(person("bob"), view.id), by=person("bob"))
    assert names(person("mia")) == ["Team’s"]


def test_only_the_last_deleted_view_of_a_person_is_kept(context, person, keep, rows):
    first, second, others = keep("bob", "First"), keep("bob", "Second"), keep("mia", "Others")
    for view, name in ((first, "bob"), (others, "mia"), (second, "bob")):
        services.delete_view(view, by=person(name))
        db.session.commit()

    assert [(row["name"], row["scope"]) for row in rows("saved_views")] == [
        ("Second", "-private"),
        ("Others", "-private"),
    ]
    save(person("bob"), "SECOND")
    with pytest.raises(RuleBroken, match="is called “Second” by now"):
        services.restore_view(saved.deleted_view_of(person("bob"), second.id), by=person("bob"))


def test_a_view_that_comes_back_takes_no_role_from_another(context, person):
    first, _none = save(person("mia"), "First", "", ALL, ["agent", "viewer"])
    services.delete_view(first, by=person("ada"))
    save(person("ada"), "Second", "", ALL, ["agent"])

    services.restore_view(saved.deleted_view_of(person("mia"), first.id), by=person("mia"))

    assert first.default_for == ["viewer"]


@pytest.mark.one_database
def test_shared_views_are_in_the_audit_log_and_private_ones_are_not(context, person, rows):
    view, _none = save(person("ada"), "Hot")
    services.keep_state(view, state_of("q=a", person("ada")), by=person("ada"), version=1)
    services.change_view(view, draft("Cold"), by=person("ada"), version=2)
    db.session.commit()
    assert rows("audit_events") == []

    services.change_view(view, draft("Cold", ALL, ["agent"]), by=person("ada"), version=3)
    services.delete_view(view, by=person("mia"))
    db.session.commit()
    assert [(row["kind"], row["details"]) for row in rows("audit_events")] == [
        ("views", '{"view": "Cold", "role": "agent", "on": true}'),
        ("views", '{"old": "Cold", "new": null, "for_all": true}'),
        ("views", '{"removed": "Cold"}'),
    ]


def test_a_row_that_a_view_names_gives_way_to_its_successor(context, person, make_lead, keep):
    make_lead(source="Fair")
    make_lead(source="Web")
    fair, web = (db.session.scalar(sa.select(Source).where(Source.key == key)) for key in ("fair", "web"))
    views = [
        keep("bob", "One", "source=fair"),
        keep("bob", "Both", "q=fair&source.not=fair&source.not=web"),
        keep("ada", "Neither", "campaign=fair&q=source", ALL),
        keep("bob", "Bin", "source=fair", "-private"),
    ]

    assert [str(use) for use in uses_of("sources", fair.id)] == ["1 lead", "2 saved views"]
    assert use_counts("sources", [fair.id, web.id]) == {fair.id: 3, web.id: 2}
    deletion.delete_row(KINDS["sources"], fair, web, by=person("ada"))
    db.session.commit()

    assert [view.query for view in views] == [
        "source=web", "q=fair&source.not=web", "campaign=fair&q=source", "source=web",
    ]  # fmt: skip
    assert views[0].version == 2
    deletion.delete_row(KINDS["sources"], web, NOTHING, by=person("ada"))
    assert [view.query for view in views[:2]] == ["", "q=fair"]


def test_statuses_and_choices_of_own_fields_are_named_too(context, person, keep):
    first, second = statuses()[:2]
    field = fields.add_field(
        FieldDraft(type="choice", names={"en": "Colour"}, shown="more", choices=["Red", "Blue"]), by=person("ada")
    )
    red, blue = choices_of(field)
    query = f"{field.name}={red.key.replace(':', '%3A')}&status={first.key}"
    view = keep("bob", "Mine", query)
    assert len(saved.views_seen_by(person("bob"))) == 1
    assert state_of(view.query, person("bob")).dropped == ()

    assert [str(use) for use in uses_of("field_choices", red.id)] == ["1 saved view"]
    assert uses_of("field_choices", blue.id) == []
    deletion.delete_row(kind_of(f"field-{field.row_id}"), red, blue, by=person("ada"))
    move_all("statuses", first.id, second.id, person("ada"))

    assert parse_qs(view.query) == {field.name: [blue.key], "status": [second.key]}


def test_a_field_that_is_deleted_goes_from_the_views(context, person, keep):
    field, other = (
        fields.add_field(FieldDraft(type="number", names={"en": name}, shown="more", choices=[]), by=person("ada"))
        for name in ("Size", "Weight")
    )
    name = field.name
    query = f"columns={name}%2Cemail&q=a&sort=-{name}&{name}.from=3&{other.name}=5"
    views = [
        keep("bob", "All of it", query),
        keep("bob", "Column", f"columns={name}"),
        keep("bob", "Other", f"{other.name}=5"),
    ]

    assert [str(use) for use in uses_of(FieldRow.__tablename__, field.row_id)] == [
        "filters, orders or columns of 2 saved views"
    ]
    fields.delete_field(field, typed="size", by=person("ada"))
    db.session.commit()

    assert [view.query for view in views] == [f"columns=email&{other.name}=5&q=a", "", f"{other.name}=5"]


def test_views_that_others_use_go_over_and_private_ones_stay(context, person, teams, keep):
    views = {scope: keep("bob", scope.title(), scope=scope) for scope in SCOPES}
    keep("vic", "Team")

    assert handover.held_by(person("bob")) == ["2 views that others are offered"]
    assert handover.hand_over(person("bob"), person("vic"), person("ada"))["views"] == 2
    db.session.commit()
    assert {scope: view.owner.name for scope, view in views.items()} == {PRIVATE: "Bob", TEAM: "Vic", ALL: "Vic"}
    assert names(person("vic")) == ["All", "Team", "Team (Bob)"]
    handover.hand_over(person("vic"), None, person("ada"))
    db.session.commit()
    assert views[ALL].owner_id == person("ada").id


def test_views_of_a_team_that_is_deleted_are_their_owner_s_alone(context, person, teams, keep, rows):
    view, gone = keep("bob", "Ours", scope=TEAM), keep("bob", "Gone", scope="-team")
    north = person("bob").team
    person("bob").team = person("mia").team = None

    delete_team(north, by=person("ada"))
    db.session.commit()

    assert "'views': 1" in str(rows("audit_events")[-1]["details"]).replace('"', "'")
    assert [(it.scope, it.team_id) for it in (view, gone)] == [(PRIVATE, None), ("-private", None)]


# Pages


def test_the_menu_is_light_until_there_is_something_to_choose(client_of, kept):
    bob = client_of("bob")
    assert re.findall(r'<a [^>]*href="([^"]*)"', selector(bob)) == ["/leads/views/new"]
    assert "Save as a view…" in selector(bob, "/leads/?q=a").split("</details>")[1]

    view = kept("ada", "Everybody’s", "q=a", ALL)

    assert f'href="/leads/?view={view}" ' in selector(bob)
    assert "For everybody" in selector(bob)
    assert "Yours" not in selector(bob)


def test_a_view_is_changed_saved_and_reset(client_of, kept, rows):
    view = kept("bob", "Mine", "q=a&status=open")
    shared = kept("ada", "Shared", "q=a", ALL)
    bob = client_of("bob")

    assert "changed" not in selector(bob, f"/leads/?view={view}")
    assert "changed" not in selector(bob, f"/leads/?view={view}&status=open&q=a")
    changed = selector(bob, f"/leads/?view={view}&q=b").split("</details>")[1]
    assert re.findall(r"\s(changed|Save|Save as…|Reset)\s*<|>(changed|Save|Save as…|Reset)<", changed) == [
        ("", "changed"), ("", "Save"), ("", "Save as…"), ("", "Reset"),
    ]  # fmt: skip
    assert f'action="/leads/views/{shared}/save"' not in selector(bob, f"/leads/?view={shared}&q=b")

    answer = bob.post(f"/leads/views/{view}/save", data={"query": "q=b&sort=nothing", "version": "1"})

    assert (answer.status_code, answer.location) == (303, f"/leads/?view={view}")
    assert rows("saved_views")[0]["query"] == "q=b"
    again = bob.post(f"/leads/views/{view}/save", data={"query": "q=c", "version": "1"})
    assert again.status_code == 409
    assert "Somebody changed this view meanwhile." in again.text


@pytest.mark.one_database
def test_a_form_that_somebody_else_was_faster_with_says_so_once(client_of, kept):
    view = kept("mia", "Shared", scope=ALL)
    mia = client_of("mia")
    told = {"name": "Better", "scope": ALL, "version": "9"}

    answer = mia.post(f"/leads/views/{view}", data=told)

    assert answer.status_code == 409
    assert "Somebody changed this view meanwhile." in answer.text
    assert 'value="Better"' in answer.text
    assert mia.post(f"/leads/views/{view}", data=told | {"version": "1"}).status_code == 303


def test_a_form_that_is_sent_twice_makes_one_view(client_of, rows):
    told = {"name": "Mine", "scope": PRIVATE, "query": "q=a", "once": "key"}
    bob = client_of("bob")

    answers = [bob.post("/leads/views/", data=told) for _time in range(2)]

    assert answers[0].location == answers[1].location
    (view,) = rows("saved_views")
    assert (view["name"], view["query"], view["team_id"]) == ("Mine", "q=a", None)
    assert client_of("ada").post("/leads/views/", data=told | {"scope": "team"}).status_code == 422


def test_the_usual_view_opens_a_bare_list_and_nothing_else(client_of, kept, make_lead):
    make_lead(last_name="Seen")
    make_lead(last_name="Left out")
    view = kept("ada", "Start", "q=seen", ALL, default_for=["agent"])
    bob = client_of("bob")

    assert "Left out" not in bob.get("/leads/").text
    assert "Left out" in client_of("vic").get("/leads/").text
    for address in ("/leads/?view=0", "/leads/?view=", f"/leads/?view={view}&q="):
        assert "Left out" in bob.get(address).text, address
    found = bob.get("/leads/?q=left").text
    assert "Left out" in found
    assert re.search(r'href="(/leads/\?view=0)"[^>]*aria-label="Clear the search"', found)  # a bare one is the view


@pytest.mark.one_database
def test_without_sight_of_a_view_it_is_not_there(client_of, teams, kept):
    hidden = [
        kept("ada", "Secret", "q=secret"),
        kept("bob", "Secret", "q=secret", TEAM),
        kept("vic", "Secret", scope="-private"),
    ]
    vic = client_of("vic")

    for word in (*hidden, 999, "abc", "99999999999"):
        answer = vic.get(f"/leads/?view={word}")
        assert (answer.status_code, "Secret" in answer.text, "secret" in answer.text) == (404, False, False), word
    assert selector(vic, f"/leads/?view={hidden[0]}&q=a") == selector(vic, "/leads/?view=999&q=a")


def test_a_view_never_shows_what_is_not_for_its_reader(app, person, client_of, kept, make_lead):
    make_lead(last_name="Anybody", employees=7)
    hidden = Decision(shown="more", required=False, in_list=False, seen_by="managers", changed_by="managers")
    with app.app_context():
        fields.decide({"employees": hidden}, by=person("ada"))
        db.session.commit()
    view = kept("mia", "Large", "columns=employees%2Cemail&employees.from=5&custom_99=7&q=any&sort=-employees", ALL)

    page = client_of("bob").get(f"/leads/?view={view}").text

    assert "Anybody" in page
    assert "employees" not in page.lower()
    assert "A filter was left out: its field is gone, or not for you to see." in page
    assert "Its order is gone, or not for you to see" in page
    assert "changed" not in selector(client_of("bob"), f"/leads/?view={view}")
    assert "employees" in client_of("mia").get(f"/leads/?view={view}").text


def test_me_is_whoever_reads(client_of, kept, make_lead):
    make_lead(last_name="Bobs", owner="bob@example.org")
    make_lead(last_name="Mias", owner="mia@example.org")
    view = kept("ada", "Mine", "owner=me", ALL)

    assert "Bobs" in (page := client_of("bob").get(f"/leads/?view={view}").text)
    assert "Mias" not in page
    assert "Mias" in client_of("mia").get(f"/leads/?view={view}").text


def test_the_selector_costs_the_same_for_many_views(client_of, kept, count_queries):
    bob = client_of("bob")

    def cost():
        with count_queries() as statements:
            bob.get("/leads/?view=1&q=b")
        return len(statements)

    kept("ada", "One", "q=a", ALL)
    cost()
    before = cost()
    for number in range(10):
        kept("ada", f"More {number}", "q=a", ALL)
    assert cost() == before
