"""Which mail server the hub uses: the one of the server's settings, else the one of *Settings > E-mail*.

As text it is ``smtp://user:password@host:port`` or ``smtps://`` (TLS from the first byte).  Behind ``smtp://``,
``?tls=required`` insists on STARTTLS and ``?tls=off`` does without; else it is used where the server offers it.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, unquote, urlsplit

from cryptography.fernet import InvalidToken
from flask import current_app

from leadhub.hub.queries import hub
from leadhub.keys import cipher
from leadhub.settings import Settings, mailbox

TLS, STARTTLS, IF_OFFERED, NONE = "tls", "starttls", "if_offered", "none"
PORTS = (25, 465, 587, 2525)
"""Where mail servers listen.  A server set in the browser has one of these, unless its host is allowed by name."""


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where mail goes and whose it is.  ``sender`` is an address or ``Name <address>``, and empty where it is unknown.

    ``is_trusted``: set on the server itself, so that it may be a private host.
    """

    host: str
    port: int
    encryption: str
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    is_trusted: bool = False


def current_server() -> MailServer | None:
    """The one in use, if there is one."""
    settings = current_settings()
    if not settings.smtp_url:
        return kept_server()
    return read_url(settings.smtp_url, sender=settings.mail_from, is_trusted=True)


def kept_server() -> MailServer | None:
    """The one of *Settings > E-mail*; None too where it can't be decrypted with today's keys."""
    row = hub()
    if not row.mail_server:
        return None
    try:
        url = cipher(current_settings()).decrypt(row.mail_server.encode()).decode()
    except InvalidToken:
        return None
    return read_url(url, sender=row.mail_from)


def keep_server(server: MailServer) -> None:
    """Use this one from now on.  Commits nothing."""
    row = hub()
    row.mail_server = cipher(current_settings()).encrypt(url_of(server).encode()).decode()
    row.mail_from = server.sender


def forget_server() -> None:
    """Send no mail any more.  Commits nothing."""
    hub().mail_server = None


def read_url(url: str, *, sender: str, is_trusted: bool = False) -> MailServer:
    """The server of an address that ``settings.py`` or ``url_of`` has checked.

    Without a sender, the user name is taken where it is an address.
    """
    parts = urlsplit(url)
    user, is_tls = unquote(parts.username or ""), parts.scheme == "smtps"
    wish = parse_qs(parts.query).get("tls", [""])[0]
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or (465 if is_tls else 25),
        encryption=TLS if is_tls else {"required": STARTTLS, "off": NONE}.get(wish, IF_OFFERED),
        user=user,
        password=unquote(parts.password or ""),
        sender=sender or (user if _is_address(user) else ""),
        is_trusted=is_trusted,
    )


def url_of(server: MailServer) -> str:
    host = f"[{server.host}]" if ":" in server.host else server.host
    login = f"{quote(server.user, safe='')}:{quote(server.password, safe='')}@" if server.user else ""
    wish = {STARTTLS: "?tls=required", NONE: "?tls=off"}.get(server.encryption, "")
    return f"{'smtps' if server.encryption == TLS else 'smtp'}://{login}{host}:{server.port}{wish}"


def current_settings() -> Settings:
    settings: Settings = current_app.extensions["leadhub"]["settings"]
    return settings


def _is_address(text: str) -> bool:
    try:
        return bool(mailbox(text))
    except ValueError:
        return False
