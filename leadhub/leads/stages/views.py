"""A lead is moved to another stage: from the bar on its page, by a button for each."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import WRITE_LEADS
from leadhub.database import ID_MAX
from leadhub.errors import NotAllowed
from leadhub.extensions import db
from leadhub.fields.queries import catalogue, may_change_field
from leadhub.leads import facts, services
from leadhub.leads.checks import FieldRefused
from leadhub.leads.field_forms import FieldForm
from leadhub.leads.models import Lead
from leadhub.leads.stages import words
from leadhub.leads.stages.transitions import STAGE
from leadhub.web import respond

bp = Blueprint("lead_stages", __name__, url_prefix="/leads")
words.register(bp)


@bp.post(f"/<int(max={ID_MAX}):id>/stage")
@needs(WRITE_LEADS)
def update(id: int):
    """Where something is missing, or somebody was faster, the form of the stage says it and asks for it."""
    field = catalogue()[STAGE]
    if not may_change_field(current_user, field):
        raise NotAllowed(_("Your role does not allow this. An admin can change it."))
    lead = _lead(id)
    form = FieldForm.for_field(lead, field)
    status = 422
    if form.validate_on_submit():
        try:
            services.update_lead(lead, form.changes(), by=current_user, version=int(form.version.data))
            db.session.commit()
            flash(_("Saved."), "success")
            return redirect(url_for("leads.show", id=id), 303)
        except services.StaleLead as error:
            db.session.rollback()
            lead, status = _lead(id), 409
            form.meet(lead, error.fields, str(error))
        except FieldRefused as error:
            form = form.asking(error)
            form.refuse(error)
    page = {"lead": lead, "name": STAGE, "form": form}
    return respond("leads/edit_field.html", partial="leads/_field_form.html", status=status, **page)


def _lead(lead_id: int) -> Lead:
    return facts.whole_lead(current_user, lead_id) or not_there("lead", lead_id)
