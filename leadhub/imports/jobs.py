"""What the worker does for imports by web.  Commits nothing: the worker does, at each ``yield``.

Whatever a person reads is made in that person's language, which is forced between two yields and never over one.
"""

from collections.abc import Generator, Iterator
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import UserError
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.imports import queries, services, steps, uploads
from leadhub.imports.models import PAUSED, READING, READY, RUNNING, Import
from leadhub.imports.refusals import UnreadableFile
from leadhub.jobs import models as effects
from leadhub.jobs.models import Effect
from leadhub.jobs.registry import Handler, Payload, Periodic

KEPT = {READING: timedelta(days=7), READY: timedelta(days=7), PAUSED: timedelta(days=30)}
"""How long a file waits for somebody to go on with it, counted from when it was sent."""


def read(payload: Payload) -> Iterator[None]:
    """Find out what the columns of a file are, for the person to look at."""
    import_ = queries.import_in(payload["import_id"], READING, 0)
    if import_ is None:
        return
    import_id, name, failed = import_.id, import_.file, False
    with force_locale(_language_of(import_)):
        try:
            file = _recognised(import_)
            if not file.size:
                raise UnreadableFile(_("This file holds no rows below its header."))
        except UserError as error:
            failed = steps.fail(import_id, 0, str(error))
        else:
            steps.recognised(import_id, file)
    if failed:
        yield
        uploads.remove(name)


def take_in(payload: Payload) -> Iterator[None]:
    """Take a file in, block by block, from where the last run came to.

    A block, its counts and the place behind it are committed together, so that the process may die anywhere.
    """
    import_ = queries.import_in(payload["import_id"], RUNNING, payload["run"])
    if import_ is None:
        return
    name = import_.file
    ended = yield from _blocks(import_)
    if ended:
        yield
        uploads.remove(name)


def tidy(payload: Payload) -> Iterator[None]:
    """Cancel what nobody went on with, end what nothing works on, and delete files that no import needs."""
    names = []
    for state, time in KEPT.items():
        left = sa.select(Import).where(Import.state == state, Import.created_at < utcnow() - time)
        for import_ in db.session.scalars(left).all():
            names.append(import_.file)
            with force_locale(_language_of(import_)):
                steps.cancel(import_.id, _("Nobody went on with this import, so its file was deleted."))
    for import_ in db.session.scalars(_stranded()).all():
        names.append(import_.file)
        _fail(import_, import_.run)
    yield
    for name in names:
        uploads.remove(name)
    uploads.remove_strays(queries.kept_files())


def gave_up(payload: Payload) -> None:
    """The last try failed: the person is told, and no longer waits."""
    state, run = (RUNNING, payload["run"]) if "run" in payload else (READING, 0)
    import_ = queries.import_in(payload["import_id"], state, run)
    if import_ is None:
        return
    name = import_.file
    _fail(import_, run)
    uploads.remove(name)


HANDLERS = {
    "imports.read": Handler(run=read, label=_l("Look at a file of leads"), gave_up=gave_up),
    "imports.take_in": Handler(run=take_in, label=_l("Take in a file of leads"), gave_up=gave_up, is_long=True),
    "imports.tidy": Handler(run=tidy, label=_l("Delete files that no import needs")),
}
PERIODIC = (Periodic(kind="imports.tidy", every=timedelta(days=1), offset=timedelta(hours=3)),)


def _blocks(import_: Import) -> Generator[None, None, bool]:
    """True where the import ended here, False where somebody stopped it or another run took over."""
    import_id, run, by_id, language = import_.id, import_.run, import_.by_id, _language_of(import_)
    position, refused = import_.position, import_.refused
    with force_locale(language):
        try:
            file = _recognised(import_)
        except UserError as error:
            return steps.fail(import_id, run, str(error))
        if not position:
            steps.reread(import_id, run, file)
    yield
    blocks = services.blocks(file, position)
    while True:
        with force_locale(language):
            block = next(blocks, None)
            if block is None:
                return steps.finish(import_id, run)
            report = services.Report()
            services.take_in(file, block, report, by=db.session.get(User, by_id))
            if not steps.advance(import_id, run, position, report, refused):
                db.session.rollback()
                return False
        position, refused = position + report.read, refused + report.refused
        yield


def _stranded() -> sa.Select[Import]:
    """Those that wait for an effect that is not there, or gave up without a word."""
    of_all = sa.literal("import:") + sa.cast(Import.id, sa.String)
    key = sa.case((Import.state == RUNNING, of_all + ":" + sa.cast(Import.run, sa.String)), else_=of_all)
    works = sa.exists().where(Effect.dedupe_key == key, Effect.state.in_((effects.WAITING, effects.RUNNING)))
    return sa.select(Import).where(Import.state.in_((READING, RUNNING)), ~works)


def _fail(import_: Import, run: int) -> None:
    with force_locale(_language_of(import_)):
        reason = _("Something went wrong on our side, again and again. The server’s log says more.")
        steps.fail(import_.id, run, reason)


def _recognised(import_: Import) -> services.FileImport:
    path = uploads.path_of(import_.file)
    if not path.is_file():
        raise UnreadableFile(_("The file is no longer on the server. Send it again."))
    return services.recognise(path, import_.forced, None)


def _language_of(import_: Import) -> str:
    return import_.by.language or hub().language
