"""Looks the hub over and says what is well, what is doubtful, and what must be mended."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext

from leadhub import database
from leadhub.assets import csp_sources
from leadhub.errors import SettingError
from leadhub.hub.queries import hub
from leadhub.jobs.mail_server import current_server
from leadhub.keys import fits
from leadhub.leads import files
from leadhub.plugins.host import current_host
from leadhub.sales.quotations import pdf
from leadhub.settings import Settings
from leadhub.statuses.health import Broken, broken_bindings
from leadhub.upgrade import revisions

FINE, DOUBTFUL, PROBLEM = "ok", "warning", "problem"
FILES_LOOKED_FOR = 5000  # the newest: the page of the diagnosis has no time for more
NETWORK_DISKS = ("nfs", "cifs", "smb", "fuse.sshfs", "9p")


@dataclass(frozen=True, slots=True)
class Finding:
    """``grade`` is one of ``FINE``, ``DOUBTFUL``, ``PROBLEM``; the text is one line.  ``broken`` is what can be mended
    in the browser."""

    grade: str
    text: str
    broken: Broken | None = None


def examine(settings: Settings) -> list[Finding]:
    """Every check, in order of what depends on what.  Nothing here writes."""
    findings = [*_folder(settings), *_sqlite(settings)]
    try:
        current, head = revisions()
    except SettingError as error:
        return [*findings, Finding(PROBLEM, str(error))]
    if current != head:
        return [
            *findings,
            Finding(
                PROBLEM, _("The database is at %(current)s, the code at %(head)s.", current=current or "–", head=head)
            ),
        ]
    findings.append(Finding(FINE, _("Database at %(head)s.", head=head)))
    return [
        *findings,
        *_keys(settings),
        *_set_up(),
        *_proxies(settings),
        *_redis(settings),
        *_mail(),
        *_pdf(),
        *_files(settings),
        *_plugins(settings),
        *_bindings(),
        *_assets(),
    ]


def _folder(settings: Settings) -> Iterator[Finding]:
    mode = settings.data_dir.stat().st_mode & 0o077
    if mode:
        yield Finding(
            DOUBTFUL, _("Other users of this machine can open %(folder)s: chmod 700 it.", folder=settings.data_dir)
        )
    else:
        yield Finding(FINE, _("Files are kept in %(folder)s.", folder=settings.data_dir))


def _sqlite(settings: Settings) -> Iterator[Finding]:
    if not settings.is_sqlite:
        return
    version = database.driver_version()
    text = ".".join(str(part) for part in version)
    if database.has_wal_reset_bug(version):
        yield Finding(
            DOUBTFUL,
            _("SQLite %(version)s can damage a file when two processes write (mended in 3.51.3).", version=text),
        )
    else:
        yield Finding(FINE, _("SQLite %(version)s.", version=text))
    kind = _disk_kind(os.path.abspath(settings.data_dir))
    if kind.startswith(NETWORK_DISKS):
        yield Finding(
            PROBLEM, _("The SQLite file is on a network disk (%(kind)s), where its locks can’t be trusted.", kind=kind)
        )


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
    if fits(settings, hub().key_check):
        yield Finding(FINE, _("The encryption keys fit."))
    else:
        yield Finding(PROBLEM, _("LEADHUB_ENCRYPTION_KEYS lacks the key that this hub was begun with."))


def _set_up() -> Iterator[Finding]:
    if hub().set_up_at is None:
        yield Finding(DOUBTFUL, _("Not set up yet: leadhub serve prints the link."))


def _proxies(settings: Settings) -> Iterator[Finding]:
    if settings.base_url.startswith("https://") and not settings.trusted_proxies:
        text = _("LEADHUB_TRUSTED_PROXIES is empty: behind a proxy, all callers count as one, and are shut out as one.")
        yield Finding(DOUBTFUL, text)


def _redis(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url:
        return
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        Redis.from_url(settings.redis_url, socket_connect_timeout=2, socket_timeout=2).ping()
    except RedisError as error:
        yield Finding(
            DOUBTFUL, _("Redis does not answer (%(reason)s). Nothing stops meanwhile.", reason=type(error).__name__)
        )
    else:
        yield Finding(FINE, _("Redis answers."))


def _mail() -> Iterator[Finding]:
    server = current_server()
    if server is None:
        yield Finding(DOUBTFUL, _("No mail server: admins hand links for new passwords over themselves."))
    elif not server.sender:
        yield Finding(DOUBTFUL, _("LEADHUB_MAIL_FROM is not set, and no mail is sent without a sender."))
    else:
        yield Finding(FINE, _("Mail goes through %(host)s.", host=server.host))


def _pdf() -> Iterator[Finding]:
    if not pdf.is_installed():
        yield Finding(FINE, _("No PDF files of quotations: leadhub[pdf] is not installed. They can be printed."))
    elif missing := pdf.missing_libraries():
        text = _(
            "No PDF files of quotations: %(files)s is missing. On Debian: apt install %(packages)s",
            files=missing[0], packages=pdf.PACKAGES,
        )  # fmt: skip
        yield Finding(DOUBTFUL, text)
    else:
        yield Finding(FINE, _("PDF files of quotations can be made."))


def _files(settings: Settings) -> Iterator[Finding]:
    lost = files.lost_among_newest(files.files_folder(settings.data_dir), FILES_LOOKED_FOR)
    if lost:
        text = ngettext(
            "%(num)d file of a lead is not on the disk: put it back into %(folder)s from a backup.",
            "%(num)d files of leads are not on the disk: put them back into %(folder)s from a backup.",
            lost,
            folder=files.files_folder(settings.data_dir),
        )
        yield Finding(DOUBTFUL, text)


def _plugins(settings: Settings) -> Iterator[Finding]:
    host = current_host()
    yield Finding(FINE, _("Plugins: %(names)s.", names=", ".join(host.names)))
    if settings.safe_mode:
        yield Finding(DOUBTFUL, _("Safe mode: bundled plugins only."))
    for name, reason in host.failed.items():
        yield Finding(PROBLEM, _("The plugin “%(name)s” was left out: %(reason)s", name=name, reason=reason))


def _bindings() -> Iterator[Finding]:
    """What names a status, an action or a plugin that is not there: *Settings > Diagnostic* mends it."""
    for broken in broken_bindings():
        yield Finding(PROBLEM, broken.text, broken)


def _assets() -> Iterator[Finding]:
    if any(csp_sources(current_app).values()):
        yield Finding(DOUBTFUL, _("Pages load libraries from the CDN: make assets keeps them here (needs npm)."))
    else:
        yield Finding(FINE, _("Pages load nothing from outside."))
