"""Pages of imports: send a file, look at its columns, start, watch, stop."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts import audit
from leadhub.accounts.access import needs, not_there, note_export
from leadhub.accounts.roles import IMPORT_LEADS
from leadhub.database import ID_MAX, utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.imports import queries, steps, uploads
from leadhub.imports.forms import StartForm, UploadForm
from leadhub.imports.models import READY, WORKING, Import
from leadhub.imports.words import meaning_of
from leadhub.jobs.queries import SILENT, last_seen
from leadhub.tables import as_csv
from leadhub.web import language, respond

bp = Blueprint("imports", __name__, url_prefix="/imports")
IMPORT = f"<int(max={ID_MAX}):id>"
REFUSALS_SHOWN = 20


def allow_upload() -> None:
    """Read the body of an import, a larger one for those who may import.  Goes before whatever reads a body."""
    if request.method != "POST" or request.endpoint != "imports.create":
        return
    if current_user.is_authenticated and current_user.may(IMPORT_LEADS):
        request.max_content_length = uploads.UPLOAD_MAX
    db.session.rollback()  # a body may be minutes on its way, and nobody's turn to write should wait for that
    with uploads.no_more_than_fits():
        request.get_data(parse_form_data=True)


@bp.get("")
@needs(IMPORT_LEADS)
def index():
    return _index(UploadForm())


@bp.post("")
@needs(IMPORT_LEADS)
def create():
    form = UploadForm()
    if form.validate_on_submit():
        sent = form.file.data
        db.session.rollback()  # nor for the disk
        try:
            import_ = steps.send(sent.stream, sent.filename, by=current_user)
        except RuleBroken as error:
            form.file.errors = [str(error)]
            return _index(form, status=507 if isinstance(error, uploads.NoRoom) else 422)
        with uploads.removed_if_it_fails(import_.file):
            db.session.commit()
        return redirect(url_for("imports.show", id=import_.id), 303)
    return _index(form, status=422)


@bp.get(f"/{IMPORT}")
@needs(IMPORT_LEADS)
def show(id: int):
    return _page(_import(id))


@bp.get(f"/{IMPORT}/progress")
@needs(IMPORT_LEADS)
def progress(id: int):
    return _page(_import(id))


@bp.post(f"/{IMPORT}/start")
@needs(IMPORT_LEADS)
def start(id: int):
    import_ = _import(id)
    if import_.state != READY:
        raise steps.OutOfStep(_("This import has moved on meanwhile. Nothing was changed."))
    form = StartForm.of(import_)
    if not form.validate_on_submit():
        return _page(import_, form, status=422)
    steps.start(import_.id, form.forced())
    audit.record("import", user=current_user, id=import_.id)
    return _back(import_)


@bp.post(f"/{IMPORT}/pause")
@needs(IMPORT_LEADS)
def pause(id: int):
    import_ = _import(id)
    steps.pause(import_.id)
    return _back(import_)


@bp.post(f"/{IMPORT}/resume")
@needs(IMPORT_LEADS)
def resume(id: int):
    import_ = _import(id)
    steps.resume(import_.id)
    return _back(import_)


@bp.post(f"/{IMPORT}/cancel")
@needs(IMPORT_LEADS)
def cancel(id: int):
    import_ = _import(id)
    name = import_.file
    steps.cancel(import_.id)
    answer = _back(import_)
    uploads.remove(name)
    flash(_("Import cancelled. What was taken in before stays."), "success")
    return answer


@bp.get(f"/{IMPORT}/refusals.csv")
@needs(IMPORT_LEADS)
def refusals(id: int):
    import_ = _import(id)
    lines = [(refusal.line, refusal.reason) for refusal in queries.refusals_of(import_.id)]
    text = as_csv([(_("Line"), _("Reason")), *lines], separator=";" if language() == "fr" else ",")
    note_export(f"refused-{import_.id}.csv", rows=len(lines))
    answer = Response(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="refused-{import_.id}.csv"'
    return answer


def _index(form: UploadForm, status: int = 200):
    found = queries.newest(current_user)
    return respond("imports/index.html", partial="imports/_list.html", status=status, form=form, imports=found)


def _page(import_: Import, form: StartForm | None = None, status: int = 200):
    if import_.state == READY and form is None:
        form = StartForm.of(import_)
    seen = last_seen() if import_.state in WORKING else None
    return respond(
        "imports/show.html",
        partial="imports/_import.html",
        status=status,
        import_=import_,
        form=form,
        refusals=queries.refusals_of(import_.id, REFUSALS_SHOWN),
        meaning_of=meaning_of,
        nobody_works=import_.state in WORKING and (seen is None or seen < utcnow() - SILENT),
    )


def _back(import_: Import):
    """Commit the step, and go back to the page."""
    db.session.commit()
    return redirect(url_for("imports.show", id=import_.id), 303)


def _import(import_id: int) -> Import:
    return queries.import_seen_by(current_user, import_id) or not_there("import", import_id)
