"""The layout of the statistics page: of each person, for everybody, and what becomes of cards that are not there."""

import re

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import AuditEvent, User
from leadhub.accounts.queries import user_by_email
from leadhub.dashboard import layouts, queries, services
from leadhub.dashboard.layouts import LayoutDraft, Slot
from leadhub.dashboard.models import DashboardLayout
from leadhub.dashboard.tabs import LEADS, USUAL
from leadhub.errors import NotAllowed, RuleBroken
from leadhub.extensions import db
from leadhub.plugin_settings.services import switch
from leadhub.plugins.api import NumberData, Widget, hookimpl

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
SENT = ["small new_leads", "small without_owner", "medium acme.one"]


class Cards:
    def __init__(self, *keys, **options):
        self.keys, self.options = keys, options

    @hookimpl
    def register_widgets(self):
        title = {"en": "The {}", "fr": "Le {}"}
        return [
            Widget(
                key=key, load=lambda *_: NumberData(value=7),
                title={name: words.format(key) for name, words in title.items()}, **self.options,
            )
            for key in self.keys
        ]  # fmt: skip


@pytest.fixture
def app(make_app):
    return make_app([("acme", Cards("one", "two")), ("bosses", Cards("three", role="manager"))])


@pytest.fixture
def ada(context, person):
    return person("ada")


@pytest.fixture
def save(context):
    """``save(ada, "small new_leads", ..., act="up new_leads")``"""

    def save(user, *cards, act=" "):
        slots = [Slot(key, size) for size, key in (card.split(" ") for card in cards)]
        word, key = act.split(" ")
        return services.save_layout(LayoutDraft(slots=slots, act=word, key=key), by=user)

    return save


def keys_of(user):
    return [place.key for place in queries.places_for(user)]


def keys_on(page):
    return re.findall(r'hx-get="/dashboard/widgets/([\w.]+)"', page.text)


def seats_on(page):
    return re.findall(r'name="card" value="([^"]*)"', page.text)


def post(client, act="", cards=SENT, **options):
    return client.post("/dashboard/layout", data={"card": cards, "act": act}, **{"headers": PARTIAL} | options)


def test_until_somebody_says_otherwise_the_page_has_the_usual_cards_and_those_of_plugins(ada):
    assert keys_of(ada) == [*USUAL[LEADS], "acme.one", "acme.two", "bosses.three"]


def test_usual_cards_that_are_not_there_are_no_trouble_and_bundled_ones_wait_to_be_added(ada, monkeypatch):
    monkeypatch.setitem(USUAL, LEADS, ("moon", "follow_up", "new_leads"))

    assert keys_of(ada) == ["follow_up", "new_leads", "acme.one", "acme.two", "bosses.three"]
    assert "leads_by_source" in [place.key for place in queries.arrangement_of(ada).spare]


def test_what_is_kept_is_shown_in_its_order_and_size(ada, person, save):
    save(ada, "large without_owner", "small acme.two", "medium new_leads")

    shown = queries.places_for(ada)

    assert [(place.key, place.size) for place in shown] == [
        ("without_owner", "large"), ("acme.two", "small"), ("new_leads", "medium"),
    ]  # fmt: skip
    assert queries.place_of("acme.two", ada).size == "small"
    assert queries.place_of("follow_up", ada).size == "medium"
    assert len(keys_of(person("bob"))) == len(USUAL[LEADS]) + 2  # of others, nothing


@pytest.mark.parametrize(
    ("act", "kept"),
    [
        ("up without_owner", ["small without_owner", "small new_leads", "medium acme.one"]),
        ("down without_owner", ["small new_leads", "medium acme.one", "small without_owner"]),
        ("up new_leads", SENT),
        ("down acme.one", SENT),
        ("remove without_owner", ["small new_leads", "medium acme.one"]),
        ("large new_leads", ["large new_leads", *SENT[1:]]),
        ("add acme.two", [*SENT, "medium acme.two"]),
        ("add new_leads", SENT),
        ("moved acme.one", SENT),
        ("up follow_up", SENT),  # another window has taken it away
        ("remove moon", SENT),
        (" ", SENT),
    ],
)
@pytest.mark.one_database
def test_each_act(ada, save, act, kept):
    save(ada, *SENT, act=act)

    assert [f"{slot.size} {slot.key}" for slot in layouts.kept_for(ada).own] == kept


@pytest.mark.one_database
def test_of_two_windows_the_last_one_is_right(ada, save):
    save(ada, *SENT, act="remove new_leads")
    save(ada, *SENT, act="large without_owner")

    assert keys_of(ada) == ["new_leads", "without_owner", "acme.one"]
    save(ada, "small new_leads", "small new_leads", "small moon")  # twice the same, and one that nobody knows
    assert keys_of(ada) == ["new_leads"]


@pytest.mark.one_database
def test_a_page_may_be_empty_but_not_by_accident(ada, save):
    with pytest.raises(services.LayoutRefused, match="Nothing was sent"):
        save(ada)

    save(ada, "small new_leads", act="remove new_leads")
    assert keys_of(ada) == []
    save(ada, act="add new_leads")
    assert keys_of(ada) == ["new_leads"]


@pytest.mark.parametrize("act", ["add moon", "add bosses.three"])
@pytest.mark.one_database
def test_what_is_not_there_for_somebody_can_t_be_added(person, save, act):
    with pytest.raises(services.LayoutRefused, match="not there any more"):
        save(person("bob"), *SENT, act=act)


@pytest.mark.one_database
def test_a_page_has_forty_cards_at_most_unless_it_began_with_more(make_app):
    app = make_app([("many", Cards(*(f"card_{number}" for number in range(40))))])
    with app.app_context():
        ada = user_by_email("ada@example.org")
        slots = queries.slots_for(ada)
        assert len(slots) == len(USUAL[LEADS]) + 40
        services.save_layout(LayoutDraft(slots=slots, act="remove", key=slots[0].key), by=ada)
        assert len(queries.slots_for(ada)) == len(USUAL[LEADS]) + 39
        services.save_layout(LayoutDraft(slots=slots[:40]), by=ada)
        with pytest.raises(services.LayoutRefused, match="at most 40 cards"):
            services.save_layout(LayoutDraft(slots=slots[:40], act="add", key=slots[41].key), by=ada)
        assert len(queries.slots_for(ada)) == 40


def test_saving_again_is_one_row(ada, save):
    save(ada, *SENT)
    save(ada, *SENT[:1])
    db.session.commit()

    assert db.session.scalars(sa.select(DashboardLayout.user_id)).all() == [ada.id]


def test_managers_give_theirs_to_everybody_and_take_it_back(ada, person, save):
    bob, mia = person("bob"), person("mia")
    save(bob, "small follow_up")
    save(mia, "large new_leads", "small bosses.three", "small acme.one")

    services.share_layout(by=mia)
    services.share_layout(by=mia)
    db.session.commit()

    assert keys_of(ada) == ["new_leads", "bosses.three", "acme.one"]
    assert keys_of(bob) == ["follow_up"]
    assert keys_of(person("vic")) == ["new_leads", "acme.one"]
    save(mia, "small follow_up")
    assert keys_of(ada)[0] == "new_leads"  # what she does with hers since is hers

    services.unshare_layout(by=ada)
    services.unshare_layout(by=ada)
    db.session.commit()
    assert len(keys_of(ada)) == len(USUAL[LEADS]) + 3
    assert keys_of(mia) == ["follow_up"]
    told = db.session.scalars(sa.select(AuditEvent.details).where(AuditEvent.kind == "layout").order_by(AuditEvent.id))
    assert [details["for_all"] for details in told] == [True, True, False]


def test_the_default_comes_back_be_it_the_usual_or_everybody_s(ada, person, save):
    save(ada, *SENT)
    services.share_layout(by=ada)
    save(ada, "small follow_up")

    assert services.reset_layout(by=ada) == [Slot("follow_up", "small")]
    assert keys_of(ada) == ["new_leads", "without_owner", "acme.one"]
    assert services.reset_layout(by=ada) is None
    assert keys_of(person("bob")) == ["new_leads", "without_owner", "acme.one"]


@pytest.mark.one_database
def test_sharing_is_for_managers_and_of_something(person, ada, save):
    save(person("bob"), *SENT)
    for act in (services.share_layout, services.unshare_layout):
        with pytest.raises(NotAllowed):
            act(by=person("bob"))
    with pytest.raises(RuleBroken, match="no layout of your own"):
        services.share_layout(by=ada)


@pytest.mark.one_database
def test_cards_of_a_plugin_that_is_off_come_back_with_it(app, ada, save):
    save(ada, "small acme.two", "small new_leads")
    db.session.commit()
    switch("acme", is_on=False, by=ada)
    db.session.commit()
    app.extensions["leadhub_host"].forget_switches()

    assert keys_of(ada) == ["new_leads"]
    seat = queries.arrangement_of(ada).seats[0]
    assert (seat.key, seat.place, str(seat.title)) == ("acme.two", None, "The two")
    save(ada, "small acme.two", "small new_leads", act="down acme.two")
    db.session.commit()

    switch("acme", is_on=True, by=ada)
    db.session.commit()
    app.extensions["leadhub_host"].forget_switches()
    assert keys_of(ada) == ["new_leads", "acme.two"]


@pytest.mark.one_database
def test_cards_that_are_gone_or_for_others_stay_and_what_can_t_be_read_is_left_out(context, person, save):
    bob = person("bob")
    cards = [{"key": "gone.card", "size": "small"}, {"key": "bosses.three", "size": "large"}, {"key": 5}, "x"]
    cards += [{"key": "new_leads", "size": "huge"}, {"key": "follow_up", "size": "small"}]
    db.session.add(DashboardLayout(user_id=bob.id, cards=cards))
    db.session.flush()

    assert keys_of(bob) == ["follow_up"]
    arranged = queries.arrangement_of(bob)
    assert [(seat.key, seat.title and str(seat.title)) for seat in arranged.seats] == [
        ("gone.card", "gone.card"), ("bosses.three", None), ("follow_up", "Next contacts"),
    ]  # fmt: skip
    save(bob, "small gone.card", "large bosses.three", "small follow_up", act="up follow_up")
    assert [slot.key for slot in layouts.kept_for(bob).own] == ["gone.card", "follow_up", "bosses.three"]


@pytest.mark.one_database
def test_the_page_and_each_card_follow_the_layout(client, client_of):
    post(client, "large acme.one")

    page = client.get("/dashboard/")
    assert keys_on(page) == ["new_leads", "without_owner", "acme.one"]
    assert 'class="card widget is-large" id="widget-acme-one"' in page.text
    assert 'class="card widget is-large" id="widget-acme-one"' in client.get("/dashboard/widgets/acme.one").text
    assert "is-medium" in client_of("bob").get("/dashboard/widgets/acme.one").text
    assert client.get("/dashboard/widgets/follow_up").status_code == 200  # it can still be asked for


@pytest.mark.one_database
def test_the_way_there_and_back_keeps_what_the_page_is_narrowed_to(client):
    words = "?period=last-7-days&new_leads.days=5&_external=1&endpoint=x&next=//evil.example"
    kept = "period=last-7-days&amp;new_leads.days=5"

    assert f'href="/dashboard/customise?{kept}"' in client.get(f"/dashboard/{words}").text
    page = client.get(f"/dashboard/customise{words}")
    assert page.text.count(f'href="/dashboard/?{kept}"') == 2
    assert f'action="/dashboard/layout?{kept}"' in page.text
    assert "evil" not in page.text
    answer = post(client, "down new_leads", headers={}, query_string=words[1:])
    assert answer.location == "/dashboard/customise?period=last-7-days&new_leads.days=5#down-widget-new_leads"


@pytest.mark.one_database
def test_no_card_is_loaded_while_cards_are_chosen(client, app):
    page = client.get("/dashboard/customise")

    assert "/dashboard/widgets/" not in page.text
    assert app.extensions["leadhub_host"].containment.tallies == {}
    assert seats_on(page)[0] == "small new_leads"
    assert 'value="add stagnating"' in page.text  # it is there for whoever wants it
    assert "This is the usual layout." in page.text
    assert "Back to the default" not in page.text
    assert "for everybody" not in page.text


@pytest.mark.one_database
def test_an_answer_says_what_has_changed_and_where_the_focus_is(client):
    up, away = post(client, "up acme.one"), post(client, "remove new_leads")
    more, large = post(client, "add acme.two"), post(client, "large acme.one")

    assert "“The one”: place 2 of 3." in up.text
    assert re.search(r'id="up-widget-acme-one"[^>]*autofocus', up.text)
    assert "“New leads” is taken away." in away.text
    assert re.search(r'id="remove-widget-without_owner"[^>]*autofocus', away.text)
    assert "“The two” is added: place 4 of 4." in more.text
    assert re.search(r'id="add-widget-bosses-three"[^>]*autofocus', more.text)
    assert "“The one” is large now." in large.text
    assert [page.text.count("autofocus") for page in (up, away, more, large)] == [1] * 4
    assert "<html" not in up.text


@pytest.mark.one_database
def test_a_page_without_cards_says_so_and_leads_on(client):
    empty = post(client, "remove new_leads", ["small new_leads"])

    assert re.search(r'id="layout-adding"[^>]*autofocus|id="add-[^>]*autofocus', empty.text)
    assert "No card is shown here." in client.get("/dashboard/").text


@pytest.mark.parametrize(
    ("cards", "act"),
    [([], ""), (["huge new_leads"], ""), (["new_leads"], ""), (SENT, "explode new_leads"), (SENT, "add moon")],
)
@pytest.mark.one_database
def test_what_no_page_sends_is_refused_and_nothing_is_kept(client, rows, cards, act):
    for headers in ({}, PARTIAL):
        answer = post(client, act, cards, headers=headers)
        assert answer.status_code == 422
        assert "Load the page again." in answer.text
    assert rows("dashboard_layouts") == []


@pytest.mark.one_database
def test_without_script_buttons_do_it_and_the_default_comes_back_with_an_undo(client):
    assert post(client, "remove without_owner", headers={}).status_code == 303
    page = client.get("/dashboard/customise")
    assert seats_on(page) == ["small new_leads", "medium acme.one"]
    assert "This is your own layout." in page.text
    assert "formaction" not in page.text

    page = client.post("/dashboard/layout/reset", follow_redirects=True)
    undo = page.text.split('<form class="undo"')[1].split("</form>")[0]
    assert "Bring my layout back" in undo
    assert "This is the usual layout." in page.text
    cards = re.findall(r'name="card" value="([^"]*)"', undo)
    page = client.post("/dashboard/layout", data={"card": cards}, follow_redirects=True)
    assert "Your layout is back." in page.text
    assert seats_on(page) == ["small new_leads", "medium acme.one"]
    assert "Bring my layout back" not in page.text


@pytest.mark.one_database
def test_managers_share_on_the_page_and_others_have_no_button(client_of):
    mia, bob = client_of("mia"), client_of("bob")
    post(mia, "up acme.one")
    assert "Use it for everybody" in mia.get("/dashboard/customise").text
    page = mia.post("/dashboard/layout/share", follow_redirects=True)
    assert "sees this one from now on" in page.text
    assert "Use it for everybody" not in page.text  # it is the same
    assert "Take back the layout for everybody" in page.text

    page = bob.get("/dashboard/customise")
    assert "This is the layout for everybody." in page.text
    assert seats_on(page) == ["small new_leads", "medium acme.one", "small without_owner"]
    assert "/layout/share" not in page.text
    assert "/layout/unshare" not in page.text
    for act in ("share", "unshare"):
        assert bob.post(f"/dashboard/layout/{act}").status_code == 403

    mia.post("/dashboard/layout/unshare")
    assert len(seats_on(bob.get("/dashboard/customise"))) == len(USUAL[LEADS]) + 2


@pytest.mark.one_database
def test_what_is_not_there_says_so_where_cards_are_chosen(client_of, app):
    mia, bob = client_of("mia"), client_of("bob")
    post(mia, cards=["small bosses.three", "small acme.one"])
    mia.post("/dashboard/layout/share")
    with app.app_context():
        switch("acme", is_on=False, by=user_by_email("ada@example.org"))
        db.session.commit()
        app.extensions["leadhub_host"].forget_switches()

    page = bob.get("/dashboard/customise")

    assert "Not there now: it is for other roles." in page.text
    assert "Not there now. It comes back with its plugin." in page.text
    assert "The one" in page.text
    assert "The three" not in page.text
    assert keys_on(bob.get("/dashboard/")) == []
    assert "The three" in mia.get("/dashboard/customise").text


@pytest.mark.one_database
def test_a_card_costs_one_question_more_and_the_page_as_many_for_ten_as_for_one(client, count_queries):
    post(client, cards=["small new_leads"])
    client.get("/dashboard/customise")
    with count_queries() as one:
        client.get("/dashboard/customise")
    post(client, cards=[f"small {key}" for key in USUAL[LEADS]])
    with count_queries() as ten:
        client.get("/dashboard/customise")

    assert len(one) == len(ten)


@pytest.mark.one_database
def test_it_reads_french(client, app):
    with app.app_context():
        db.session.execute(sa.update(User).values(language="fr"))
        db.session.commit()

    assert "Le one" in client.get("/dashboard/customise").text
    assert "Nouvelles pistes" in post(client, "up without_owner").text
