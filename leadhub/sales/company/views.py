"""Settings > Company: who quotes, what stands on documents, how they are numbered."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from leadhub.accounts.access import needs
from leadhub.accounts.roles import ADMINISTER
from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.sales.company import services
from leadhub.sales.company.forms import CompanyForm
from leadhub.sales.company.queries import company
from leadhub.sales.company.services import StaleCompany
from leadhub.web import respond

bp = Blueprint("company", __name__, url_prefix="/settings/company")


@bp.get("")
@needs(ADMINISTER)
def edit() -> Response:
    return _page(CompanyForm.of(company()))


@bp.post("")
@needs(ADMINISTER)
def update() -> Response:
    form = CompanyForm.of(company())
    if form.validate_on_submit():
        try:
            return _saved(form)
        except FieldRefused as error:  # a rule about one field is told at the field
            db.session.rollback()
            form.refuse(error)
        except StaleCompany as error:
            db.session.rollback()
            return _page(form, 409, told=str(error))
    return _page(form, 422)


def _saved(form: CompanyForm) -> Response:
    services.change(
        form.to_draft(), version=int(form.version.data), by=current_user, logo=form.to_logo(), begin=form.to_next()
    )
    db.session.commit()
    flash(_("Saved."), "success")
    return redirect(url_for("company.edit"), 303)


def _page(form: CompanyForm, status: int = 200, *, told: str = "") -> Response:
    """``told``: that somebody was faster.  What was typed stays, and is saved the next time."""
    row = company()
    if told:
        form.version.data = str(row.version)
    page = "sales/company/edit.html"
    return respond(page, partial=page, status=status, form=form, company=row, told=told)
