"""Mail servers for tests, on free loopback ports, and an authority of our own for their certificates."""

import socket
import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NEVER = "555 never, mr@private.example, says mail.banner.example"
LATER = "451 later, mr@private.example, says mail.banner.example"


class Inbox:
    """Takes mail in.  ``answers``: what to say to RCPT or DATA instead of yes; ``logins``: who tried to log in."""

    def __init__(self, port):
        self.port = port
        self.mails = []
        self.answers = {}
        self.logins = []
        self.password = "pass:word/with@signs"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd's names
        if "RCPT" not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if "DATA" not in self.answers:
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answers.get("DATA", "250 OK")

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password.decode() == self.password, handled=False)


@contextmanager
def running(**options):
    """``with running(tls_context=...) as inbox``: aiosmtpd's options, for STARTTLS, TLS, names and passwords."""
    inbox = Inbox(free_port())
    options.setdefault("authenticator", inbox.authenticate)
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port, **options)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()


@contextmanager
def silent():
    """A port where somebody listens and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Authority:
    """Signs certificates.  ``trust``: who a client believes; ``server(name)``: what a server of that name shows."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = _certificate("Test authority", self.key, self.key.public_key(), is_authority=True)
        self.trust = ssl.create_default_context(cadata=_pem(self.certificate))

    def server(self, name, **changes):
        key = ec.generate_private_key(ec.SECP256R1())
        path = self.folder / f"{name}.pem"
        certificate = _certificate(name, self.key, key.public_key(), **changes)
        path.write_text(_pem(certificate) + _private(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _certificate(name, signer, key, *, is_authority=False, days=2):
    begin = datetime.now(UTC) - timedelta(days=10)
    builder = x509.CertificateBuilder(
        issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")]),
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=begin,
        not_valid_after=datetime.now(UTC) + timedelta(days=days),
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    if not is_authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _private(key):
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
