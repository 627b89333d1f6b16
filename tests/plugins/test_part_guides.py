"""The plugins of the guides to pages, panels and columns do in a hub what the guides say."""

import re
from pathlib import Path

import pytest

from leadhub.plugins.finding import module_of

pytestmark = pytest.mark.one_database
GUIDES = Path(__file__).parents[2] / "docs/plugins"
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def app(make_app, tmp_path):
    plugins = []
    for name in ("columns", "panels", "pages"):
        text = (GUIDES / f"{name}.md").read_text()
        (tmp_path / name / "templates").mkdir(parents=True)
        (tmp_path / name / "__init__.py").write_text(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1])
        for page in re.findall(r"```html\n(.*?)```", text, re.DOTALL):
            (tmp_path / name / "templates/form.html").write_text(page)
        plugins.append((f"our_{name}", module_of(tmp_path / name)))
    return make_app(plugins)


def test_the_column_says_how_warm_a_lead_is(client, make_lead):
    make_lead(phone="06 12 34 56 78")

    assert re.search(
        r'<td class="[^"]*text-end"><span class="cut">80<', client.get("/leads/?columns=x.our_columns.warmth").text
    )


def test_the_panel_names_the_others_of_the_owner(client, make_lead):
    free, own, _other = (
        make_lead(last_name=name, owner=owner)
        for name, owner in (("Ana", ""), ("Bea", "bob@example.org"), ("Cleo", "bob@example.org"))
    )

    cards = [client.get(f"/leads/{it}/panels/our_panels.neighbours", headers=PARTIAL).text for it in (free, own)]

    assert "<strong>Take it</strong>" in cards[0]
    assert ">Cleo<" in cards[1]
    assert ">Bea<" not in cards[1]


def test_the_page_keeps_a_goal(client, client_of, make_lead):
    make_lead()

    refused = client.post("/x/our_pages/", data={"goal": "many"})
    kept = client.post("/x/our_pages/", data={"goal": "7"}, follow_redirects=True).text

    assert "Give a whole number." in refused.text
    assert "The goal is kept." in kept
    assert "1 of 7 leads" in kept
    assert 'name="goal" inputmode="numeric" value="7"' in kept
    assert client_of("bob").get("/x/our_pages/").status_code == 403
