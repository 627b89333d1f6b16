"""The list as a file: CSV and Excel, sent while it is read."""

from collections.abc import Iterable, Iterator
from itertools import chain

from flask import Blueprint, Flask, Response, current_app
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs, note_export
from leadhub.accounts.roles import EXPORT_LEADS
from leadhub.database import bounded, reading, utcnow
from leadhub.extensions import db
from leadhub.hub.queries import local
from leadhub.leads.listing.asking import asked, asked_state
from leadhub.leads.listing.export import Export
from leadhub.leads.listing.totals import total_of
from leadhub.tables import Rows, Workbook, csv_pieces
from leadhub.web import language

bp = Blueprint("leads_export", __name__, url_prefix="/leads")
WHAT, EVERYTHING = "what", "all"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
QUERY_KEPT = 1000  # characters, in the audit log


@bp.get("/export.csv")
@needs(EXPORT_LEADS)
def as_csv() -> Response:
    export = _asked_for()
    separator = ";" if language() == "fr" else ","
    pieces = csv_pieces(chain([[export.heads]], _blocks(export)), separator=separator)
    return _download(export, "csv", "text/csv; charset=utf-8", pieces)


@bp.get("/export.xlsx")
@needs(EXPORT_LEADS)
def as_workbook() -> Response:
    export = _asked_for()
    pieces = Workbook(_("Leads"), export.heads).pieces(_blocks(export))
    return _download(export, "xlsx", WORKBOOK, pieces)


def _asked_for() -> Export:
    """The list of the address; ``what=all`` has every field."""
    told = asked()
    everything = EVERYTHING in told.pop(WHAT, ())
    return Export.of(current_user, asked_state(told), everything=everything)


def _blocks(export: Export) -> Iterator[Rows]:
    """Each block in a session and a short transaction of its own: the request's are over by then, nobody waits for a
    slow reader, and one who goes away leaves nothing open."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    blocks = export.blocks()

    def apart() -> Iterator[Rows]:
        while True:
            with app.app_context(), reading(db.session):
                block = next(blocks, None)
            if block is None:
                return
            yield block

    return apart()


def _download(export: Export, format: str, type: str, pieces: Iterable[str] | Iterable[bytes]) -> Response:
    """Noted before the first row is sent; how many there are is counted beforehand."""
    name = f"{_('leads-%(day)s', day=local(utcnow()).date().isoformat())}.{format}"
    with bounded(db.session):
        rows = total_of(current_user, export.state)
    note_export(name, rows=rows, query=export.state.query[:QUERY_KEPT] or None)
    answer = Response(pieces, content_type=type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
