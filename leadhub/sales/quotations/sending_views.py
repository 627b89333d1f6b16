"""Sending a quotation: a page with the mail, which can be changed first."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from leadhub.accounts import once
from leadhub.accounts.access import needs
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.jobs.mail import can_send
from leadhub.leads.checks import FieldRefused
from leadhub.sales.documents import DRAFT, SUBMITTED, Quotation
from leadhub.sales.quotations import links, sending
from leadhub.sales.quotations.paper_views import QUOTATION, own_one
from leadhub.sales.quotations.sending_forms import SendForm
from leadhub.web import respond

bp = Blueprint("quotation_sending", __name__, url_prefix="/quotations")
bp.add_app_template_global(links.address, "customers_link")


@bp.get(f"{QUOTATION}/send")
@needs(WRITE_LEADS)
def new(id: int) -> Response:
    row = own_one(id)
    return _page(row, SendForm.of(row, current_user))


@bp.post(f"{QUOTATION}/send")
@needs(WRITE_LEADS)
def send(id: int) -> Response:
    row = own_one(id)
    form = SendForm.of(row, current_user)
    claim = once.claim(form.once.data, user=current_user, endpoint=url_for("quotation_sending.send", id=id))
    if claim.made is not None:
        return redirect(claim.made or url_for("quotations.show", id=id), 303)
    if not form.validate_on_submit():
        return _page(row, form, 422)
    try:
        sending.send(row, form.to.data, form.message.data, by=current_user)
    except FieldRefused as error:
        form.refuse(error)
        return _refused(id, form, 422)
    except RuleBroken as error:
        return _refused(id, form, 409, told=str(error))
    claim.settle(url_for("quotations.show", id=id))
    db.session.commit()
    flash(_("On its way to %(address)s.", address=form.to.data), "success")
    return redirect(url_for("quotations.show", id=id), 303)


def _refused(quotation_id: int, form: SendForm, status: int, *, told: str = "") -> Response:
    """Nothing was kept of what was begun."""
    db.session.rollback()
    return _page(own_one(quotation_id), form, status, told=told)


def _page(row: Quotation, form: SendForm, status: int = 200, *, told: str = "") -> Response:
    page = "sales/quotations/send.html"
    context: dict[str, Any] = {"quotation": row, "form": form, "told": told, "is_draft": row.state == DRAFT}
    context |= {"can_send": can_send(), "is_open": row.state in (DRAFT, SUBMITTED)}
    context["wants_no_mail"] = sending.wants_no_mail(row)
    return respond(page, partial=page, status=status, **context)
