"""What the worker makes of quotations: PDF files, and mails that carry one.  Commits nothing."""

from collections.abc import Iterator
from datetime import timedelta

from flask_babel import lazy_gettext as _l

from leadhub.extensions import db
from leadhub.jobs.registry import N_, GiveUp, Handler, Payload, Periodic
from leadhub.sales.documents import Quotation
from leadhub.sales.quotations import papers, pdf

PDF, TIDY = "sales.pdf", "sales.tidy_papers"
GONE = N_("The quotation is no longer there.")
NO_PDF = N_("PDF files can’t be made on this server.")
TOO_LARGE = N_("The file would be too large.")


def make(payload: Payload) -> Iterator[None]:
    """The file of one quotation as it is now."""
    row = db.session.get(Quotation, payload["quotation"])
    if row is None or row.deleted_at is not None:
        raise GiveUp(GONE)
    if not pdf.works():
        raise GiveUp(NO_PDF)
    html = pdf.html_of(row)
    path = papers.path_of(html)
    yield  # drawing may take seconds, in which no transaction is open
    if not path.exists():
        content = pdf.made_of(html)
        if len(content) > pdf.FILE_MAX:
            raise GiveUp(TOO_LARGE)
        papers.keep(path, content)


def tidy(payload: Payload) -> Iterator[None]:
    yield
    papers.tidy()


HANDLERS = {
    PDF: Handler(run=make, label=_l("Make the PDF of a quotation")),
    TIDY: Handler(run=tidy, label=_l("Delete PDF files that are old")),
}
PERIODIC = (Periodic(kind=TIDY, every=timedelta(days=1), offset=timedelta(hours=4)),)
