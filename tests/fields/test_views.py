"""Settings > Fields, as an admin uses it; no test needs a script."""

import re
import threading

import pytest

from leadhub.fields.catalogue import BUILT_IN

pytestmark = pytest.mark.one_database  # what it says of the database is said by the services' own tests

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
PAGE = "/settings/fields/"


@pytest.fixture
def add(client, rows):
    """``add("text", "Size")``: the row of that field."""

    def add_one(type, name, **data):
        client.post(f"{PAGE}add", data={"type": type, "name_en": name, "shown": "more"} | data)
        return rows("fields")[-1]

    return add_one


def told(page):
    """What the page's table would post, if nobody touched it."""
    data = {}
    for name in re.findall(r'name="([a-z_0-9]+)-told"', page.text):
        (was,) = re.findall(rf'name="{name}-told"[^>]*value="([^"]*)"', page.text)
        shown, required, in_list = was.split()
        data |= {f"{name}-told": was, f"{name}-shown": shown}
        data |= {f"{name}-required": "y"} if required == "1" else {}
        data |= {f"{name}-in_list": "y"} if in_list == "1" else {}
    return data


def test_every_field_has_a_row(client):
    page = client.get(PAGE)

    assert re.findall(r'id="field-([a-z_]+)"', page.text) == sorted(
        (field.name for field in BUILT_IN), key=lambda name: page.text.index(f'id="field-{name}"')
    )
    assert 'name="website-shown"' in page.text
    assert 'name="email-shown"' not in page.text
    assert 'name="unsubscribed-required"' not in page.text


def test_the_whole_table_is_saved_at_once(client, rows):
    data = told(client.get(PAGE)) | {"website-shown": "form", "website-required": "y", "industry-shown": "off"}
    del data["phone-in_list"]

    answer = client.post(PAGE, data=data)

    assert answer.status_code == 303
    assert {row["name"]: (row["shown"], row["required"], row["in_list"]) for row in rows("fields")} == {
        "website": ("form", True, False),
        "industry": ("off", False, False),
        "phone": ("form", False, False),
    }


def test_a_table_that_nobody_touched_changes_nothing(client, rows):
    client.post(PAGE, data=told(client.get(PAGE)))

    assert rows("fields") == []
    assert rows("audit_events") == []


def test_two_admins_do_not_take_back_what_the_other_decided(client, rows):
    mine, theirs = told(client.get(PAGE)), told(client.get(PAGE))

    client.post(PAGE, data=theirs | {"website-shown": "form"})
    client.post(PAGE, data=mine | {"industry-shown": "form"})

    assert {row["name"]: row["shown"] for row in rows("fields")} == {"website": "form", "industry": "form"}


def test_a_place_that_is_none_is_told_at_the_field(client, rows):
    answer = client.post(PAGE, data=told(client.get(PAGE)) | {"website-shown": "everywhere"})

    assert answer.status_code == 422
    assert 'id="website-shown-error1"' in answer.text
    assert rows("fields") == []


def test_a_drawer_opens_alone_or_in_its_page(client, add):
    name = add("choice", "Colour")["name"]

    piece, page = client.get(f"{PAGE}{name}", headers=PARTIAL), client.get(f"{PAGE}{name}")

    assert piece.text.lstrip().startswith("<tbody")
    assert 'value="Colour"' in piece.text
    assert "<html" in page.text
    assert 'name="seen_by"' in page.text
    assert 'name="seen_by"' not in client.get(PAGE).text
    assert 'name="name_en"' not in client.get(f"{PAGE}website", headers=PARTIAL).text
    assert client.get(f"{PAGE}shoes").status_code == 404


def test_a_field_is_added_with_choices(client, rows):
    data = {"type": "choices", "name_en": "Colour", "name_fr": "Couleur", "shown": "form", "choices": "Red\r\nBlue\r\n"}

    answer = client.post(f"{PAGE}add", data=data)

    (field,) = rows("fields")
    assert answer.location.endswith(f"#field-{field['name']}")
    assert [row["key"] for row in rows("field_choices")] == [f"{field['id']}:red", f"{field['id']}:blue"]
    opened = client.get(answer.location).text
    assert f'href="/settings/lists/field-{field["id"]}/"' in opened
    assert "Several choices" in opened


@pytest.mark.parametrize(
    ("data", "at"),
    [({"name_en": "website"}, "name_en"), ({"name_en": ""}, "name_en"), ({"choices": "x" * 201}, "choices")],
)
def test_what_can_not_be_is_told_at_the_field_and_kept(client, rows, data, at):
    answer = client.post(f"{PAGE}add", data={"type": "choice", "name_en": "Size", "shown": "off"} | data)

    assert answer.status_code == 422
    assert f'id="{at}-error1"' in answer.text
    assert '<option selected value="off">' in answer.text
    assert rows("fields") == []


def test_a_drawer_renames_and_restricts(client, add, rows):
    one = f"{PAGE}{add('text', 'Size')['name']}"

    client.post(one, data={"name_en": "Length", "name_fr": "Longueur", "seen_by": "managers", "changed_by": "all"})
    refused = client.post(one, data={"name_en": "E-mail", "seen_by": "all", "changed_by": "all"})

    (field,) = rows("fields")
    assert (field["seen_by"], field["changed_by"]) == ("managers", "managers")
    assert "Longueur" in str(field["names"])
    assert refused.status_code == 422
    assert 'value="E-mail"' in refused.text


def test_a_built_in_field_is_restricted_and_reset(client, rows):
    client.post(f"{PAGE}expected_value", data={"seen_by": "managers", "changed_by": "managers"})
    assert "for managers" in client.get(PAGE).text

    client.post(f"{PAGE}expected_value/reset")

    assert rows("fields") == []


def test_fields_of_the_team_are_moved(client, add, rows):
    ids = [add("text", name)["id"] for name in ("One", "Two")]

    client.post(f"{PAGE}{ids[1]}/move", data={"to": "up"})

    assert re.findall(r'id="field-custom_(\d)"', client.get(PAGE).text) == [str(ids[1]), str(ids[0])]


def test_a_field_with_values_is_deleted_once_its_name_is_typed(client, add, make_lead, rows):
    field = add("text", "Size")
    make_lead(custom={field["name"]: "XL"})
    one = f"{PAGE}{field['id']}/delete"

    question, refused, done = client.get(one), client.post(one), client.post(one, data={"name": "size"})

    assert "<li>1 lead</li>" in question.text
    assert (refused.status_code, done.status_code) == (422, 303)
    assert 'id="name-error1"' in refused.text
    assert rows("fields") == rows("custom_values") == []
    assert client.post(one).status_code == 404


def test_changes_are_in_the_audit_log(client, add):
    add("text", "Size")
    client.post(PAGE, data=told(client.get(PAGE)) | {"website-shown": "form"})

    page = client.get("/settings/audit").text

    assert "Fields changed" in page
    assert "new: Size" in page
    assert "field: Website · shown: on the form" in page


def test_a_hostile_name_stays_a_text(client, add):
    add("text", "<img src=x onerror=alert(1)>")

    for page in (client.get(PAGE), client.get(f"{PAGE}custom_1"), client.get(f"{PAGE}1/delete")):
        assert "<img src=x" not in page.text


def test_the_page_takes_as_many_queries_for_ten_fields_as_for_one(client, add, count_queries):
    counts = []
    for number in range(2):
        for place in range(1 + number * 9):
            add("choice", f"Field {number} {place}", choices="A\nB")
        with count_queries() as statements:
            client.get(PAGE)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_of_many_fields_of_one_name_at_once_there_is_one(client_of, rows):
    answers = []

    def add_it(browser):
        answers.append(
            browser.post(f"{PAGE}add", data={"type": "text", "name_en": "Size", "shown": "more"}).status_code
        )

    threads = [threading.Thread(target=add_it, args=(client_of("ada"),)) for _ in range(6)]
    for step in (threading.Thread.start, threading.Thread.join):
        for thread in threads:
            step(thread)

    assert sorted(answers) == [303, *[422] * 5]
    assert len(rows("fields")) == 1
