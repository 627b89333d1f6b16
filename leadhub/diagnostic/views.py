"""Settings > Diagnostic, and the answer to probes."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user

from leadhub.accounts import audit
from leadhub.accounts.access import needs, public
from leadhub.accounts.roles import ADMINISTER
from leadhub.database import ID_MAX, id_from
from leadhub.diagnostic.readiness import OK, readiness
from leadhub.doctor import examine
from leadhub.extensions import db
from leadhub.jobs import queries, services
from leadhub.jobs.models import DONE, GAVE_UP, RUNNING, WAITING
from leadhub.jobs.registry import current_registry
from leadhub.statuses.forms import MendForm
from leadhub.statuses.queries import statuses
from leadhub.web import respond

bp = Blueprint("diagnostic", __name__)
DIAGNOSTIC = "/settings/diagnostic"
JOB = f"{DIAGNOSTIC}/jobs/<int(max={ID_MAX}):id>"
STATES = {WAITING: _l("Waiting"), RUNNING: _l("Running"), DONE: _l("Done"), GAVE_UP: _l("Gave up")}


@bp.get("/readyz")
@public
def readyz():
    """Is this hub fit to work?  Cheap, so that a probe may ask often."""
    parts = readiness()
    return parts, 200 if parts["status"] == OK else 503


@bp.get(DIAGNOSTIC)
@needs(ADMINISTER)
def index():
    findings = examine(current_app.extensions["leadhub"]["settings"])
    page: dict[str, Any] = {
        "findings": findings,
        "mending": MendForm.over(statuses()) if any(it.broken for it in findings) else None,
    }
    return respond("diagnostic/index.html", partial="diagnostic/_findings.html", **page)


@bp.get(f"{DIAGNOSTIC}/jobs")
@needs(ADMINISTER)
def jobs():
    state = request.args.get("state")
    state = state if state in STATES else None
    page = queries.page_of(state, request.args.get("before", type=id_from))
    found: dict[str, Any] = {"page": page, "counts": queries.counts(), "workers": queries.workers()}
    words: dict[str, Any] = {"state": state, "states": STATES, "label_of": _label_of, "is_final": services.is_final}
    found["silent_since"] = queries.silent_since()
    return respond("diagnostic/jobs.html", partial="diagnostic/_jobs.html", **found, **words)


@bp.post(f"{JOB}/retry")
@needs(ADMINISTER)
def retry(id: int):
    services.retry(id)
    audit.record("job_retried", user=current_user, id=id)
    db.session.commit()
    flash(_("The worker tries it again."), "success")
    return redirect(url_for("diagnostic.jobs"), 303)


@bp.post(f"{JOB}/drop")
@needs(ADMINISTER)
def drop(id: int):
    services.drop(id)
    audit.record("job_dropped", user=current_user, id=id)
    db.session.commit()
    flash(_("The job was dropped."), "success")
    return redirect(url_for("diagnostic.jobs"), 303)


def _label_of(kind: str) -> str:
    """What people call it; the kind itself where nothing here does it any more."""
    handler = current_registry().handlers.get(kind)
    return str(handler.label) if handler else kind
