"""Calling out: where to, for how long, how much, and that nothing goes another way."""

import contextlib
import datetime
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from leadhub.outgoing import OutgoingFailed, OutgoingRefused, addresses, call, check, connections, guarded

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = "93.184.215.14"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def resolve(monkeypatch):
    """``resolve([first answer], [second answer])``: what names lead to, question by question; the last one stays."""
    questions = []

    def patch(*answers):
        def getaddrinfo(host, port, *args, **kwargs):
            found = answers[min(len(questions), len(answers) - 1)]
            questions.append(host)
            return [(socket.AF_INET6 if ":" in ip else socket.AF_INET, 1, 6, "", (ip, port)) for ip in found]

        monkeypatch.setattr(addresses.socket, "getaddrinfo", getaddrinfo)
        return questions

    return patch


@pytest.fixture
def connected(monkeypatch):
    """The addresses that were tried; none of them answers."""
    tried = []

    def connect(self, address):
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(connections._PlainSocket, "connect", connect, raising=False)
    return tried


@pytest.fixture
def serve():
    """``serve(handle)``: the port of a server that gives each connection to ``handle(connection, head)``."""
    listeners = []

    def start(handle, context=None):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), connection:
                    secure = context.wrap_socket(connection, server_side=True) if context else connection
                    handle(secure, read_request(secure))
                    secure.close()

        threading.Thread(target=run, daemon=True).start()
        return listener.getsockname()[1]

    yield start
    for listener in listeners:
        listener.close()


def read_request(connection):
    """The head, and a body of up to a few kilobytes."""
    text = connection.recv(65536)
    length = re.search(rb"content-length: (\d{1,4})\r", text, re.I)
    while length and len(text.partition(b"\r\n\r\n")[2]) < int(length[1]):
        text += connection.recv(65536)
    return text


def answer(text):
    return lambda connection, head: connection.sendall(text)


def get(port, path="/", **options):
    return call("GET", f"http://127.0.0.1:{port}{path}", allowed_hosts=["127.0.0.1"], **options)


HOSTILE = [
    ("http://127.0.0.1/", "private"),
    ("http://0177.0.0.1/", "private"),  # octal
    ("http://2130706433/", "private"),  # one number
    ("http://0x7f.1/", "private"),
    ("http://127.1/", "private"),
    ("http://0/", "private"),
    ("http://localhost/", "private"),
    ("http://LOCALHOST/", "private"),
    ("http://10.0.0.1/", "private"),
    ("http://172.16.0.1/", "private"),
    ("http://192.168.1.1/", "private"),
    ("http://100.64.0.1/", "private"),  # shared by a provider's customers
    ("http://169.254.169.254/latest/meta-data/", "private"),
    ("http://192.0.0.1/", "private"),
    ("http://192.0.2.1/", "private"),
    ("http://192.88.99.1/", "private"),
    ("http://198.18.0.1/", "private"),
    ("http://224.0.0.1/", "private"),
    ("http://239.255.255.250/", "private"),
    ("http://240.0.0.1/", "private"),
    ("http://255.255.255.255/", "private"),
    ("http://[::]/", "private"),
    ("http://[::1]/", "private"),
    ("http://[::127.0.0.1]/", "private"),
    ("http://[::ffff:127.0.0.1]/", "private"),
    ("http://[::ffff:a00:1]/", "private"),
    ("http://[64:ff9b::7f00:1]/", "private"),  # NAT64
    ("http://[64:ff9b:1::7f00:1]/", "private"),
    ("http://[2002:7f00:1::]/", "private"),  # 6to4
    ("http://[2001:0:7f00:1::]/", "private"),  # Teredo
    ("http://[2001:db8::1]/", "private"),
    ("http://[3fff::1]/", "private"),
    ("http://[fc00::1]/", "private"),
    ("http://[fd12:3456::1]/", "private"),
    ("http://[fe80::1]/", "private"),
    ("http://[fec0::1]/", "private"),
    ("http://[ff02::1]/", "private"),
    ("http://[fe80::1%25lo]/", "address"),
    ("http://127.0.0.1./", "address"),
    ("http://example.com./", "address"),
    ("http://example.com../", "address"),
    ("http://user@example.com/", "credentials"),
    ("http://user:word@example.com/", "credentials"),
    ("http://@example.com/", "credentials"),
    ("http://example.com@127.0.0.1/", "credentials"),
    ("http://127.0.0.1\\@example.com/", "address"),
    ("http://127.0.0.1\t/", "address"),
    ("http://example.com/\r\nX: y", "address"),
    ("http://１２７.0.0.1/", "address"),
    ("http://127。0。0。1/", "address"),
    ("//example.com/", "address"),
    ("http:///path", "address"),
    ("example.com", "address"),
    ("", "address"),
    ("ftp://example.com/", "address"),
    ("file:///etc/passwd", "address"),
    ("gopher://example.com/", "address"),
    ("http://example.com:22/", "port"),
    ("http://example.com:6379/", "port"),
    ("http://example.com:0/", "port"),
    ("http://example.com:99999/", "address"),
    ("http://example.com:port/", "address"),
]


@pytest.mark.parametrize(("url", "reason"), HOSTILE)
def test_a_hostile_address_is_refused_when_kept_and_when_called(url, reason, connected):
    for attempt in (
        lambda: check(url, allowed_hosts=()),
        lambda: call("GET", url, allowed_hosts=()),
        lambda: call("GET", url, allowed_hosts=["n8n.lan"]),
    ):
        with pytest.raises(OutgoingRefused) as error:
            attempt()
        assert error.value.reason == reason
    assert connected == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://0x7f.1:443/", "http://user@example.com/", "http://a.:80/"]
)
def test_a_guarded_session_refuses_the_same(url, connected):
    session = requests.Session()
    session.mount("http://127.0.0.1/", requests.adapters.HTTPAdapter())

    with pytest.raises(OutgoingRefused):
        guarded(session, allowed_hosts=()).get(url)

    assert connected == []


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700::1111", "2a00:1450:4007::200e", f"::ffff:{PUBLIC}"])
def test_public_addresses_are_public(address):
    assert addresses.is_public(address)


def test_one_private_address_among_public_ones_refuses_them_all(resolve, connected):
    resolve([PUBLIC, "2606:4700::1111", "10.0.0.7"])

    with pytest.raises(OutgoingRefused) as error:
        call("GET", "http://two.example/", allowed_hosts=())

    assert error.value.reason == "private"
    assert connected == []


def test_a_call_asks_for_a_name_once_and_goes_where_the_answer_led(resolve, connected):
    questions = resolve([PUBLIC], ["127.0.0.1"])

    with pytest.raises(OutgoingFailed):
        call("GET", "https://rebinding.example/", allowed_hosts=())

    assert questions == ["rebinding.example"]
    assert connected == [PUBLIC]


def test_a_name_that_turned_private_since_it_was_kept_is_refused(resolve, connected):
    resolve([PUBLIC], ["127.0.0.1"])
    check("http://rebinding.example/", allowed_hosts=())

    with pytest.raises(OutgoingRefused):
        call("GET", "http://rebinding.example/", allowed_hosts=())

    assert connected == []


def test_every_address_is_tried_until_one_answers(resolve, connected):
    resolve([PUBLIC, "1.1.1.1"])

    with pytest.raises(OutgoingFailed, match="no answer"):
        call("GET", "http://two.example/", allowed_hosts=())

    assert connected == [PUBLIC, "1.1.1.1"]


def test_a_name_without_address_is_no_trace(resolve):
    resolve([])

    with pytest.raises(OutgoingFailed, match="No machine"):
        call("GET", "http://nobody.example/", allowed_hosts=())


def test_a_resolver_that_hangs_is_left_alone(monkeypatch):
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(15) or [])
    monkeypatch.setattr(connections, "CONNECT_SECONDS", 0.2)
    begun = time.monotonic()

    with pytest.raises(OutgoingFailed, match="too long"):
        call("GET", "http://slow.example/", allowed_hosts=())

    assert time.monotonic() - begun < 10


def test_an_allowed_host_is_called_with_what_was_given(serve):
    heard = []
    port = serve(lambda connection, head: (heard.append(head), connection.sendall(OK)))

    got = call(
        "POST",
        f"http://127.0.0.1:{port}/hook?a=1#part",
        json={"lead": 7},
        headers={"X-Mark": "m", "Host": "evil.example", "Connection": "keep-alive"},
        allowed_hosts=["127.0.0.1"],
    )

    head = heard[0].decode()
    assert (got.status, got.body, got.headers["content-length"], got.is_cut) == (200, b"ok", "2", False)
    assert head.startswith("POST /hook?a=1 HTTP/1.1\r\n")
    assert f"\r\nHost: 127.0.0.1:{port}\r\n" in head
    assert "evil" not in head
    assert "X-Mark: m" in head
    assert head.endswith(json.dumps({"lead": 7}))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
@pytest.mark.parametrize("place", ["http://127.0.0.1:{port}/private", "http://169.254.169.254/", "/elsewhere"])
def test_a_redirect_is_a_failure_and_is_not_followed(serve, status, place):
    heard = []

    def handle(connection, head):
        heard.append(head)
        connection.sendall(f"HTTP/1.1 {status} Away\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode())

    port = serve(handle)
    session = guarded(requests.Session(), allowed_hosts=["127.0.0.1"])

    for attempt in (lambda: get(port), lambda: session.get(f"http://127.0.0.1:{port}/")):
        with pytest.raises(OutgoingFailed) as error:
            attempt()
        assert error.value.reason == "redirect"
    assert len(heard) == 2


def test_an_error_of_the_other_side_is_an_answer(serve):
    port = serve(answer(b"HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\noops"))

    assert (get(port).status, get(port).body) == (500, b"oops")


def drip(start, piece):
    def handle(connection, head):
        connection.sendall(start)
        while True:
            connection.sendall(piece)
            time.sleep(0.05)

    return handle


@pytest.mark.parametrize(
    "handle",
    [
        lambda connection, head: time.sleep(3),
        drip(b"", b"H"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"b"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nb\r\n"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silence", "status", "headers", "body", "chunks", "continue"],
)
def test_the_time_of_a_call_ends_however_its_bytes_drip(serve, monkeypatch, handle):
    monkeypatch.setattr("leadhub.outgoing.TOTAL_SECONDS", 0.5)
    port = serve(handle)
    begun = time.monotonic()

    with pytest.raises(OutgoingFailed) as error:
        get(port)

    assert error.value.reason == "timeout"
    assert time.monotonic() - begun < 10


def test_the_time_ends_in_the_handshake_too(serve, monkeypatch):
    monkeypatch.setattr("leadhub.outgoing.TOTAL_SECONDS", 0.5)
    port = serve(drip(b"", b"\x16"))
    begun = time.monotonic()

    with pytest.raises(OutgoingFailed):
        call("GET", f"https://127.0.0.1:{port}/", allowed_hosts=["127.0.0.1"])

    assert time.monotonic() - begun < 10


def test_a_server_that_never_listens_ends_the_time_as_well(serve, monkeypatch):
    monkeypatch.setattr("leadhub.outgoing.TOTAL_SECONDS", 0.5)
    port = serve(lambda connection, head: time.sleep(3))

    with pytest.raises(OutgoingFailed, match="too long"):
        call("POST", f"http://127.0.0.1:{port}/", body=b"x" * 40_000_000, allowed_hosts=["127.0.0.1"])


def test_the_limits_are_those_that_were_promised():
    assert (connections.CONNECT_SECONDS, connections.TOTAL_SECONDS) == (5, 15)


def test_of_a_long_body_only_the_beginning_is_read(serve):
    port = serve(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n" + b"b" * 3_000_000))

    got = get(port)

    assert (len(got.body), got.is_cut) == (64 * 1024, True)
    assert len(get(port, most=50_000_000).body) == 1024 * 1024
    with pytest.raises(OutgoingFailed, match="too much"):
        guarded(requests.Session(), allowed_hosts=["127.0.0.1"]).get(f"http://127.0.0.1:{port}/")


def test_headers_without_end_are_not_read_to_it(serve):
    port = serve(
        answer(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 60_000 + b"\r\n" + (b"Z: " + b"z" * 60_000 + b"\r\n") * 90)
    )

    with pytest.raises(OutgoingFailed) as error:
        get(port)

    assert error.value.reason == "too_long"


def test_a_packed_body_is_not_unpacked(serve):
    port = serve(answer(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"))

    assert get(port).body == b"\x1f\x8b"


@pytest.mark.parametrize("text", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
def test_nonsense_is_a_failure_that_tells_nothing_of_it(serve, text):
    port = serve(answer(text))

    with pytest.raises(OutgoingFailed) as error:
        get(port)

    assert (error.value.reason, str(error.value)) == ("no_answer", str(OutgoingFailed("no_answer")))


def test_proxies_and_passwords_of_the_environment_are_not_used(serve, monkeypatch, tmp_path):
    heard = []
    port = serve(lambda connection, head: (heard.append(head), connection.sendall(OK)))
    proxy = serve(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    session = guarded(requests.Session(), allowed_hosts=["127.0.0.1"])

    assert get(port).body == b"ok"
    assert session.get(f"http://127.0.0.1:{port}/", proxies={"http": f"http://127.0.0.1:{proxy}"}).text == "ok"
    assert b"Authorization" not in heard[1]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """``authority(name)``: a file with a certificate for the name, its key and, as ``.ca``, who signed it."""
    folder = tmp_path_factory.mktemp("authority")
    now = datetime.datetime.now(datetime.UTC)

    def sign(name, key, issuer, issuer_key, is_authority):
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder(issuer or subject, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        builder = builder.add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        if not is_authority:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return builder.sign(issuer_key, hashes.SHA256())

    top_key = ec.generate_private_key(ec.SECP256R1())
    top = sign("Test authority", top_key, None, top_key, True)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(top.public_bytes(pem))

    def issue(name):
        key = ec.generate_private_key(ec.SECP256R1())
        text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (folder / f"{name}.pem").write_bytes(sign(name, key, top.subject, top_key, False).public_bytes(pem) + text)
        return folder / f"{name}.pem"

    issue.ca = folder / "ca.pem"
    return issue


@pytest.fixture
def secure_port(serve, authority):
    """``secure_port("shop.lan", names)``: a TLS server with that certificate; ``names`` gets what it was called."""

    def start(name, names):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority(name))
        context.sni_callback = lambda connection, called, context: names.append(called)
        return serve(lambda connection, head: (names.append(head), connection.sendall(OK)), context)

    return start


@pytest.fixture
def trusted(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    connections._trust.cache_clear()
    yield
    connections._trust.cache_clear()


def test_a_pinned_connection_is_verified_against_the_name_it_was_asked_for(secure_port, resolve, trusted):
    names = []
    port = secure_port("shop.lan", names)
    resolve(["127.0.0.1"])

    got = call("GET", f"https://shop.lan:{port}/", allowed_hosts=["shop.lan"])

    assert got.body == b"ok"
    assert names[0] == "shop.lan"
    assert f"\r\nHost: shop.lan:{port}\r\n".encode() in names[1]


def test_a_certificate_for_another_name_is_refused(secure_port, resolve, trusted):
    names = []
    port = secure_port("other.lan", names)
    resolve(["127.0.0.1"])

    for attempt in (
        lambda url: call("GET", url, allowed_hosts=["shop.lan"]),
        lambda url: guarded(requests.Session(), allowed_hosts=["shop.lan"]).get(url, verify=False),
    ):
        with pytest.raises(OutgoingFailed) as error:
            attempt(f"https://shop.lan:{port}/")
        assert error.value.reason == "certificate"
    assert names == ["shop.lan", "shop.lan"]  # called, and nothing was sent


def test_an_authority_that_nobody_knows_is_refused(secure_port, resolve):
    port = secure_port("shop.lan", [])
    resolve(["127.0.0.1"])

    with pytest.raises(OutgoingFailed) as error:
        call("GET", f"https://shop.lan:{port}/", allowed_hosts=["shop.lan"])

    assert error.value.reason == "certificate"


def test_a_drip_over_tls_ends_too(serve, authority, resolve, trusted, monkeypatch):
    monkeypatch.setattr("leadhub.outgoing.TOTAL_SECONDS", 0.7)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority("shop.lan"))
    port = serve(drip(b"HTTP/1.1 200 OK\r\n\r\n", b"b"), context)
    resolve(["127.0.0.1"])
    begun = time.monotonic()

    with pytest.raises(OutgoingFailed) as error:
        call("GET", f"https://shop.lan:{port}/", allowed_hosts=["shop.lan"])

    assert error.value.reason == "timeout"
    assert time.monotonic() - begun < 10


WAYS_OUT = [
    "import requests",
    "from requests import get",
    "import requests.adapters",
    "import urllib3",
    "from urllib3.util import parse_url",
    "import httpx",
    "import aiohttp",
    "import http.client",
    "from http.client import HTTPConnection",
    "from http import client",
    "import urllib.request",
    "from urllib.request import urlopen",
    "from urllib import request",
    "import socket\n\nsocket.create_connection(('a', 1))",
    "from socket import create_connection",
    "from authlib.integrations.requests_client import OAuth2Session",
    "import authlib.integrations.httpx_client",
]


@pytest.mark.parametrize("code", WAYS_OUT)
@pytest.mark.parametrize("place", ["leads/services.py", "plugins/builtin/radio/__init__.py", "accounts/oidc.py"])
def test_every_other_way_out_is_a_lint_error(code, place):
    assert "TID251" in findings(code, f"leadhub/{place}")


@pytest.mark.parametrize("place", ["leadhub/outgoing/__init__.py", "tests/test_outgoing.py", "tools/assets.py"])
def test_the_guard_itself_tests_and_tools_may(place):
    assert "TID251" not in findings("import requests", place)


def findings(code, place):
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--stdin-filename", place, "-"]
    return subprocess.run(command, input=code, cwd=ROOT, capture_output=True, text=True).stdout


def test_nobody_is_excused_but_the_sign_in_of_other_providers():
    excused = {
        (path.relative_to(ROOT).as_posix(), line.split("#")[0].strip())
        for path in (ROOT / "leadhub").rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"noqa(?!:)|noqa:.*TID", line)
    }

    assert excused == {("leadhub/accounts/oidc.py", "from authlib.integrations.requests_client import OAuth2Session")}
