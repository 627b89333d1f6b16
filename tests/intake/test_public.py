"""The address of a door: what machines send, what strangers type, and what goes wrong with the plugin behind it."""

import time

import pytest
from wtforms import FileField, Form

from leadhub.plugins.api import LeadDraft, PersonField, PublicForm, Received, Refused, Reply, SecretField
from tests.doors import Radio, Wishes, drafts, radio_form

pytestmark = pytest.mark.one_database


def test_what_is_received_is_committed_and_answered(open_door, stranger, rows, radio):
    reply = Reply(status=201, body='{"ok": 1}', content_type="Application/JSON")
    radio.does["receive"] = lambda *asked: Received(drafts=drafts("Dupont", "Dupré"), reply=reply)
    door_id, address = open_door(secrets={"key": "s3cr3t"}, station="FIP")

    answer = stranger.post(f"{address}?a=1&a=2", data=b"raw \xff", headers={"X-Sign": "yes"})

    request, settings, context = radio.asked[0]
    leads, (door,) = rows("leads"), rows("doors")
    assert (answer.status_code, answer.text) == (201, '{"ok": 1}')
    assert answer.content_type == "application/json; charset=utf-8"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert (request.method, request.body, request.arguments) == ("POST", b"raw \xff", {"a": "1"})
    assert request.headers["x-sign"] == "yes"
    assert "cookie" not in request.headers
    assert settings == {"station": "FIP", "key": "s3cr3t"}
    assert [lead["last_name"] for lead in leads] == ["Dupont", "Dupré"]
    assert {lead["channel"] for lead in leads} == {"source:radio"}
    assert (door["came"], door["refused"], door["last_error"]) == (2, 0, "")
    assert door["last_came_at"]


def test_the_same_again_is_no_change_and_two_doors_never_meet(open_door, stranger, rows):
    for address in [open_door()[1], open_door()[1]]:
        for _again in range(2):
            assert stranger.post(address).status_code == 200

    assert len(rows("leads")) == 2
    assert [door["came"] for door in rows("doors")] == [1, 1]


def test_the_source_is_the_doors_unless_the_lead_names_one(open_door, stranger, rows, radio):
    own = LeadDraft(channel="x", last_name="B", source="Trade fair or event")
    radio.does["receive"] = lambda *asked: Received(drafts=[*drafts("A"), own])

    stranger.post(open_door(source="linkedin")[1])

    keys = {row["id"]: row["key"] for row in rows("sources")}
    assert [keys[lead["source_id"]] for lead in rows("leads")] == ["linkedin", "trade-fair"]


def test_the_history_names_the_source_in_the_language_of_the_page(open_door, stranger, client):
    stranger.post(open_door()[1])

    page = client.get("/leads/1")

    assert "Radio" in page.text


def test_an_unknown_address_and_one_that_is_switched_off_are_not_there(app, open_door, stranger, client):
    door_id, address = open_door()
    client.post(f"/settings/reception/{door_id}/switch")

    for there in (address, "/in/unknown"):
        assert (stranger.post(there).status_code, stranger.post(there).text) == (404, "not found\n")
        assert stranger.get(there).status_code == 404
        assert stranger.get(f"{there}/thanks").status_code == 404
        assert stranger.post(f"{there}/form").status_code == 404


def test_who_is_refused_gets_a_word_and_the_admin_the_reason(open_door, stranger, rows, radio):
    def refuse(*asked):
        raise Refused("the signature is\0 wrong", status=401)

    radio.does["receive"] = refuse
    answer = stranger.post(open_door()[1])

    assert (answer.status_code, answer.text) == (401, "unauthorized\n")
    assert rows("doors")[0]["last_error"] == "the signature is wrong"
    assert rows("leads") == []


@pytest.mark.parametrize("status", [200, 302, 500, "x", None])
def test_a_refusal_with_a_strange_status_is_a_401(open_door, stranger, radio, status):
    def refuse(*asked):
        raise Refused("no", status=status)

    radio.does["receive"] = refuse

    assert stranger.post(open_door()[1]).status_code == 401


BAD = {
    "raises": lambda: 1 / 0,
    "exits": lambda: exit(),
    "nothing": lambda: None,
    "no reply": lambda: Received(reply=None),
    "a page": lambda: Received(reply=Reply(body="<p>", content_type="text/html")),
    "a header": lambda: Received(reply=Reply(content_type="text/plain\r\nX: y")),
    "a bad status": lambda: Received(reply=Reply(status=500)),
    "half a sign": lambda: Received(reply=Reply(body="\ud800")),
    "no drafts": lambda: Received(drafts=5),
    "without end": lambda: Received(drafts=(draft for _ in iter(int, 1) for draft in drafts("A"))),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_plugin_that_fails_costs_a_503_without_a_trace(open_door, stranger, rows, radio, kind):
    radio.does["receive"] = lambda *asked: BAD[kind]()

    answer = stranger.post(open_door()[1])

    assert (answer.status_code, answer.text) == (503, "not now\n")
    assert answer.headers["Retry-After"]
    assert rows("leads") == []
    assert rows("doors")[0]["last_error"] == "The plugin failed. Settings > Plugins says more."


def test_a_plugin_that_hangs_is_not_waited_for(open_door, stranger, radio, monkeypatch):
    monkeypatch.setattr("leadhub.intake.calls.SECONDS", 0.2)
    radio.does["receive"] = lambda *asked: time.sleep(2)
    begun = time.monotonic()

    answer = stranger.post(open_door()[1])

    assert answer.status_code == 503
    assert time.monotonic() - begun < 1.5


@pytest.mark.parametrize(
    ("draft", "told"),
    [
        (LeadDraft(channel="x"), "last_name: Give a name, an organisation or an e-mail."),
        (LeadDraft(channel="x", last_name="a\0b"), "last_name: This holds a sign that is no text (NUL)."),
        (LeadDraft(channel="x", last_name="\ud800"), "last_name: The field “last_name” holds what a lead can’t have."),
        (LeadDraft(channel="x", last_name=5), "last_name: The field “last_name” holds what a lead can’t have."),
        (LeadDraft(channel="x", last_name="A", email="nobody"), "email: This is not an e-mail address."),
        (LeadDraft(channel="x", phone="1", other={1: ""}), "other: The field “other” holds what a lead can’t have."),
        ("Dupont", "This is no lead."),
    ],
)  # fmt: skip
def test_a_lead_that_can_not_be_is_counted_and_said(open_door, stranger, rows, radio, draft, told):
    radio.does["receive"] = lambda *asked: Received(drafts=[draft])

    answer = stranger.post(open_door()[1])

    (door,) = rows("doors")
    assert (answer.status_code, rows("leads")) == (422, [])
    assert (door["refused"], door["last_error"]) == (1, told)


def test_of_several_the_good_ones_are_kept(open_door, stranger, rows, radio):
    radio.does["receive"] = lambda *asked: Received(drafts=[LeadDraft(channel="x"), *drafts("A")])

    assert stranger.post(open_door()[1]).status_code == 200
    assert len(rows("leads")) == 1
    assert rows("doors")[0]["refused"] == 1


def test_a_megabyte_is_the_most(open_door, stranger, radio):
    address = open_door()[1]

    assert stranger.post(address, data=b"x" * 1_048_576).status_code == 200
    assert stranger.post(address, data=b"x" * 1_048_577).status_code == 413
    assert stranger.post(address, data={"a": "x" * 2_000_000}).status_code == 413
    assert len(radio.asked) == 1


def test_floods_are_stopped(make_app, radio):
    client = make_app([("radio", radio)], RATELIMIT_ENABLED=True).test_client()

    answers = [client.post("/in/unknown").status_code for _ in range(301)]

    assert answers[-2:] == [404, 429]


def test_a_post_needs_no_token_of_a_session_but_the_form_does(make_app, radio):
    radio.does["form"] = radio_form
    app = make_app([("radio", radio)], WTF_CSRF_ENABLED=True)
    client = app.test_client()

    assert client.post("/in/unknown").status_code == 404
    assert client.post("/in/unknown/form", data={"last_name": "A"}).status_code == 400


class TestForm:
    @pytest.fixture
    def radio(self):
        return Radio(form=radio_form)

    def test_somebody_fills_it_in(self, open_door, stranger, rows):
        address = open_door()[1]
        page = stranger.get(address)

        answer = stranger.post(f"{address}/form", data={"last_name": "Dupont", "once": "k"})

        assert page.status_code == 200
        assert "Call us" in page.text
        assert 'name="last_name"' in page.text
        assert (answer.status_code, answer.location) == (303, f"{address}/thanks")
        assert "Thank you." in stranger.get(answer.location).text
        assert [lead["last_name"] for lead in rows("leads")] == ["Dupont"]

    def test_sent_twice_it_is_one_lead(self, open_door, stranger, rows):
        address = open_door()[1]
        for _again in range(2):
            answer = stranger.post(f"{address}/form", data={"last_name": "Dupont", "once": "k"})

            assert answer.status_code == 303
        assert len(rows("leads")) == 1

    def test_what_is_wrong_is_told_at_the_field_and_kept(self, open_door, stranger, rows, radio):
        radio.does["form"] = lambda *asked: radio_form(*asked)
        address = open_door()[1]

        empty = stranger.post(f"{address}/form", data={"last_name": ""})
        long = stranger.post(f"{address}/form", data={"last_name": "x" * 500})

        assert empty.status_code == 422
        assert 'id="last_name-error1"' in empty.text
        assert long.status_code == 422
        assert 'id="last_name-error1"' in long.text
        assert "x" * 500 in long.text
        assert rows("leads") == []

    def test_who_fills_in_what_nobody_sees_is_thanked_for_nothing(self, open_door, stranger, rows):
        answer = stranger.post(f"{open_door()[1]}/form", data={"last_name": "Bot", "fax_again": "1"})

        assert answer.status_code == 303
        assert rows("leads") == []

    def test_it_speaks_the_language_that_is_asked_for(self, open_door, stranger):
        page = stranger.get(f"{open_door()[1]}?language=fr")

        assert '<html lang="fr"' in page.text

    def test_it_is_no_receiver(self, open_door, stranger):
        address = open_door()[1]

        assert stranger.post(address).status_code == 404
        assert stranger.get(f"{address}/form").location == address

    @pytest.mark.parametrize("kind", ["raises", "nothing", "no fields", "a draft"])
    def test_one_that_fails_says_so_without_a_trace(self, open_door, stranger, rows, radio, kind):
        wrong = {
            "raises": lambda *asked: 1 / 0,
            "nothing": lambda *asked: None,
            "no fields": lambda *asked: PublicForm(title="A", fields=int, draft=len),
            "a draft": lambda *asked: PublicForm(title="A", fields=Wishes, draft=lambda told: None),
        }
        radio.does["form"] = wrong[kind]

        answer = stranger.post(f"{open_door()[1]}/form", data={"last_name": "A"})

        assert answer.status_code == 503
        assert "Traceback" not in answer.text
        assert rows("leads") == []


@pytest.mark.parametrize("field", [PersonField, SecretField, FileField])
def test_strangers_are_not_asked_for_files_nor_who_works_here(open_door, client_of, make_app, radio, field):
    fields = type("Bad", (Form,), {"who": field("Who")})
    radio.does["form"] = lambda *asked: PublicForm(title="A", fields=fields, draft=len)
    app = make_app([("radio", radio)])

    assert app.test_client().get(open_door()[1]).status_code == 503
