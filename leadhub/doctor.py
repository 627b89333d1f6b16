"""Looks the hub over and says what is well, what is doubtful, and what must be mended."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from flask import current_app

from leadhub import database
from leadhub.assets import csp_sources
from leadhub.errors import SettingError
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.keys import cipher
from leadhub.plugins.host import current_host
from leadhub.settings import Settings
from leadhub.upgrade import revisions

FINE, DOUBTFUL, PROBLEM = "ok", "warning", "problem"
KEY_WORD = b"leadhub"
NETWORK_DISKS = ("nfs", "cifs", "smb", "fuse.sshfs", "9p")


@dataclass(frozen=True, slots=True)
class Finding:
    """``grade`` is one of ``FINE``, ``DOUBTFUL``, ``PROBLEM``; the text is one line."""

    grade: str
    text: str


def examine(settings: Settings) -> list[Finding]:
    """Every check, in order of what depends on what.  Writes one thing: the word that later proves the keys."""
    findings = [*_folder(settings), *_sqlite(settings)]
    try:
        current, head = revisions()
    except SettingError as error:
        return [*findings, Finding(PROBLEM, str(error))]
    if current != head:
        return [*findings, Finding(PROBLEM, f"The database is at {current or 'nothing'}, the code at {head}.")]
    findings.append(Finding(FINE, f"Database at {head}."))
    return [*findings, *_keys(settings), *_set_up(), *_redis(settings), *_plugins(settings), *_assets()]


def _folder(settings: Settings) -> Iterator[Finding]:
    mode = settings.data_dir.stat().st_mode & 0o077
    if mode:
        yield Finding(DOUBTFUL, f"Other users of this machine can open {settings.data_dir}: chmod 700 it.")
    else:
        yield Finding(FINE, f"Files are kept in {settings.data_dir}.")


def _sqlite(settings: Settings) -> Iterator[Finding]:
    if not settings.is_sqlite:
        return
    version = database.driver_version()
    text = ".".join(str(part) for part in version)
    if database.has_wal_reset_bug(version):
        yield Finding(DOUBTFUL, f"SQLite {text} can damage a file when two processes write (mended in 3.51.3).")
    else:
        yield Finding(FINE, f"SQLite {text}.")
    kind = _disk_kind(os.path.abspath(settings.data_dir))
    if kind.startswith(NETWORK_DISKS):
        yield Finding(PROBLEM, f"The SQLite file is on a network disk ({kind}), where its locks can't be trusted.")


def _disk_kind(path: str) -> str:
    """The file system that the path is on, as /proc/mounts names it; empty where that can't be read."""
    try:
        with open("/proc/mounts", encoding="utf-8") as lines:
            mounts = [line.split()[1:3] for line in lines]
    except OSError:
        return ""
    over = [(point, kind) for point, kind in mounts if os.path.commonpath([point, path]) == point]
    return max(over, key=lambda mount: len(mount[0]))[1] if over else ""


def _keys(settings: Settings) -> Iterator[Finding]:
    row = hub()
    if row.key_check is None:
        row.key_check = cipher(settings).encrypt(KEY_WORD).decode()
        db.session.commit()
    try:
        cipher(settings).decrypt(row.key_check.encode())
    except InvalidToken:
        yield Finding(PROBLEM, "LEADHUB_ENCRYPTION_KEYS lacks the key that this hub was begun with.")
    else:
        yield Finding(FINE, "The encryption keys fit.")


def _set_up() -> Iterator[Finding]:
    if hub().set_up_at is None:
        yield Finding(DOUBTFUL, "Not set up yet: leadhub serve prints the link.")


def _redis(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url:
        return
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        Redis.from_url(settings.redis_url, socket_connect_timeout=2, socket_timeout=2).ping()
    except RedisError as error:
        yield Finding(DOUBTFUL, f"Redis does not answer ({error}); each process counts for itself meanwhile.")
    else:
        yield Finding(FINE, "Redis answers.")


def _plugins(settings: Settings) -> Iterator[Finding]:
    host = current_host()
    mode = " (safe mode: bundled ones only)" if settings.safe_mode else ""
    yield Finding(FINE, f"Plugins: {', '.join(host.names)}{mode}.")
    for name, reason in host.failed.items():
        yield Finding(PROBLEM, f"The plugin “{name}” was left out: {reason}")


def _assets() -> Iterator[Finding]:
    if any(csp_sources(current_app).values()):
        yield Finding(DOUBTFUL, "Pages load libraries from the CDN: make assets keeps them here (needs npm).")
    else:
        yield Finding(FINE, "Pages load nothing from outside.")
