"""What the board shows, and to whom."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from leadhub.accounts.models import Role, Team
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.leads.board import figures, queries
from leadhub.leads.board.queries import Place
from leadhub.leads.counters.jobs import fold_block
from leadhub.leads.models import Lead
from leadhub.pipelines.models import Pipeline, Stage
from tests.leads.board.conftest import FIRST, LOST, PARTIAL, SECOND, columns_in, figures_in


def test_the_last_to_enter_stands_on_top(make_lead, shown):
    one, two, three = make_lead(), make_lead(stage=SECOND), make_lead()

    columns = shown()

    assert list(columns) == [FIRST, SECOND, "sales.in-negotiation", "sales.converted", LOST]
    assert (columns[FIRST], columns[SECOND]) == ([three, one], [two])


@pytest.mark.parametrize("folded", [False, True])
def test_heads_tell_numbers_and_sums(app, client, make_lead, stage_id, folded):
    make_lead(expected_value=Decimal(1200))
    make_lead(expected_value=Decimal("300.50"), currency="EUR")
    make_lead(expected_value=Decimal(10), currency="USD")
    make_lead(stage=SECOND)
    if folded:
        with app.app_context():
            fold_block()
            db.session.commit()

    html = client.get("/leads/board/").text

    assert figures_in(html, stage_id(FIRST)) == "3 leads · €1,500.50 + US$10.00".replace("US$", "$")
    assert figures_in(html, stage_id(SECOND)) == "1 lead"


def test_who_stagnates_is_counted_and_found(app, client, make_lead, stage_id):
    lead_id = make_lead()
    make_lead()
    with app.app_context():
        db.session.execute(sa.update(Lead).where(Lead.id == lead_id).values(touched_at=utcnow() - timedelta(days=20)))
        db.session.commit()

    html = client.get("/leads/board/").text
    address = re.search(r'class="board-rot" href="([^"]*)"', html)[1].replace("&amp;", "&")
    found = client.get(address).text

    assert figures_in(html, stage_id(FIRST)) == "2 leads · 1 stagnating"
    assert re.findall(r'<tr id="lead-(\d+)"', found) == [str(lead_id)]
    assert "Stagnating: yes" in found
    assert re.findall(r'<tr id="lead-(\d+)"', client.get("/leads/?stagnating=no").text) == [str(lead_id + 1)]


def test_the_list_shows_who_stagnates(app, client, make_lead):
    make_lead()
    with app.app_context():
        db.session.execute(sa.update(Lead).values(touched_at=utcnow() - timedelta(days=20)))
        db.session.commit()

    row = client.get("/leads/?columns=stagnating").text

    assert re.search(r'<td class="from-sm[^"]*"><span class="cut">Yes</span>', row)


@pytest.mark.parametrize("few", [0, 5_000])
def test_filters_and_search_narrow_the_board(client, make_lead, shown, monkeypatch, stage_id, few):
    """Whether the matching leads are few or many is a matter of speed alone."""
    monkeypatch.setattr(queries, "FEW_MAX", few)
    made = {}
    for number in range(6):
        source = "whatsapp" if number % 2 else "linkedin"
        made[number] = make_lead(source=source, stage=SECOND if number > 3 else FIRST, first_name="Zoé", tags=("hot",))

    assert shown("/leads/board/?source=whatsapp")[FIRST] == [made[3], made[1]]
    assert shown("/leads/board/?source=whatsapp&tags=hot")[SECOND] == [made[5]]
    assert shown("/leads/board/?q=zoe+lead")[FIRST] == [made[3], made[2], made[1], made[0]]
    assert shown(f"/leads/board/?stage={SECOND}") == {key: [] for key in shown()} | {SECOND: [made[5], made[4]]}

    figures = client.get("/leads/board/figures?source=whatsapp", headers=PARTIAL).text
    heads = dict(re.findall(r'hx-target="#figures-(\d+)"[^>]*>.*?class="numbers">([^<]*)<', figures, re.DOTALL))
    assert (heads[str(stage_id(FIRST))], heads[str(stage_id(SECOND))]) == ("2 leads", "1 lead")


def test_filtered_heads_tell_sums_and_who_stagnates(app, client, make_lead, stage_id):
    make_lead(source="whatsapp", expected_value=Decimal("99.99"))
    make_lead(source="whatsapp", expected_value=Decimal(5), currency="CHF")
    make_lead(source="linkedin", expected_value=Decimal(7))
    with app.app_context():
        db.session.execute(sa.update(Lead).values(touched_at=utcnow() - timedelta(days=20)))
        db.session.commit()

    page = re.sub(r"<[^>]*>", "", client.get("/leads/board/figures?source=whatsapp").text)

    assert re.search(r"2 leads · €99.99 \+ CHF\s?5.00 · 2 stagnating", " ".join(page.split()))


def test_further_cards_come_as_a_column_scrolls(client, make_lead, shown, stage_id):
    ids = [make_lead() for _number in range(47)]
    html = client.get("/leads/board/").text
    seen = columns_in(html)[FIRST]

    while more := re.search(r'hx-get="(/leads/board/stages/[^"]*)"', html):
        html = client.get(more[1].replace("&amp;", "&"), headers=PARTIAL).text
        seen += [int(it) for it in re.findall(r'id="card-(\d+)"', html)]

    assert seen == ids[::-1]
    assert len(shown(f"/leads/board/?deep={stage_id(FIRST)}:40")[FIRST]) == 40
    assert len(shown("/leads/board/?deep=x,1:y,:,9999999999999:1")[FIRST]) == 20


@pytest.mark.parametrize("place", ["", "x", "a.b", "é.1", "a.99999999999", "0.1.2", "." * 400])
def test_a_place_that_is_none_is_the_beginning(client, make_lead, stage_id, place):
    lead_id = make_lead()
    answer = client.get(f"/leads/board/stages/{stage_id(FIRST)}/cards?after={place}", headers=PARTIAL)
    assert f'id="card-{lead_id}"' in answer.text
    assert Place.read(place) is None


def test_a_saved_view_opens_the_board_too(client, make_lead, shown):
    make_lead(source="linkedin")
    mine = make_lead(source="whatsapp")
    client.post("/leads/views/", data={"name": "WhatsApp", "scope": "private", "query": "source=whatsapp"})

    assert shown("/leads/board/?view=1&pipeline=sales")[FIRST] == [mine]
    assert 'href="/leads/board/?view=0&amp;pipeline=sales"' in client.get("/leads/board/").text


def test_a_filter_that_was_chosen_leads_back_to_the_board(client):
    chosen = {"pipeline": "sales", "field": "source", "op": "is", "value": "whatsapp", "apply": 1}
    answer = client.get("/leads/filter", query_string=chosen)
    assert answer.location == "/leads/board/?pipeline=sales&source=whatsapp"


def test_nothing_is_sent_where_nothing_has_changed(client, make_lead):
    lead_id = make_lead()
    html = client.get("/leads/board/").text
    seen = re.search(r'data-seen="([^"]*)"', html)[1]

    assert client.get(f"/leads/board/?seen={seen}", headers=PARTIAL).status_code == 204
    make_lead()
    answer = client.get(f"/leads/board/?seen={seen}", headers=PARTIAL)
    assert answer.status_code == 200
    assert len(columns_in(answer.text)[FIRST]) == 2
    assert f'id="card-{lead_id}"' in answer.text


def test_everybody_sees_the_leads_that_are_theirs_to_see(app, client_of, make_lead, shown, stage_id):
    with app.app_context():
        db.session.execute(sa.update(Role).where(Role.name == "agent").values(reach="own"))
        db.session.commit()
    make_lead(owner="ada@example.org")
    mine = make_lead(owner="bob@example.org")
    bob = client_of("bob")

    assert shown(browser=bob)[FIRST] == [mine]
    assert figures_in(bob.get("/leads/board/").text, stage_id(FIRST)) == "1 lead"


def test_who_may_only_read_gets_no_way_to_move(client_of, make_lead):
    make_lead()
    html = client_of("vic").get("/leads/board/").text
    assert "board-card" in html
    assert "card-move" not in html
    assert "data-sheet" not in html.partition("<main")[2]


def test_amounts_that_one_may_not_see_are_not_summed(app, client, client_of, make_lead, stage_id):
    make_lead(expected_value=Decimal(500))
    client.post(
        "/settings/fields/expected_value", data={"shown": "more", "seen_by": "managers", "changed_by": "managers"}
    )

    assert figures_in(client.get("/leads/board/").text, stage_id(FIRST)) == "1 lead · €500.00"
    assert figures_in(client_of("bob").get("/leads/board/").text, stage_id(FIRST)) == "1 lead"


def test_a_pipeline_of_another_team_is_not_there(app, client, client_of):
    with app.app_context():
        team = Team(name="South")
        db.session.add(team)
        db.session.flush()
        pipeline = Pipeline(key="south", names={"en": "South"}, position=9, team_id=team.id, is_named=True)
        db.session.add(pipeline)
        db.session.flush()
        db.session.add(Stage(key="south.one", names={"en": "One"}, position=0, pipeline_id=pipeline.id, colour="blue"))
        db.session.commit()
    bob = client_of("bob")

    assert client.get("/leads/board/?pipeline=south").status_code == 200
    assert bob.get("/leads/board/?pipeline=south").status_code == 404
    assert bob.get("/leads/board/?pipeline=nowhere").status_code == 404
    assert ">South<" in client.get("/leads/").text
    assert ">South<" not in bob.get("/leads/").text


def test_without_a_pipeline_the_board_says_so(app, client, make_lead):
    with app.app_context():
        db.session.execute(sa.update(Pipeline).values(retired=True, is_default=False))
        db.session.commit()
    make_lead()

    answer = client.get("/leads/board/")
    assert (answer.status_code, "There is no pipeline for you yet." in answer.text) == (404, True)


def test_leads_in_no_stage_are_named(app, client, make_lead):
    with app.app_context():
        db.session.execute(sa.update(Pipeline).values(is_default=False))
        db.session.commit()
    make_lead()

    html = client.get("/leads/board/?pipeline=sales").text

    assert '<a href="/leads/?stage=none">1 lead is in no stage</a>' in html


def test_a_retired_stage_is_there_as_long_as_it_holds_leads(app, client, make_lead, shown, stage_id):
    make_lead(stage=SECOND)
    with app.app_context():
        db.session.execute(sa.update(Stage).where(Stage.key.in_((SECOND, "sales.in-negotiation"))).values(retired=True))
        db.session.commit()

    assert list(shown()) == [FIRST, SECOND, "sales.converted", LOST]
    assert f"/leads/board/stages/{stage_id(SECOND)}/new" not in client.get("/leads/board/").text


def test_as_many_queries_for_many_leads_as_for_few(client, make_lead, count_queries):
    def asked(address):
        client.get(address)
        with count_queries() as statements:
            assert client.get(address).status_code == 200
        return len(statements)

    make_lead(source="whatsapp", owner="ada@example.org")
    few = [
        asked("/leads/board/"),
        asked("/leads/board/?source=whatsapp"),
        asked("/leads/board/figures?source=whatsapp"),
    ]
    for number in range(30):
        owner = ("ada", "bob", "mia")[number % 3]
        make_lead(
            source=("whatsapp", "linkedin")[number % 2], owner=f"{owner}@example.org", stage=(FIRST, SECOND)[number % 2]
        )

    many = [
        asked("/leads/board/"),
        asked("/leads/board/?source=whatsapp"),
        asked("/leads/board/figures?source=whatsapp"),
    ]
    assert many == few
    assert few[0] <= 16


def test_a_board_without_leads_has_its_columns(client, shown):
    assert set(map(tuple, shown().values())) == {()}


def test_many_currencies_are_counted_in_steps(client, make_lead, stage_id, monkeypatch):
    monkeypatch.setattr(figures, "AT_ONCE", 7)
    for currency in ("", "USD", "CHF", "GBP", "JPY"):
        make_lead(source="whatsapp", expected_value=Decimal(100), currency=currency)

    page = re.sub(r"<[^>]*>", "", client.get("/leads/board/figures?source=whatsapp").text)

    assert re.search(r"5 leads · €100.00 \+ CHF\s?100.00 \+ £100.00 \+ ¥100 \+ \$100.00", " ".join(page.split()))


def test_a_list_knows_no_pipeline(client):
    assert "/leads/board/?pipeline=sales" in client.get("/leads/?pipeline=nowhere").text
    assert "pipeline=nowhere" not in client.get("/leads/?pipeline=nowhere").text


def test_the_largest_amounts_are_summed_in_filtered_heads_too(client, make_lead):
    for amount in ("9999999999999.99", "9999999999999.99", "0.02"):
        make_lead(source="whatsapp", expected_value=Decimal(amount))

    page = re.sub(r"<[^>]*>", "", client.get("/leads/board/figures?source=whatsapp").text)

    assert "3 leads · €20,000,000,000,000.00" in " ".join(page.split())
