"""The bundled webhook: who may send, what is read, and what a replay does.  Vectors are Standard Webhooks' own."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from werkzeug.datastructures import MultiDict

from leadhub.plugins.api import LeadDraft, Reach, Refused, Request
from leadhub.plugins.builtin.webhook import SHARED, SIGNED, WebhookSettings, receive, verify
from tests.doors import SECRET, signed

pytestmark = pytest.mark.one_database
BODY = b'{"test": 2432232314}'
VECTOR = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
THEN = datetime.fromtimestamp(1614265330, UTC)
STANDARD = {"how": SIGNED, "secret": SECRET}
PLAIN = {"how": SHARED, "secret": "s3cr3t-s3cr3t-s3cr3t", "header": "X-Key"}


def asked(body=BODY, headers=VECTOR, method="POST", **arguments):
    return Request(method=method, headers=headers, arguments=arguments, body=body)


def sent(told, settings=STANDARD, **words):
    """What comes of a signed body."""
    call = signed(told, **words)
    request = asked(call["data"], call["headers"])
    return receive(request, settings, SimpleNamespace(now=lambda: datetime.now(UTC)))


def test_the_vector_of_the_standard_is_right_and_stays_so_for_five_minutes():
    for seconds in (-299, 0, 299):
        verify(asked(), STANDARD, THEN + timedelta(seconds=seconds))
    for seconds in (-301, 301):
        with pytest.raises(Refused):
            verify(asked(), STANDARD, THEN + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF="},
        {"webhook-signature": ""},
        {"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "é"},
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "²"},
        {"webhook-timestamp": ""},
    ],
)
def test_what_differs_from_it_is_refused(change):
    with pytest.raises(Refused):
        verify(asked(headers=VECTOR | change), STANDARD, THEN)


def test_another_body_is_refused():
    with pytest.raises(Refused):
        verify(asked(BODY + b" "), STANDARD, THEN)


def test_while_one_secret_replaces_another_both_do():
    other = "whsec_" + "A" * 32
    verify(asked(), {"how": SIGNED, "secret": f"{other} {SECRET}"}, THEN)
    verify(asked(headers=VECTOR | {"webhook-signature": f"v1,xx {VECTOR['webhook-signature']}"}), STANDARD, THEN)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "other"])
def test_without_a_key_nothing_is_right(secret):
    with pytest.raises(Refused):
        verify(asked(), {"how": SIGNED, "secret": secret}, THEN)


def test_a_secret_in_a_header_does_too():
    verify(asked(headers={"x-key": PLAIN["secret"]}), PLAIN, THEN)
    verify(asked(headers={"authorization": f"Bearer {PLAIN['secret']}"}), PLAIN | {"header": "Authorization"}, THEN)
    for headers in ({}, {"x-key": "other"}, {"x-key": ""}, {"x-key": "é"}, VECTOR):
        with pytest.raises(Refused):
            verify(asked(headers=headers), PLAIN, THEN)


def test_an_object_is_a_lead_with_the_id_of_its_message():
    (draft,) = sent({"name": "Dupont", "email": "d@example.org", "phone": 612345678, "budget": {"eur": 5}}).drafts

    assert draft == LeadDraft(
        channel="webhook", last_name="Dupont", email="d@example.org", phone="612345678", external_id="msg_1",
        other={"budget": '{"eur": 5}'},
    )  # fmt: skip


def test_several_and_an_envelope_are_read_alike():
    several = sent([{"last_name": "A"}, {"last_name": "B", "id": 7}]).drafts
    wrapped = sent({"type": "contact.created", "timestamp": "2026-11-24", "data": {"last_name": "A"}}).drafts

    assert [(draft.last_name, draft.external_id) for draft in several] == [("A", "msg_1:0"), ("B", "7")]
    assert [draft.last_name for draft in wrapped] == ["A"]


def test_values_have_the_types_that_drafts_have():
    (draft,) = sent({
        "last_name": "A", "is_organisation": False, "expected_value": 12.5, "received_at": "2026-11-24T09:05:00",
        "emails": ["b@example.org", {"value": "c@example.org", "type": "home"}], "tags": ["x"], "channel": "form",
        "external_scope": "other", "employees": 5, "custom": {"size": 3},
    }).drafts  # fmt: skip

    assert (str(draft.expected_value), draft.employees, draft.tags) == ("12.5", 5, ("x",))
    assert draft.received_at == datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
    assert draft.emails == (Reach(value="b@example.org"), Reach(value="c@example.org", type="home"))
    assert (draft.channel, draft.external_scope) == ("webhook", "")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"NaN", b"[" * 100_000, b'{"a": 1e9999999999999999999}'])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(Refused) as refused:
        sent(body)

    assert refused.value.status == 400


@pytest.mark.parametrize("told", [5, "text", [1], None])
def test_what_holds_no_objects_is_refused(told):
    with pytest.raises(Refused) as refused:
        sent(told)
    assert refused.value.status == 400


def test_challenges_are_answered():
    get = asked(b"", {}, "GET", challenge="abc")
    shown = {"hub.challenge": "abc", "hub.verify_token": PLAIN["secret"]}

    assert receive(get, STANDARD, None).reply.body == "abc"
    assert receive(Request(method="GET", headers={}, arguments=shown, body=b""), PLAIN, None).reply.body == "abc"
    assert sent({"type": "url_verification", "challenge": "abc"}).reply.body == "abc"
    for arguments in ({}, {"challenge": "x" * 501}, shown | {"hub.verify_token": "other"}):
        with pytest.raises(Refused):
            receive(Request(method="GET", headers={}, arguments=arguments, body=b""), PLAIN, None)


@pytest.mark.parametrize(
    ("how", "secret", "is_good"),
    [(SIGNED, SECRET, True), (SIGNED, "s3cr3t-s3cr3t-s3cr3t", False), (SIGNED, "whsec_AAAA", False),
     (SHARED, "s3cr3t-s3cr3t-s3cr3t", True), (SHARED, "short", False), (SHARED, "", False)],
)  # fmt: skip
def test_a_weak_secret_is_not_taken(app, how, secret, is_good):
    with app.test_request_context():
        form = WebhookSettings(MultiDict({"how": how, "secret": secret, "header": "X-Key"}))

        assert form.validate() is is_good


def test_through_its_door_a_replay_is_no_second_lead(app, client, client_of, rows):
    told = {"name": "Hook", "settings-how": SIGNED, "settings-secret": SECRET, "settings-header": "X-Key"}
    client.post("/settings/reception/new/webhook", data=told | {"source": "1"})
    address = f"/in/{rows('doors')[0]['token']}"
    first, second = {"last_name": "Dupont", "email": "d@example.org"}, {"last_name": "Dupond", "email": "d@example.org"}

    answers = [client_of().post(address, **signed(body)) for body in (first, first, second)]
    forged = client_of().post(address, **signed(first, secret="whsec_" + "A" * 32))
    nul = client_of().post(address, **signed(json.dumps({"last_name": "a\0b"}).encode(), "msg_2"))

    (lead,) = rows("leads")
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert (forged.status_code, nul.status_code) == (401, 422)
    assert (lead["last_name"], lead["channel"], lead["source_id"]) == ("Dupond", "source:webhook", 1)
    assert rows("doors")[0]["came"] == 2
