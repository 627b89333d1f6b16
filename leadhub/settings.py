"""The server's settings, read once at start from ``LEADHUB_*`` variables or an env file.

What a team changes while it works (language, time zone, lists) is in the database, not here.  A wrong value raises
``SettingError`` with one line.  ``docs/settings.md`` lists every setting; a test compares the two.
"""

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from dotenv import dotenv_values
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from leadhub.errors import SettingError

PREFIX = "LEADHUB_"
ENV_FILE = "leadhub.env"
SECRETS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ENCRYPTION_KEYS", "SMTP_URL", "OIDC_CLIENT_SECRET")
ROLES = ("admin", "manager", "agent", "viewer")  # as ``accounts.roles`` has them; a test compares
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Checked values.  Keys that are not set are made by ``keys.py`` (SQLite) or stop the start (server databases)."""

    data_dir: Path = Path("data")
    database_url: str = ""
    redis_url: str = ""
    secret_key: str = ""
    encryption_keys: tuple[str, ...] = ()
    base_url: str = ""
    trusted_proxies: tuple[Network, ...] = ()
    smtp_url: str = ""
    mail_from: str = ""
    plugins_dir: Path | None = None
    safe_mode: bool = False
    outgoing_hosts: tuple[str, ...] = field(default_factory=tuple)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""
    oidc_role_claim: str = "roles"
    oidc_roles: tuple[tuple[str, str], ...] = ()  # (value of the claim, role)

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def oidc_button(self) -> str:
        """What the button of the sign-in page says the provider is called; empty where there is none."""
        return self.oidc_name or urlsplit(self.oidc_issuer).hostname or ""


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; what it leaves open comes from the env file.  Raises ``SettingError``."""
    values = _collect(os.environ if environ is None else environ)
    checked: dict[str, Any] = {}
    for name, text in values.items():
        if name not in READERS:
            known = ", ".join(PREFIX + known_name for known_name in sorted(READERS))
            raise SettingError(f"{PREFIX}{name} is not a setting. There are: {known}.")
        try:
            checked[name.lower()] = READERS[name](text)
        except ValueError as error:
            raise SettingError(f"{PREFIX}{name}: {error}") from None
    settings = Settings(**checked)
    if not settings.database_url:
        path = settings.data_dir.absolute() / "leadhub.sqlite3"
        settings = Settings(**checked | {"database_url": f"sqlite:///{path}"})
    _check_oidc(settings, {name for name in values if name.startswith("OIDC_")})
    return settings


def _check_oidc(settings: Settings, given: set[str]) -> None:
    """Half a sign-in service is none."""
    if not given:
        return
    for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID"):
        if name not in given:
            raise SettingError(f"{PREFIX}{name}: not set, and {PREFIX}{min(given)} needs it.")
    if not settings.base_url:
        raise SettingError(f"{PREFIX}BASE_URL: not set, and {PREFIX}OIDC_ISSUER needs it.")
    issuer = urlsplit(settings.oidc_issuer)
    if issuer.scheme != "https" and issuer.hostname not in settings.outgoing_hosts:
        raise SettingError(f"{PREFIX}OIDC_ISSUER: https://, unless {PREFIX}OUTGOING_HOSTS names its host.")


def _collect(environ: Mapping[str, str]) -> dict[str, str]:
    """Name without prefix -> text, ``*_FILE`` already read."""
    path = environ.get(PREFIX + "ENV_FILE", "")
    if path and (not Path(path).exists() or Path(path).is_dir()):  # /dev/null is an empty one
        raise SettingError(f"{PREFIX}ENV_FILE: there is no file {path}.")
    merged = {**dotenv_values(path or ENV_FILE), **environ}
    values = {
        name.removeprefix(PREFIX): text.strip()
        for name, text in merged.items()
        if name.startswith(PREFIX) and text and not name.startswith(PREFIX + "TEST_")
    }
    values.pop("ENV_FILE", None)
    for secret in SECRETS:
        file = values.pop(f"{secret}_FILE", "")
        if file and secret in values:
            raise SettingError(f"{PREFIX}{secret} and {PREFIX}{secret}_FILE are both set: leave one out.")
        if file:
            values[secret] = _content(secret, Path(file))
    return values


def _content(secret: str, path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingError(f"{PREFIX}{secret}_FILE: {path} can't be read.") from None
    if not text:
        raise SettingError(f"{PREFIX}{secret}_FILE: {path} is empty.")
    return text


def _database_url(text: str) -> str:
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError("not a database address, such as postgresql://user:password@host/name.") from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if url.drivername == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("SQLite needs a file: sqlite:////var/lib/leadhub/leadhub.sqlite3.")
        return text
    raise ValueError(f"{url.drivername} is not a database that LeadHub knows: sqlite or postgresql.")


def _url(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"not an address that begins with {' or '.join(s + '://' for s in schemes)}.")
        _ = parts.port  # raises ValueError where the port is no number
        return text.rstrip("/")

    return read


def _base_url(text: str) -> str:
    url = _url("http", "https")(text)
    parts = urlsplit(url)
    if parts.query or parts.fragment or parts.username:
        raise ValueError("only scheme, host, port and path: https://example.org/crm.")
    return url


def _secret_key(text: str) -> str:
    if len(text) < 32:
        raise ValueError("at least 32 characters: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'.")
    return text


def _encryption_keys(text: str) -> tuple[str, ...]:
    keys = tuple(text.replace(",", " ").split())
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ValueError("each key is 32 bytes in URL-safe base64, the newest first, commas between.") from None
    return keys


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise ValueError("addresses or networks of your proxies: 127.0.0.1, 10.0.0.0/8.") from None


def mailbox(text: str) -> tuple[str, str]:
    """Name (may be empty) and address of ``Name <address>`` or of an address alone.  Raises ``ValueError``."""
    name, bracket, rest = text.strip().rpartition("<")
    address = rest.removesuffix(">") if bracket else text.strip()
    if not text.isprintable() or bool(bracket) != rest.endswith(">") or any(sign in name for sign in '<>"'):
        raise ValueError("an address, or a name and an address: LeadHub <leadhub@example.org>.")
    try:
        checked = validate_email(address, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError("an address, or a name and an address: LeadHub <leadhub@example.org>.") from None
    return name.strip(), checked.ascii_email or address


def _mail_from(text: str) -> str:
    mailbox(text)
    return text


def _smtp_url(text: str) -> str:
    url = _url("smtp", "smtps")(text)
    if urlsplit(url).query not in ("", "tls=required", "tls=off"):
        raise ValueError("behind the question mark only tls=required or tls=off.")
    return url


def _flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("1 or 0.")


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise ValueError(f"there is no folder {text}.")
    return Path(text)


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(host.lower() for host in text.replace(",", " ").split())
    for host in hosts:
        if "/" in host or ":" in host:
            raise ValueError(f"host names only, without scheme or port: {host}.")
    return hosts


def _oidc_roles(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.rpartition("=") for part in text.split(",") if part.strip()]
    roles = tuple((value.strip(), role.strip()) for value, _sign, role in pairs)
    for value, role in roles:
        if not value or role not in ROLES:
            raise ValueError(f"value=role, commas between; the roles are {', '.join(ROLES)}.")
    return roles


READERS: dict[str, Callable[[str], object]] = {
    "BASE_URL": _base_url,
    "DATA_DIR": Path,
    "DATABASE_URL": _database_url,
    "ENCRYPTION_KEYS": _encryption_keys,
    "MAIL_FROM": _mail_from,
    "OIDC_CLIENT_ID": str,
    "OIDC_CLIENT_SECRET": str,
    "OIDC_ISSUER": _base_url,
    "OIDC_NAME": str,
    "OIDC_ROLES": _oidc_roles,
    "OIDC_ROLE_CLAIM": str,
    "OUTGOING_HOSTS": _hosts,
    "PLUGINS_DIR": _folder,
    "REDIS_URL": _url("redis", "rediss"),
    "SAFE_MODE": _flag,
    "SECRET_KEY": _secret_key,
    "SMTP_URL": _smtp_url,
    "TRUSTED_PROXIES": _networks,
}
