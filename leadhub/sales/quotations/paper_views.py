"""A quotation on paper: the page for the printer, and the PDF file that the worker makes."""

import secrets
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, make_response, redirect, render_template, request, send_file, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import READ_LEADS
from leadhub.database import ID_MAX, utcnow
from leadhub.extensions import db
from leadhub.jobs.models import Effect
from leadhub.jobs.queries import SILENT, last_seen
from leadhub.jobs.services import enqueue
from leadhub.sales.documents import Quotation
from leadhub.sales.quotations import paper_jobs, papers, pdf, sheets
from leadhub.sales.quotations.queries import quotation_seen_by
from leadhub.web import respond

bp = Blueprint("quotation_papers", __name__, url_prefix="/quotations")
QUOTATION = f"/<int(max={ID_MAX}):id>"
bp.add_app_template_global(sheets.sheet, "document_sheet")
bp.add_app_template_global(lambda: pdf.works(), "makes_pdf")
for written in (sheets.minor, sheets.price, sheets.percent, sheets.day_in_words, sheets.siren):
    bp.add_app_template_filter(written)


@bp.get(f"{QUOTATION}/print")
@needs(READ_LEADS)
def print_(id: int) -> Response:
    row = own_one(id)
    with force_locale(sheets.language_of(row)):
        return make_response(render_template("sales/quotations/print.html", **sheets.words_of(row)))


@bp.get(f"{QUOTATION}/pdf")
@needs(READ_LEADS)
def pdf_(id: int) -> Response:
    """How far the file is; ``job`` names who makes it."""
    row = own_one(id)
    _refuse_without()
    is_there = papers.path_of(pdf.html_of(row)).exists()
    job = None if is_there else _job(request.args.get("job", ""))
    seen = last_seen() if job else None
    context: dict[str, Any] = {"nobody_works": job is not None and (seen is None or seen < utcnow() - SILENT)}
    context |= {"quotation": row, "is_there": is_there, "job": job, "reason": _(job.error) if job and job.error else ""}
    return respond("sales/quotations/pdf.html", partial="sales/quotations/_pdf.html", **context)


@bp.post(f"{QUOTATION}/pdf")
@needs(READ_LEADS)
def make_pdf(id: int) -> Response:
    row = own_one(id)
    _refuse_without()
    if papers.path_of(pdf.html_of(row)).exists():
        return redirect(url_for("quotation_papers.pdf_", id=id), 303)
    token = secrets.token_hex(8)
    enqueue(paper_jobs.PDF, {"quotation": row.id}, key=_key(token))
    db.session.commit()
    return redirect(url_for("quotation_papers.pdf_", id=id, job=token), 303)


@bp.get(f"{QUOTATION}/pdf/file")
@needs(READ_LEADS)
def download(id: int) -> Response:
    row = own_one(id)
    path = papers.path_of(pdf.html_of(row))
    if not path.exists():
        abort(404)
    return send_file(path, mimetype="application/pdf", as_attachment=True, download_name=sheets.file_name_of(row))


def own_one(quotation_id: int) -> Quotation:
    """One that LeadHub wrote, and that whoever is signed in may see."""
    row = quotation_seen_by(current_user, quotation_id)
    return row if row and row.is_own else not_there("quotation", quotation_id)


def _refuse_without() -> None:
    if not pdf.works():
        abort(404)


def _key(token: str) -> str:
    return f"sales.pdf.{token}"


def _job(token: str) -> Effect | None:
    wanted = sa.select(Effect).where(Effect.kind == paper_jobs.PDF, Effect.dedupe_key == _key(token))
    return db.session.scalar(wanted) if token else None
