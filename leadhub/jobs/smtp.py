"""Hands one mail to a mail server.  Of what goes wrong, the reason is told, never an address or the server's words."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from functools import cache
from ipaddress import ip_address
from threading import Timer
from typing import Any

import certifi

from leadhub.jobs.mail_server import IF_OFFERED, PORTS, STARTTLS, TLS, MailServer, current_settings
from leadhub.jobs.registry import GiveUp, NotNow
from leadhub.outgoing import OutgoingError
from leadhub.outgoing.addresses import allowed_addresses
from leadhub.settings import mailbox

N_ = str  # marks for translation: the reason is kept in English, and the page that shows it translates
SECONDS = 15.0  # for each answer
WHOLE_SECONDS = 60.0  # for the whole conversation: a drip of bytes keeps nobody waiting
LOOKUP_SECONDS = 5.0
PRIVATE = N_("The server’s address leads into a private network. LEADHUB_OUTGOING_HOSTS can allow its host.")
PORT = N_("A mail server is called at port 25, 465, 587 or 2525.")
UNKNOWN_HOST = N_("There is no mail server of that name.")
UNREACHABLE = N_("No connection came about: is the port right?")
NO_ANSWER = N_("No answer within 15 seconds.")
HUNG_UP = N_("The server ended the connection too early.")
NO_MAIL_SERVER = N_("What answers there is no mail server.")
BUSY = N_("The server takes no mail at the moment.")
WRONG_NAME = N_("Its certificate is not valid for that name.")
EXPIRED = N_("Its certificate has expired.")
UNTRUSTED = N_("Its certificate comes from nobody who is trusted here.")
NO_TLS = N_("The server offers no encryption.")
TLS_FAILED = N_("No encrypted connection came about: are port and encryption right?")
WRONG_PASSWORD = N_("The server refused the name and password.")
NO_LOGIN = N_("The server asks for no name and password, or for another kind.")
IN_CLEAR = N_("A name and a password are sent over an encrypted connection only.")
NO_SUCH_RECIPIENT = N_("The server takes no mail for this address.")
NOT_THIS_SENDER = N_("The server takes no mail from this sender.")
REFUSED = N_("The server refused the mail.")
AWAY = (NO_ANSWER, UNREACHABLE)  # no mail fares better then
CERTIFICATE_FAULTS = {10: EXPIRED, 62: WRONG_NAME, 64: WRONG_NAME}  # X509_V_ERR_... of OpenSSL's x509_vfy.h


def post(message: EmailMessage, server: MailServer, to: str, *, trust: ssl.SSLContext | None = None) -> None:
    """Send the mail to one address.  ``trust`` knows the authorities that certificates may come from.

    Raises ``GiveUp`` where the server refuses this mail for good, ``NotNow`` for all else that goes wrong.
    """
    with _conversation(server, trust or _authorities()) as connection:
        try:
            connection.send_message(message, mailbox(server.sender)[1], [to])
        except smtplib.SMTPRecipientsRefused as error:
            _refuse(min(code for code, _ in error.recipients.values()), NO_SUCH_RECIPIENT)
        except smtplib.SMTPSenderRefused as error:
            _refuse(error.smtp_code, NOT_THIS_SENDER)
        except smtplib.SMTPDataError as error:
            _refuse(error.smtp_code, REFUSED)
        except smtplib.SMTPNotSupportedError:  # an address beyond ASCII, and a server that knows no other
            raise GiveUp(NO_SUCH_RECIPIENT) from None


def check(server: MailServer) -> None:
    """For the page that stores a server: would ``post`` try it now?  Looks its name up, no more.  Raises ``NotNow``."""
    _addresses(server)


@cache
def _authorities() -> ssl.SSLContext:
    """The system's (``SSL_CERT_FILE`` names other ones) and those of the web."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _refuse(code: int, reason: str) -> None:
    raise (GiveUp(reason) if code >= 500 else NotNow(BUSY)) from None


@contextmanager
def _conversation(server: MailServer, trust: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """A server that has taken our name and password, where there are any."""
    connection = _Connection(server, trust)
    limit = Timer(WHOLE_SECONDS, connection.cut)
    limit.daemon = True
    limit.start()
    try:
        connection.open()
        yield connection
        with suppress(smtplib.SMTPException, OSError):  # the mail is the server's by now
            connection.quit()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        reason = _reason(error)
        raise NotNow(reason, for_all=reason in AWAY) from None
    finally:
        limit.cancel()
        connection.close()


class _Connection(smtplib.SMTP):
    """A connection to the addresses that were checked, while the certificate is that of the name."""

    def __init__(self, server: MailServer, trust: ssl.SSLContext) -> None:
        super().__init__(local_hostname=mailbox(server.sender)[1].rpartition("@")[2], timeout=SECONDS)
        self.server = server
        self.trust = trust
        self._host = server.host  # the name that STARTTLS expects in the certificate

    def open(self) -> None:
        server = self.server
        self.connect(server.host, server.port)
        self.ehlo_or_helo_if_needed()
        if server.encryption == STARTTLS or (server.encryption == IF_OFFERED and self.has_extn("starttls")):
            if not self.has_extn("starttls"):
                raise NotNow(NO_TLS)
            self.starttls(context=self.trust)
            self.ehlo_or_helo_if_needed()
        if server.user:
            self._log_in()

    def cut(self) -> None:
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    def _log_in(self) -> None:
        if not isinstance(self.sock, ssl.SSLSocket) and not _is_loopback(self.sock):
            raise NotNow(IN_CLEAR)
        try:
            self.login(self.server.user, self.server.password)
        except smtplib.SMTPAuthenticationError as error:
            raise NotNow(WRONG_PASSWORD if error.smtp_code >= 500 else BUSY) from None
        except UnicodeEncodeError:  # smtplib sends ASCII only
            raise NotNow(WRONG_PASSWORD) from None
        except smtplib.SMTPException as error:
            if type(error) in (smtplib.SMTPException, smtplib.SMTPNotSupportedError):  # no way of logging in that fits
                raise NotNow(NO_LOGIN) from None
            raise

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = _connected(_addresses(self.server), timeout)
        if self.server.encryption != TLS:
            return plain
        try:
            return self.trust.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


def _addresses(server: MailServer) -> list[tuple[int, Any]]:
    """(Family, socket address) of all that the name leads to; those of a server set in the browser are judged."""
    is_allowed = server.is_trusted or server.host in current_settings().outgoing_hosts
    if server.port not in PORTS and not is_allowed:
        raise NotNow(PORT)
    try:
        return allowed_addresses(server.host, server.port, is_allowed, LOOKUP_SECONDS)
    except OutgoingError as error:
        raise NotNow({"private": PRIVATE, "timeout": NO_ANSWER}.get(error.reason, UNKNOWN_HOST)) from None


def _connected(addresses: list[tuple[int, Any]], timeout: float) -> socket.socket:
    """A connection to the first that answers; each has its share of the time."""
    failure: OSError | None = None
    for family, address in addresses:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(timeout / len(addresses))
        try:
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            sock.settimeout(timeout)
            return sock
    raise failure or OSError


def _is_loopback(sock: socket.socket | None) -> bool:
    return sock is not None and ip_address(sock.getpeername()[0]).is_loopback


def _reason(error: Exception) -> str:
    """What to tell of a conversation that broke off."""
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):  # smtplib wraps it
        return NO_ANSWER
    if isinstance(error, ssl.SSLCertVerificationError):
        return CERTIFICATE_FAULTS.get(error.verify_code, UNTRUSTED)
    if isinstance(error, ssl.SSLError):
        return TLS_FAILED
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return HUNG_UP
    if isinstance(error, smtplib.SMTPResponseException):
        return BUSY if 400 <= error.smtp_code < 500 else NO_MAIL_SERVER
    return NO_MAIL_SERVER if isinstance(error, (smtplib.SMTPException, ValueError)) else UNREACHABLE
