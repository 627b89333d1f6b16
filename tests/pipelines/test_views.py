"""Settings > Pipelines, as managers use it: stages of one, the list of several, drawers, guards."""

import re

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Team
from leadhub.extensions import db
from leadhub.fields.models import FieldRow
from leadhub.leads.models import Lead
from leadhub.lists import guard
from leadhub.lists.guard_forms import field_of
from leadhub.pipelines.models import Stage

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
PAGE = "/settings/pipelines/"
NEW = {
    "name_en": "Visit", "name_fr": "Visite", "kind": "open", "colour": "teal", "probability": "40", "guidance": "Go.",
}  # fmt: skip


@pytest.fixture
def stored(rows):
    """``stored("sales.lost")``: the row of the stage with this key, or None; ``stored("sales")``: of the pipeline."""

    def find(key):
        table = "stages" if "." in key or ":" in key else "pipelines"
        return next((row for row in rows(table) if row["key"] == key), None)

    return find


@pytest.fixture
def url(stored):
    """``url("sales.lost", "/delete")``: an address of the stage, or pipeline, with this key."""
    return lambda key, tail="": f"{PAGE}{'stages/' if '.' in key else ''}{stored(key)['id']}{tail}"


@pytest.fixture
def add(client, stored):
    """``add("support")``: one more pipeline, of those that are ready."""

    def add(ready="support", **told):
        answer = client.post(PAGE, data={"ready": ready, **told})
        assert answer.status_code == 303
        return answer

    return add


@pytest.fixture
def lead_in(app, make_lead):
    """``lead_in("sales.lost", last_name="Dupont")``: the id of a lead that stands in this stage."""

    def make(key, **values):
        lead_id = make_lead(**values)
        with app.app_context():
            stage_id = db.session.query(Stage.id).filter_by(key=key).scalar()
            db.session.execute(sa.update(Lead).where(Lead.id == lead_id).values(stage_id=stage_id))
            db.session.commit()
        return lead_id

    return make


@pytest.fixture
def team(app):
    with app.app_context():
        row = Team(name="North")
        db.session.add(row)
        db.session.commit()
        return row.id


def names_in(page):
    return re.findall(r'class="list-name break"[^>]*>([^<]*)<', page.text)


def line_of(page, row):
    return re.search(rf'id="row-{row["id"]}".*?</li>', page.text, re.DOTALL)[0]


def messages(page):
    return re.search(r'id="messages".*?\n {8}</div>', page.text, re.DOTALL)[0]


def edited(stored, key, **changes):
    """What the drawer of this stage sends; what is None is not sent."""
    row = stored(key)
    shown = {"name_en": f"New {key}", "kind": row["kind"], "colour": row["colour"]}
    return {name: value for name, value in (shown | changes).items() if value is not None}


def decided(stored, key, **changes):
    """What the drawer of this pipeline sends."""
    row = stored(key)
    ticks = {name: "y" for name in ("is_default", "is_joined") if row[name]}
    return {name: value for name, value in (ticks | changes).items() if value is not None}


# One pipeline


def test_alone_its_stages_are_shown_and_its_name_nowhere(client, stored, url, lead_in):
    lead_in("sales.lost")

    page = client.get(PAGE)

    assert names_in(page) == ["First contact", "In evaluation", "In negotiation", "Converted", "Lost"]
    lost, first = line_of(page, stored("sales.lost")), line_of(page, stored("sales.first-contact"))
    assert re.search(r'href="/leads/\?stage=sales.lost">1 lead<', lost)
    assert ">Lost</span>" in lost
    assert "badge" not in first
    for address in (PAGE, url("sales"), url("sales.lost"), url("sales.lost", "/delete"), url("sales", "/delete")):
        assert not re.search(r">[^<]*\bSales\b", client.get(address).text)
    assert re.search(rf'href="{PAGE}" aria-current="page">Stages<', page.text)


def test_alone_it_is_decided_upon_without_its_name(client, stored, url):
    answer = client.post(url("sales"), data=decided(stored, "sales", is_joined=None))

    row = stored("sales")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert (row["is_default"], row["is_joined"]) == (1, 0)
    assert '"Sales"' in row["names"]


def test_a_team_that_is_not_asked_for_stays(client, stored, url, add, team):
    add("support", team_id=team)

    client.post(url("support"), data=decided(stored, "support", name_en="Help"))

    assert stored("support")["team_id"] == team


def test_alone_it_can_not_be_deleted(client, stored, url):
    client.post(url("sales"), data=decided(stored, "sales", is_default=None))

    page = client.get(url("sales", "/delete"))
    answer = client.post(url("sales", "/delete"))

    assert "There is always one pipeline." in page.text
    assert answer.status_code == 409
    assert stored("sales")


# Several


def test_several_are_listed_each_with_its_stages_and_leads(client, stored, add, team, lead_in):
    answer = add("support", team_id=team)
    lead_in("sales.lost")

    page = client.get(PAGE)

    assert answer.location == f"{PAGE}{stored('support')['id']}"
    assert names_in(page) == ["Sales", "Support"]
    sales, support = line_of(page, stored("sales")), line_of(page, stored("support"))
    assert "5 stages · 1 lead<" in sales
    assert "5 stages · 0 leads<" in support
    assert [">default<" in it for it in (sales, support)] == [True, False]
    assert [">North<" in it for it in (sales, support)] == [False, True]
    assert f'href="{PAGE}{stored("support")["id"]}"' in support
    assert re.search(rf'href="{PAGE}" aria-current="page">Pipelines<', page.text)
    shown = client.get(answer.location)
    assert names_in(shown)[0] == "New request"
    assert ">Support</h2>" in shown.text
    assert "Pipeline added." in messages(page)


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ({"ready": "onboarding"}, ("Onboarding", "Accueil client")),
        ({"ready": "partnership", "name_fr": "Alliés"}, ("Partnership", "Alliés")),
        ({"ready": "own", "name_en": "Hiring"}, ("Hiring",)),
    ],
)
def test_names_that_are_left_empty_are_those_of_the_choice(client, rows, told, names):
    client.post(PAGE, data=told)

    assert all(f'"{name}"' in rows("pipelines")[-1]["names"].encode().decode("unicode_escape") for name in names)


def test_sales_is_offered_again_only_once_it_is_gone(client, stored, url, add):
    add("support")
    assert 'value="sales"' not in client.get(PAGE).text
    client.post(url("support"), data={"name_en": "Support", "is_default": "y"})
    client.post(url("sales", "/delete"))

    assert 'value="sales"' in client.get(PAGE).text


@pytest.mark.parametrize(
    ("told", "at", "message"),
    [
        ({"ready": "own"}, "new-pipeline-name_en", "Give a name in one language at least."),
        ({"ready": "support", "name_en": "sales"}, "new-pipeline-name_en", "Another row of this list has this name."),
        ({"ready": "all"}, "new-pipeline-ready", "Choose one from the list."),
        ({"ready": "own", "name_en": "x" * 201}, "new-pipeline-name_en", "At most 200 characters."),
        ({"ready": "support", "team_id": "99"}, "new-pipeline-team_id", "Choose one from the list."),
    ],
)
def test_a_pipeline_that_can_not_be_added_is_told_at_the_field(client, rows, team, told, at, message):
    page = client.post(PAGE, data=told | {"name_fr": "Mon nom"} if told.get("name_en") else told)

    assert page.status_code == 422
    assert f'id="{at}-error1">{message}<' in page.text
    assert 'id="add-pipeline" open' in page.text
    assert "name_en" not in told or 'value="Mon nom"' in page.text
    assert len(rows("pipelines")) == 1


def test_a_pipeline_gets_names_a_team_and_the_default(client, stored, url, add, team):
    add("support")
    names = {"name_en": "Help", "name_fr": "Aide"}

    client.post(url("support"), data=decided(stored, "support", team_id=team, is_default="y", is_joined="y", **names))

    row = stored("support")
    assert (row["team_id"], row["is_default"], row["is_joined"]) == (team, 1, 1)
    assert not stored("sales")["is_default"]
    assert names_in(client.get(PAGE)) == ["Sales", "Help"]


def test_teams_are_asked_for_only_where_there_are_any(client, url, add, app):
    add("support")
    before = client.get(url("support")).text

    with app.app_context():
        db.session.add(Team(name="North"))
        db.session.commit()

    assert 'name="team_id"' not in before
    assert 'name="team_id"' in client.get(url("support")).text


def test_what_can_not_be_decided_is_told_in_the_drawer(client, stored, url, add):
    add("support")

    page = client.post(url("support"), data=decided(stored, "support", name_en="Sales", name_fr="Aide"))

    assert page.status_code == 422
    assert "Another row of this list has this name." in page.text
    assert 'id="edit" open' in page.text
    assert 'value="Aide"' in page.text


def test_a_pipeline_that_somebody_changed_meanwhile_is_replaced_only_by_a_second_save(client, stored, url, add):
    add("support")
    opened = re.search(r'name="shown"[^>]*value="(\w+)"', client.get(url("support")).text)[1]
    client.post(url("support"), data=decided(stored, "support", name_en="Help"))

    stale = client.post(url("support"), data=decided(stored, "support", name_en="Desk", shown=opened))

    assert stale.status_code == 409
    assert "Somebody changed this meanwhile." in stale.text
    assert '"Help"' in stored("support")["names"]
    again = re.search(r'name="shown"[^>]*value="(\w+)"', stale.text)[1]
    client.post(url("support"), data=decided(stored, "support", name_en="Desk", shown=again))
    assert '"Desk"' in stored("support")["names"]


def test_a_pipeline_is_retired_and_offered_again(client, stored, url, add):
    add("support")
    client.post(url("support", "/retire"))
    retired = client.get(PAGE)
    client.post(url("support", "/retire"), data={"back": "y"})

    assert ">retired<" in line_of(retired, {"id": 2})
    assert not stored("support")["retired"]


def test_the_default_is_neither_retired_nor_deleted_and_says_so(client, stored, url, add):
    add("support")

    drawer = client.get(url("sales")).text
    page = client.post(url("sales", "/retire"), follow_redirects=True)
    question, answer = client.get(url("sales", "/delete")), client.post(url("sales", "/delete"))

    assert "so this pipeline can’t be deleted or retired" in drawer
    assert url("sales", "/delete") not in drawer
    assert "The default can’t be retired." in messages(page)
    assert "The default can’t be deleted." in question.text
    assert "btn-outline-danger" not in question.text
    assert answer.status_code == 409
    assert not stored("sales")["retired"]


def test_pipelines_are_moved_one_by_one_and_all_at_once(client, stored, url, add):
    add("support")

    client.post(url("support", "/move"), data={"to": "up"})
    moved = names_in(client.get(PAGE))
    ids = f"{stored('sales')['id']},{stored('support')['id']}"
    answer = client.post(f"{PAGE}order", data={"ids": ids}, headers=PARTIAL)

    assert moved == ["Support", "Sales"]
    assert answer.status_code == 204
    assert names_in(client.get(PAGE)) == ["Sales", "Support"]


# Stages


def test_a_stage_is_added_behind_the_open_ones(client, url, rows):
    answer = client.post(url("sales", "/stages"), data=NEW | {"required": ["phone", "owner"], "days_to_rot": "9"})

    row = rows("stages")[-1]
    assert (answer.status_code, answer.location) == (303, f"{PAGE}#row-{row['id']}")
    assert (row["colour"], row["probability"], row["days_to_rot"], row["guidance"]) == ("teal", 40, 9, "Go.")
    assert row["required"] == '["phone", "owner"]'
    assert names_in(client.get(PAGE))[3] == "Visit"


@pytest.mark.parametrize(
    ("wrong", "at", "message"),
    [
        ({"name_en": "LOST"}, "name_en", "Another row of this list has this name."),
        ({"name_en": "", "name_fr": ""}, "name_en", "Give a name in one language at least."),
        ({"kind": "both"}, "kind", "Choose one from the list."),
        ({"colour": "mauve"}, "colour", "Choose one from the list."),
        ({"probability": "101"}, "probability", "Give a whole number from 0 to 100."),
        ({"probability": "much"}, "probability", "Give a whole number."),
        ({"days_to_rot": "0"}, "days_to_rot", "Give a whole number from 1 to 3650."),
        ({"guidance": "x" * 1001}, "guidance", "At most 1000 characters."),
        ({"required": ["stage"]}, "required", "“stage” is not in the list."),
        ({"kind": "lost", "status_id": "999"}, "status_id", "Choose one from the list."),
    ],
)
def test_what_can_not_be_added_is_told_at_the_field_and_stays_typed(client, rows, url, wrong, at, message):
    before = rows("stages")

    page = client.post(url("sales", "/stages"), data=NEW | wrong)

    assert page.status_code == 422
    assert f'id="new-{at}-error1">{message}<' in page.text
    assert re.search(r'id="add" open', page.text)
    for name in {"name_en", "name_fr", "probability"} - wrong.keys():
        assert f'value="{NEW[name]}"' in page.text
    assert "guidance" in wrong or re.search(r">\s*Go\.</textarea>", page.text)
    assert rows("stages") == before


def test_a_drawer_opens_alone_or_in_its_page(client, url):
    piece, page = client.get(url("sales.lost"), headers=PARTIAL), client.get(url("sales.lost"))

    assert piece.text.lstrip().startswith("<li")
    assert f'id="stage-{5}-guidance"' in piece.text
    assert "<html" in page.text
    assert 'id="stage-5-guidance"' in page.text
    assert 'id="stage-5-guidance"' not in client.get(PAGE).text


def test_no_two_inputs_of_a_page_share_an_id(client, url, team):
    page = client.get(url("sales.lost")).text + client.get(url("sales.converted"), headers=PARTIAL).text

    ids = re.findall(r'<(?:input|select|textarea|fieldset)[^>]* id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_stage_is_changed(client, stored, url):
    told = {"probability": "5", "days_to_rot": "", "guidance": " Ask twice. ", "required": ["phone"], "status_id": "5"}

    answer = client.post(url("sales.lost"), data=edited(stored, "sales.lost", colour="pink", **told))

    row = stored("sales.lost")
    assert answer.status_code == 303
    assert (row["colour"], row["probability"], row["days_to_rot"]) == ("pink", 5, None)
    assert (row["guidance"], row["required"], row["status_id"]) == ("Ask twice.", '["phone"]', 5)
    assert "New sales.lost" in names_in(client.get(PAGE))


def test_only_a_lost_stage_gives_a_status(client, stored, url):
    client.post(url("sales.converted"), data=edited(stored, "sales.converted", status_id="5"))
    client.post(url("sales.lost"), data=edited(stored, "sales.lost", kind="open", status_id="5"))

    assert stored("sales.converted")["status_id"] is None
    assert stored("sales.lost")["status_id"] is None


def test_a_field_that_was_switched_off_since_stays_to_be_unticked(app, client, stored, url):
    client.post(url("sales.lost"), data=edited(stored, "sales.lost", required=["territory"]))
    with app.app_context():
        db.session.add(FieldRow(name="territory", type="", names={}, shown="off"))
        db.session.commit()

    piece, other = (client.get(url(f"sales.{key}"), headers=PARTIAL).text for key in ("lost", "converted"))

    assert 'value="territory"' not in other
    assert re.search(r'<input checked[^>]*value="territory"', piece)


def test_what_can_not_be_changed_is_told_in_the_drawer(client, stored, url):
    for key in ("sales.in-evaluation", "sales.in-negotiation"):
        client.post(url(key, "/retire"))
    before = stored("sales.first-contact")

    page = client.post(url("sales.first-contact"), data=edited(stored, "sales.first-contact", kind="won"))
    retired = client.post(url("sales.first-contact", "/retire"), follow_redirects=True)

    assert page.status_code == 422
    assert "This is the last open stage" in line_of(page, before)
    assert "This is the last open stage" in messages(retired)
    assert stored("sales.first-contact") == before


def test_what_somebody_changed_meanwhile_is_replaced_only_by_a_second_save(client, stored, url):
    opened = re.search(r'name="shown"[^>]*value="(\w+)"', client.get(url("sales.lost"), headers=PARTIAL).text)[1]
    client.post(url("sales.lost"), data=edited(stored, "sales.lost", colour="pink"))

    stale = client.post(
        url("sales.lost"), data=edited(stored, "sales.lost", colour="cyan", shown=opened), headers=PARTIAL
    )

    assert (stale.status_code, stored("sales.lost")["colour"]) == (409, "pink")
    assert "Somebody changed this meanwhile." in stale.text
    again = re.search(r'name="shown"[^>]*value="(\w+)"', stale.text)[1]
    answer = client.post(url("sales.lost"), data=edited(stored, "sales.lost", colour="cyan", shown=again))
    assert (answer.status_code, stored("sales.lost")["colour"]) == (303, "cyan")


def test_a_stage_is_retired_and_offered_again(client, stored, url):
    client.post(url("sales.lost", "/retire"))
    retired = client.get(PAGE)
    client.post(url("sales.lost", "/retire"), data={"back": "y"})

    assert ">retired<" in line_of(retired, stored("sales.lost"))
    assert not stored("sales.lost")["retired"]


def test_stages_are_moved_one_by_one_and_all_at_once(client, stored, url, add):
    add("support")

    client.post(url("support.waiting", "/move"), data={"to": "up"})
    moved = names_in(client.get(url("support")))
    ids = [stored(f"support.{key}")["id"] for key in ("solved", "new-request")]
    answer = client.post(url("support", "/stages/order"), data={"ids": ",".join(map(str, ids))}, headers=PARTIAL)

    assert moved[:3] == ["New request", "Waiting for an answer", "In progress"]
    assert answer.status_code == 204
    assert names_in(client.get(url("support")))[0] == "Solved"
    assert names_in(client.get(url("sales")))[0] == "First contact"


@pytest.mark.parametrize("address", ["order", "1/stages/order"])
def test_an_order_that_is_none_is_refused(client, address):
    assert client.post(f"{PAGE}{address}", data={"ids": "1,x"}).status_code == 400


@pytest.mark.parametrize("address", ["99", "99/delete", "stages/99", "stages/99/delete"])
def test_what_is_not_there_is_not_found(client, address):
    assert client.get(f"{PAGE}{address}").status_code == 404


def test_pages_cost_as_many_queries_for_twenty_stages_as_for_two(app, client, add, url, count_queries, lead_in):
    add("support")
    lead_in("support.new-request")
    addresses = (PAGE, url("support"), url("support", "/delete"))
    with app.app_context():
        db.session.execute(sa.delete(Stage).where(Stage.key.like("support.%"), Stage.kind != "open"))
        db.session.commit()
    client.get(PAGE)
    few = []
    for address in addresses:
        with count_queries() as statements:
            client.get(address)
        few.append(len(statements))
    with app.app_context():
        more = {"pipeline_id": 2, "kind": "lost", "colour": "red"}
        db.session.add_all([Stage(key=f"s.{n}", names={"en": f"S {n}"}, position=n, **more) for n in range(20)])
        db.session.commit()
    for place, address in enumerate(addresses):
        with count_queries() as statements:
            page = client.get(address)
        assert len(statements) == few[place], address
        assert address == PAGE or "S 19" in page.text


def test_agents_and_viewers_are_kept_out(client_of):
    for name in ("bob", "vic"):
        assert client_of(name).get(PAGE).status_code == 403
    assert client_of().get(PAGE).location.startswith("/login")
    assert client_of("mia").get(PAGE).status_code == 200


def test_in_french(app, client, person, add, url):
    with app.app_context():
        person("ada").language = "fr"
        db.session.commit()
    alone = client.get(PAGE)
    add("support")

    page = client.get(url("sales"))

    assert ">Étapes</h2>" in alone.text
    assert names_in(page)[0] == "Premier contact"
    assert ">Ventes</h2>" in page.text
    assert "New leads" not in page.text


# Deletion of stages


def test_the_question_counts_whatever_names_the_stage_and_leads_there(client, url, lead_in):
    lead_in("sales.in-evaluation")
    client.post("/leads/views/", data={"name": "Hot", "scope": "private", "query": "stage=sales.in-evaluation"})

    page = client.get(url("sales.in-evaluation", "/delete")).text

    uses = re.findall(r'<a href="([^"]+)">([^<]+)</a>', re.search(r'<ul class="uses">.*?</ul>', page, re.DOTALL)[0])
    assert uses[0] == ("/leads/?stage=sales.in-evaluation", "1 lead")
    assert 'name="successor"' in page


def test_what_nothing_uses_is_deleted_without_a_question_and_undone(client, url, stored):
    before = stored("sales.lost")
    question = client.get(url("sales.lost", "/delete")).text
    client.post(url("sales.lost", "/delete"))
    gone, told = stored("sales.lost"), client.get(PAGE)

    page = client.post(re.search(r'action="([^"]+/undo)"', told.text)[1], follow_redirects=True)

    assert "Nothing uses it." in question
    assert "<select" not in question
    assert gone is None
    assert "“Lost” was deleted." in told.text
    assert "“Lost” is back." in messages(page)
    assert "/undo" not in page.text
    assert stored("sales.lost") == before


def test_leads_get_the_successor_and_their_stage_back(client, url, stored, rows, lead_in):
    lead_in("sales.in-evaluation")
    stage, other = stored("sales.in-evaluation"), stored("sales.in-negotiation")

    refused = client.post(url("sales.in-evaluation", "/delete"))
    wrong = {"successor": other["id"], field_of("leads.stage"): "999"}
    split = client.post(url("sales.in-evaluation", "/delete"), data=wrong)
    client.post(url("sales.in-evaluation", "/delete"), data={"successor": other["id"]})
    moved, told = rows("leads")[0]["stage_id"], client.get(PAGE).text
    client.post(re.search(r'action="([^"]+/undo)"', told)[1])

    assert refused.status_code == 422
    assert 'id="successor-error1">Choose the stage that takes its place.<' in refused.text
    assert split.status_code == 422
    assert moved == other["id"]
    assert "“In negotiation” took its place. 1 lead went to another stage." in told
    assert rows("leads")[0]["stage_id"] == stage["id"]


def test_the_last_open_stage_is_not_deleted(client, url, stored):
    for key in ("sales.in-evaluation", "sales.in-negotiation"):
        client.post(url(key, "/delete"))

    page, answer = client.get(url("sales.first-contact", "/delete")), client.post(url("sales.first-contact", "/delete"))

    assert "This is the last open stage" in page.text
    assert "btn-outline-danger" not in page.text
    assert answer.status_code == 422
    assert stored("sales.first-contact")


def test_more_leads_than_one_act_moves_are_led_to_the_list(client, url, stored, lead_in, monkeypatch):
    monkeypatch.setattr(guard, "LEADS_MAX", 1)
    for _n in range(2):
        lead_in("sales.lost")

    page = client.get(url("sales.lost", "/delete")).text
    answer = client.post(url("sales.lost", "/delete"), data={"successor": stored("sales.converted")["id"]})

    assert "More than 1 leads are in this stage" in page
    assert re.search(r'href="/leads/\?stage=sales.lost">Open these leads<', page)
    assert "btn-outline-danger" not in page
    assert answer.status_code == 422
    assert stored("sales.lost")


# Deletion of pipelines


def test_a_pipeline_is_deleted_along_a_mapping(client, url, stored, rows, add, lead_in):
    add("support")
    lead_in("support.in-progress")
    lead_in("support.solved")

    page = client.get(url("support", "/delete")).text
    chosen = dict(re.findall(r'<select[^>]*name="(stage_\d+)".*?<option selected value="(\d+)"', page, re.DOTALL))
    answer = client.post(url("support", "/delete"), data=chosen)

    assert list(chosen.values()) == [str(stored(f"sales.{key}")["id"]) for key in ("in-evaluation", "converted")]
    assert page.count("Nothing uses it.") == 3
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert stored("support") is None
    assert [str(row["stage_id"]) for row in rows("leads")] == list(chosen.values())
    after = client.get(PAGE)
    assert "“Support” was deleted. 2 leads went to another pipeline." in messages(after)
    assert names_in(after)[0] == "First contact"
    assert "/undo" not in after.text


def test_a_stage_without_a_choice_is_told_and_nothing_is_deleted(client, url, stored, rows, add, lead_in):
    add("support")
    lead_in("support.solved")
    before, name = rows("stages"), f"stage_{stored('support.solved')['id']}"

    for choice in ("", "999", str(stored("support.waiting")["id"])):
        answer = client.post(url("support", "/delete"), data={name: choice})

        assert answer.status_code == 422
        assert f'id="{name}-error1"' in answer.text
    assert rows("stages") == before


def test_a_pipeline_that_is_too_large_says_so(client, url, stored, add, lead_in, monkeypatch):
    monkeypatch.setattr(guard, "LEADS_MAX", 0)
    add("support")
    lead_in("support.solved")
    name = f"stage_{stored('support.solved')['id']}"

    answer = client.post(url("support", "/delete"), data={name: str(stored("sales.lost")["id"])})

    assert answer.status_code == 409
    assert "More than 0 leads are in this pipeline." in answer.text
    assert stored("support")


def test_a_pipeline_that_nothing_uses_is_deleted_without_a_choice(client, url, stored, add):
    add("support")

    page = client.get(url("support", "/delete")).text
    client.post(url("support", "/delete"))

    assert "Nothing uses its stages." in page
    assert "<select" not in page
    assert stored("support") is None
