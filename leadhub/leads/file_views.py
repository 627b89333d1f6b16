"""The files of leads, as downloads and as nothing else: no browser shows one as a page of ours."""

from pathlib import Path

import structlog
from flask import Blueprint, Response, current_app, request, send_file
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import READ_LEADS, WRITE_LEADS
from leadhub.database import ID_MAX
from leadhub.extensions import db
from leadhub.leads import files
from leadhub.leads.file_kinds import clean_name
from leadhub.leads.models import LeadFile

bp = Blueprint("files", __name__, url_prefix="/leads/files")
FILE_ENDPOINTS = {"activities.create"}  # that take files
BODY_MAX = files.FILES_MAX * files.FILE_MAX + files.MB  # bytes
PARTS_MAX = files.FILES_MAX + 50  # each may hold half a megabyte of memory before it goes to the disk
POLICY = "default-src 'none'; sandbox; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
log = structlog.get_logger()


def allow_files() -> None:
    """Read the body of what may bring files, a larger one for those who may write.  Goes before whatever reads a body.

    Only a body in parts: every other one is read into memory whole.
    """
    if request.method != "POST" or request.endpoint not in FILE_ENDPOINTS:
        return
    if request.mimetype != "multipart/form-data":
        return
    if current_user.is_authenticated and current_user.may(WRITE_LEADS):
        request.max_content_length = BODY_MAX
        request.max_form_parts = PARTS_MAX
    db.session.rollback()  # a body may be minutes on its way, and nobody's turn to write should wait for that
    with files.no_more_than_fits():
        request.get_data(parse_form_data=True)


@bp.get(f"/<int(max={ID_MAX}):id>")
@needs(READ_LEADS)
def show(id: int) -> Response:
    file = files.file_seen_by(current_user, id) or not_there("file", id)
    try:
        answer = _download(file)
    except FileNotFoundError:
        log.error("a file of a lead is not on the disk", id=id)
        raise files.FileGone(_("This file is no longer on the server. An admin may have it in a backup.")) from None
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def _download(file: LeadFile) -> Response:
    return send_file(
        files.path_of(folder(), file.stored),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=clean_name(file.name),  # a row may come from a stranger's backup
        etag=file.sha256,
    )


def folder() -> Path:
    """Of this hub's files."""
    return files.files_folder(Path(current_app.extensions["leadhub"]["settings"].data_dir))
