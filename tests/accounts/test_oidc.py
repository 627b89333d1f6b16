"""Sign-in by a provider of OpenID Connect, against one that runs in the test."""

import base64
import dataclasses
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import structlog
from cryptography.hazmat.primitives import serialization
from joserfc import jwk, jwt

from leadhub import outgoing
from leadhub.accounts import oidc, oidc_people
from leadhub.accounts.queries import user_by_email
from leadhub.database import utcnow
from leadhub.extensions import db

pytestmark = pytest.mark.one_database

BASE_URL = "http://crm.example.org"
ROLES = (("bosses", "admin"), ("sales", "agent"), ("readers", "viewer"))
EVE = {"sub": "eve-1", "email": "eve@example.org", "email_verified": True, "name": "Eve Example", "roles": ["sales"]}
KEY = jwk.RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
OTHER_KEY = jwk.RSAKey.generate_key(2048, {"kid": "second"})


class FakeProvider:
    """Discovery, keys and tokens over HTTP; ``approve`` is the person in front of its page."""

    def __init__(self):
        self.codes, self.requests, self.key, self.published = {}, [], KEY, [KEY]
        self.header, self.changes, self.status, self.metadata = {"alg": "RS256", "kid": "first"}, {}, 200, {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.answer(self, b"")

            def do_POST(self):
                provider.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/realm"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler, body):
        path = urlsplit(handler.path).path.removeprefix("/realm")
        self.requests.append(path)
        pages = {"/.well-known/openid-configuration": self.discovery, "/jwks": self.jwks}
        status, page = pages[path]() if path in pages else self.token(handler, dict(parse_qsl(body.decode())))
        text = json.dumps(page).encode()
        handler.send_response(self.status if self.status != 200 else status)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def discovery(self):
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        addresses = {name: f"{self.issuer}/{path}" for name, path in names.items()}
        return 200, {"issuer": self.issuer, **addresses, **self.metadata}

    def jwks(self):
        return 200, {"keys": [key.as_dict(private=False) for key in self.published]}

    def token(self, handler, form):
        asked = self.codes.pop(form.get("code"), None)
        secret = base64.b64encode(b"leadhub:word").decode()
        if handler.headers["Authorization"] != f"Basic {secret}":
            return 401, {"error": "invalid_client"}
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if not asked or proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.id_token(asked)}

    def id_token(self, asked):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "leadhub", "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        claims = {name: value for name, value in {**claims, **asked["person"], **self.changes}.items() if value != "-"}
        if self.header["alg"] in ("none", "HS256"):
            return self.forged(claims)
        return jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])

    def forged(self, claims):
        """What libraries refuse to write: no signature, or one by a secret that is none."""
        head, body = (
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (self.header, claims)
        )
        sign = hmac.new(self.key, head + b"." + body, "sha256").digest() if self.header["alg"] == "HS256" else b""
        return b".".join([head, body, base64.urlsafe_b64encode(sign).rstrip(b"=")]).decode()

    def approve(self, location, person):
        """The query that the browser is sent back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = f"code-{len(self.requests)}-{time.monotonic_ns()}"
        self.codes[code] = {**asked, "person": person}
        return {"code": code, "state": asked["state"]}


@pytest.fixture
def provider():
    oidc.forget_documents()
    fake = FakeProvider()
    yield fake
    fake.stop()


@pytest.fixture
def hub(make_app, settings, provider):
    """``hub(**settings)``: a hub whose people come from the provider."""

    def make(**changes):
        values = {
            "base_url": BASE_URL,
            "oidc_issuer": provider.issuer,
            "oidc_client_id": "leadhub",
            "oidc_client_secret": "word",
            "oidc_roles": ROLES,
            "outgoing_hosts": ("127.0.0.1",),
        }
        return make_app(settings=dataclasses.replace(settings, **{**values, **changes}))

    return make


@pytest.fixture
def app(hub):
    return hub()


@pytest.fixture
def sign_in(provider, app):
    """``sign_in(EVE, roles=["bosses"])``: (client, answer of the callback)."""

    def go(person, app=app, back=None, **changes):
        client = app.test_client()
        away = client.get("/login/oidc", query_string={"next": back} if back else {})
        answer = client.get("/login/oidc/callback", query_string=provider.approve(away.location, {**person, **changes}))
        return client, answer

    return go


@pytest.fixture
def people(rows):
    """``people()``: e-mail -> role."""

    def read():
        users = {row["id"]: row["email"] for row in rows("users")}
        roles = {row["id"]: row["name"] for row in rows("roles")}
        return {users[row["user_id"]]: roles[row["role_id"]] for row in rows("roles_users")}

    return read


def is_signed_in(client):
    return client.get("/leads/").status_code == 200


def said(answer):
    """The sentence on the sign-in page."""
    assert 'id="sign-in"' in answer.text
    assert "Traceback" not in answer.text
    return answer.text.split('id="messages"')[1].split('id="sign-in"')[0]


def test_the_sign_in_page_offers_the_provider(hub, client):
    page = hub(oidc_name="Example works").test_client().get("/login?next=/leads/7")

    assert "Sign in with Example works" in page.text
    assert 'href="/login/oidc?next=/leads/7"' in page.text


def test_without_a_provider_there_is_no_button_and_no_page(make_app):
    client = make_app().test_client()

    assert "/login/oidc" not in client.get("/login").text
    assert client.get("/login/oidc").status_code == 404
    assert client.get("/login/oidc/callback?code=a&state=b").status_code == 404


def test_the_way_out_carries_state_nonce_and_proof_key(client_of, provider):
    first, second = (client_of().get("/login/oidc") for _ in range(2))

    asked = {name: values[0] for name, values in parse_qs(urlsplit(first.location).query).items()}
    assert first.status_code == 303
    assert first.location.startswith(f"{provider.issuer}/authorize?")
    assert asked["redirect_uri"] == f"{BASE_URL}/login/oidc/callback"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["scope"] == "openid email profile"
    others = {value for values in parse_qs(urlsplit(second.location).query).values() for value in values}
    assert not {asked[name] for name in ("state", "nonce", "code_challenge")} & others


def test_somebody_new_is_made_with_the_mapped_role(sign_in, rows, people):
    client, answer = sign_in(EVE)

    assert (answer.status_code, answer.location) == (303, "/")
    assert is_signed_in(client)
    eve = next(row for row in rows("users") if row["email"] == "eve@example.org")
    assert eve["name"] == "Eve Example"
    assert eve["joined_at"]
    assert len(eve["oidc_subject"]) == 64
    assert people()["eve@example.org"] == "agent"


def test_the_second_sign_in_is_the_same_person(sign_in, rows):
    sign_in(EVE)

    client, answer = sign_in(EVE, email="eve.married@example.org", email_verified=True)

    assert is_signed_in(client)
    assert [row["email"] for row in rows("users") if row["oidc_subject"]] == ["eve@example.org"]


@pytest.mark.parametrize("back", ["/leads/?q=dupont", "//evil.example/", "https://evil.example/", None])
def test_one_comes_back_to_where_one_wanted_and_nowhere_else(sign_in, back):
    _, answer = sign_in(EVE, back=back)

    assert answer.location == (back if back == "/leads/?q=dupont" else "/")


@pytest.mark.parametrize(
    ("claim", "role"),
    [
        (["sales"], "agent"),
        (["readers", "sales"], "agent"),
        (["x", "readers", "bosses"], "admin"),
        ("readers", "viewer"),
    ],
)
def test_the_most_powerful_mapped_role_wins(sign_in, people, claim, role):
    sign_in(EVE, roles=claim)

    assert people()["eve@example.org"] == role


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["sales"]}}),
        ("https://example.org/roles", {"https://example.org/roles": ["sales"]}),
        ("hd", {"hd": "sales"}),
    ],
)
def test_the_role_claim_may_lie_deeper(hub, sign_in, people, name, claims):
    sign_in(EVE, app=hub(oidc_role_claim=name), roles="-", **claims)

    assert people()["eve@example.org"] == "agent"


def test_the_role_follows_the_claim_and_the_log_tells(sign_in, people, rows):
    sign_in(EVE)

    sign_in(EVE, roles=["readers"])

    assert people()["eve@example.org"] == "viewer"
    changes = [row for row in rows("audit_events") if row["kind"] == "role"]
    assert len(changes) == 1


def test_without_mapped_roles_they_stay_and_nobody_is_made(hub, sign_in, people, rows):
    app = hub(oidc_roles=())
    before = rows("users")

    client, _ = sign_in({**EVE, "email": "bob@example.org"}, app=app)
    _, refused = sign_in({**EVE, "sub": "mallory"}, app=app)

    assert is_signed_in(client)
    assert people()["bob@example.org"] == "agent"
    assert refused.status_code == 403
    assert "invitation" in said(refused)
    assert len(rows("users")) == len(before)


@pytest.mark.parametrize("claim", [[], ["others"], "-", {"sales": 1}, [["sales"]], None, 7])
def test_somebody_without_mapped_role_is_refused_and_nothing_is_stored(sign_in, rows, claim):
    before = rows("users"), rows("sessions")

    client, answer = sign_in(EVE, roles=claim)

    assert answer.status_code == 403
    assert "no role" in said(answer)
    assert (rows("users"), rows("sessions")) == before
    assert not is_signed_in(client)


def test_a_verified_e_mail_links_the_user_who_has_it(sign_in, rows, people):
    client, _ = sign_in(EVE, email="BOB@example.org")

    assert is_signed_in(client)
    assert len(rows("users")) == 4
    assert [row["email"] for row in rows("users") if row["oidc_subject"]] == ["bob@example.org"]


@pytest.mark.parametrize("verified", [False, "-", "true", 1, None])
def test_an_e_mail_that_is_not_verified_opens_nobodys_account(sign_in, rows, verified):
    before = rows("users")

    client, answer = sign_in(EVE, email="bob@example.org", email_verified=verified)

    assert answer.status_code == 403
    assert "already signs in here" in said(answer)
    assert rows("users") == before
    assert not is_signed_in(client)


def test_a_user_of_one_subject_is_not_linked_to_another(sign_in, rows):
    sign_in(EVE)
    before = rows("users")

    client, answer = sign_in(EVE, sub="eve-2")

    assert answer.status_code == 403
    assert rows("users") == before
    assert not is_signed_in(client)


def test_an_invited_person_who_comes_by_the_provider_has_joined(app, sign_in, rows):
    with app.app_context():
        user_by_email("bob@example.org").joined_at = None
        db.session.commit()

    sign_in(EVE, email="bob@example.org")

    assert next(row for row in rows("users") if row["email"] == "bob@example.org")["joined_at"]


@pytest.mark.parametrize("email", ["-", "", "nonsense", 7])
def test_somebody_new_without_an_e_mail_is_refused(sign_in, rows, email):
    _, answer = sign_in(EVE, email=email)

    assert answer.status_code in (403, 409)
    assert said(answer)
    assert len(rows("users")) == 4


def test_a_deactivated_user_stays_out(app, sign_in, rows):
    sign_in(EVE)
    with app.app_context():
        user_by_email("eve@example.org").active = False
        db.session.commit()
    before = rows("sessions")

    client, answer = sign_in(EVE, roles=["bosses"])

    assert answer.status_code == 403
    assert "deactivated" in said(answer)
    assert not is_signed_in(client)
    assert rows("sessions") == before


def test_the_last_admin_stays_admin_and_others_do_not(sign_in, people):
    sign_in(EVE, roles=["bosses"])  # a second admin beside ada
    ada = {**EVE, "sub": "ada-1", "email": "ada@example.org", "roles": ["readers"]}

    sign_in(ada)
    with structlog.testing.capture_logs() as logs:
        client, _ = sign_in(EVE, roles=["readers"])

    assert people()["ada@example.org"] == "viewer"
    assert people()["eve@example.org"] == "admin"
    assert is_signed_in(client)
    assert any("last admin" in line["event"] for line in logs)


CHANGED_TOKENS = {
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": "-"},
    "audience": {"aud": "another"},
    "audiences without party": {"aud": ["leadhub", "another"]},
    "party": {"aud": ["leadhub", "another"], "azp": "another"},
    "issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": "-"},
    "expired": {"exp": int(time.time()) - 3600},
    "no end": {"exp": "-"},
    "from the future": {"iat": int(time.time()) + 7200, "exp": int(time.time()) + 9000},
    "no subject": {"sub": "-"},
    "empty subject": {"sub": ""},
    "odd subject": {"sub": ["eve-1"]},
}


@pytest.mark.parametrize("changes", CHANGED_TOKENS.values(), ids=CHANGED_TOKENS.keys())
def test_a_token_that_is_not_ours_now_opens_nothing(sign_in, provider, rows, changes):
    provider.changes = changes

    client, answer = sign_in(EVE)

    assert answer.status_code == 422
    assert "trusted" in said(answer)
    assert not is_signed_in(client)
    assert len(rows("users")) == 4


def public_pem(key):
    pem = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key.public_bytes(serialization.Encoding.PEM, pem)


FORGERIES = {
    "none": ({"alg": "none"}, KEY),
    "none with a key's name": ({"alg": "none", "kid": "first"}, KEY),
    "public key as shared secret": ({"alg": "HS256", "kid": "first"}, public_pem(KEY)),
    "client secret": ({"alg": "HS256"}, b"word"),
    "another key under that name": ({"alg": "RS256", "kid": "first"}, OTHER_KEY),
    "a key nobody published": ({"alg": "RS256", "kid": "second"}, OTHER_KEY),
}


@pytest.mark.parametrize(("header", "key"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_token_opens_nothing(sign_in, provider, rows, header, key):
    provider.header, provider.key = header, key

    client, answer = sign_in(EVE)

    assert answer.status_code == 422
    assert not is_signed_in(client)
    assert len(rows("users")) == 4


def test_a_new_key_of_the_provider_is_asked_for_once(sign_in, provider):
    sign_in(EVE)
    provider.published, provider.key, provider.header = [OTHER_KEY, KEY], OTHER_KEY, {"alg": "RS256", "kid": "second"}

    client, _ = sign_in(EVE)
    sign_in(EVE)

    assert is_signed_in(client)
    assert provider.requests.count("/jwks") == 2
    assert provider.requests.count("/.well-known/openid-configuration") == 1


def test_a_state_of_another_try_opens_nothing(app, provider):
    client, other = app.test_client(), app.test_client()
    back = provider.approve(client.get("/login/oidc").location, EVE)
    other.get("/login/oidc")

    for query in (back, {**back, "state": ""}, {"code": back["code"]}, {**back, "state": "é"}):
        answer = other.get("/login/oidc/callback", query_string=query)
        assert answer.status_code == 422
        assert "not begun here" in said(answer)
    assert not is_signed_in(other)
    assert "/token" not in provider.requests


def test_a_way_back_is_good_once(app, provider):
    client = app.test_client()
    back = provider.approve(client.get("/login/oidc").location, EVE)
    client.get("/login/oidc/callback", query_string=back)
    client.post("/logout")

    again = client.get("/login/oidc/callback", query_string=back)

    assert again.status_code == 422
    assert not is_signed_in(client)


def test_a_used_code_opens_nothing_even_with_the_old_cookie(app, provider):
    client = app.test_client()
    back = provider.approve(client.get("/login/oidc").location, EVE)
    with client.session_transaction() as session:
        kept = session["oidc"]
    client.get("/login/oidc/callback", query_string=back)
    thief = app.test_client()
    with thief.session_transaction() as session:
        session["oidc"] = kept

    answer = thief.get("/login/oidc/callback", query_string=back)

    assert answer.status_code == 422
    assert not is_signed_in(thief)


def test_a_code_of_another_try_does_not_fit_the_proof_key(app, provider):
    victim, thief = app.test_client(), app.test_client()
    stolen = provider.approve(victim.get("/login/oidc").location, EVE)
    own = provider.approve(thief.get("/login/oidc").location, EVE)

    answer = thief.get("/login/oidc/callback", query_string={"code": stolen["code"], "state": own["state"]})

    assert answer.status_code == 422
    assert not is_signed_in(thief)


def test_a_try_ends_after_ten_minutes(app, provider):
    client = app.test_client()
    back = provider.approve(client.get("/login/oidc").location, EVE)
    with client.session_transaction() as session:
        session["oidc"] = {**session["oidc"], "at": session["oidc"]["at"] - 601}

    answer = client.get("/login/oidc/callback", query_string=back)

    assert answer.status_code == 422
    assert "too long" in said(answer)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ({"error": "access_denied", "error_description": "<b>no</b>"}, 422, "cancelled"),
        ({"error": "server_error"}, 502, "does not answer"),
        ({"code": ""}, 502, "does not answer"),
        ({"code": "x", "iss": "https://evil.example"}, 422, "trusted"),
    ],
)
def test_a_way_back_without_code_is_one_sentence(app, provider, answer, status, words):
    client = app.test_client()
    state = provider.approve(client.get("/login/oidc").location, EVE)["state"]

    page = client.get("/login/oidc/callback", query_string={"state": state, **answer})

    assert page.status_code == status
    assert words in said(page)
    assert "<b>no" not in page.text


def test_a_provider_that_is_away_is_one_sentence_and_is_left_alone_for_a_while(app, provider):
    provider.status = 503
    client = app.test_client()

    pages = [client.get("/login/oidc") for _ in range(3)]

    assert {page.status_code for page in pages} == {502}
    assert "does not answer" in said(pages[0])
    assert len(provider.requests) == 1


def test_a_provider_that_stops_answering_midway_is_one_sentence(app, provider):
    client = app.test_client()
    back = provider.approve(client.get("/login/oidc").location, EVE)
    provider.stop()

    page = client.get("/login/oidc/callback", query_string=back)

    assert page.status_code == 502
    assert "does not answer" in said(page)


@pytest.mark.parametrize(
    "changes", [{"issuer": "https://evil.example"}, {"token_endpoint": None}, {"jwks_uri": "file:///x"}]
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(app, provider, changes):
    provider.metadata = changes

    assert app.test_client().get("/login/oidc").status_code == 502


@pytest.mark.parametrize("place", ["http://169.254.169.254/", "http://localhost:6379/", "http://10.0.0.1/"])
def test_a_provider_leads_the_hub_into_no_private_network(sign_in, provider, place, monkeypatch):
    tried, connect = [], outgoing.connections._PlainSocket.connect
    monkeypatch.setattr(
        outgoing.connections._PlainSocket,
        "connect",
        lambda sock, address: (tried.append(address[1]), connect(sock, address)),
        raising=False,
    )
    provider.metadata = {"token_endpoint": place}

    _, answer = sign_in(EVE)

    assert answer.status_code == 502
    assert set(tried) == {provider.server.server_port}


def test_a_private_provider_must_be_named_by_the_server(hub, provider):
    app = hub(outgoing_hosts=())

    assert app.test_client().get("/login/oidc").status_code == 502
    assert provider.requests == []


def test_a_wrong_client_secret_is_the_services_trouble(hub, sign_in):
    _, answer = sign_in(EVE, app=hub(oidc_client_secret="another"))

    assert answer.status_code == 502


def test_what_is_logged_names_nobody_and_holds_no_secret(sign_in, provider):
    provider.changes = {"aud": "another"}

    with structlog.testing.capture_logs() as logs:
        sign_in(EVE)

    text = json.dumps(logs)
    assert "InvalidClaimError" in text
    assert not any(word in text.lower() for word in ("eve-1", "eve@", "eve example", "code-", "eyj"))


def test_no_transaction_is_open_while_the_hub_calls_out(app, provider, sign_in, monkeypatch):
    seen = []

    def watching(real):
        def run(*args, **kwargs):
            seen.append(db.session().in_transaction())
            return real(*args, **kwargs)

        return run

    monkeypatch.setattr(oidc.outgoing, "call", watching(outgoing.call))
    monkeypatch.setattr(oidc, "_id_token", watching(oidc._id_token))
    monkeypatch.setattr(oidc, "_keys", watching(oidc._keys))

    sign_in(EVE)

    assert len(seen) == 4
    assert not any(seen)


def test_whoever_is_signed_in_needs_no_provider(client_of):
    assert client_of("ada").get("/login/oidc").location == "/"


def test_rules_stand_without_the_talk(app):
    identity = oidc.Identity(
        subject="s" * 64, email="new@example.org", is_email_verified=True, name="New", role="viewer"
    )
    with app.test_request_context():
        user = oidc_people.user_for(app.extensions["leadhub"]["settings"], identity)

        assert (user.email, user.role, user.oidc_subject) == ("new@example.org", "viewer", "s" * 64)
        assert utcnow() >= user.joined_at
