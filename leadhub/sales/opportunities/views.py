"""Pages of opportunities: the list, one of them, its form, what can be done with it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import format_percent, to_user_timezone
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from leadhub.accounts import once
from leadhub.accounts.access import needs, not_there
from leadhub.accounts.queries import active_users
from leadhub.accounts.roles import READ_LEADS, WRITE_LEADS
from leadhub.database import ID_MAX
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.leads.checks import FieldRefused
from leadhub.leads.models import Lead
from leadhub.leads.words import day
from leadhub.names import Names
from leadhub.pipelines.models import OPPORTUNITY, Pipeline
from leadhub.pipelines.queries import default_pipeline
from leadhub.sales import queries as sales
from leadhub.sales.asking import party_address, party_asked, party_name, version_seen
from leadhub.sales.documents import CANCELLED, OPEN, Opportunity
from leadhub.sales.listing import parties_asked
from leadhub.sales.opportunities import queries, services
from leadhub.sales.opportunities.forms import FILTERS, EditOpportunityForm, FilterForm, LostForm, NewOpportunityForm
from leadhub.sales.parties import NotNow, Party, StaleDocument, party_of, today
from leadhub.sales.words import opportunity_state, order_state
from leadhub.web import respond

bp = Blueprint("opportunities", __name__, url_prefix="/opportunities")
ROW = f"/<int(max={ID_MAX}):id>"
bp.add_app_template_filter(opportunity_state)
bp.add_app_template_filter(order_state)
bp.add_app_template_global(services.acts_on, "opportunity_acts")


bp.add_app_template_filter(party_name)
bp.add_app_template_filter(party_address)


@bp.app_template_global()
def party_named(party: Party) -> dict[str, int]:
    """How an address says for whom something is new."""
    return {"lead" if isinstance(party, Lead) else "customer": party.id}


@bp.app_template_filter()
def is_late(row: Opportunity) -> bool:
    """Is it open still, though it was to be closed by now?"""
    return row.state == OPEN and row.expected_close is not None and row.expected_close < today()


@bp.app_template_filter()
def chance(value: int) -> str:
    return str(format_percent(Decimal(value) / 100))


@bp.app_template_filter()
def calendar_day(moment: datetime) -> str:
    """On the person's calendar."""
    return day(to_user_timezone(moment).date())


@bp.app_template_global()
def opportunity_pipeline() -> Pipeline | None:
    """Whose stages opportunities have; None: they have none of their own."""
    return default_pipeline(OPPORTUNITY)


@bp.app_template_filter()
def named(names: Mapping[str, str]) -> str:
    """Names by language, as a path keeps them."""
    return str(Names(names))


@bp.get("/")
@needs(READ_LEADS)
def index() -> Response:
    form = FilterForm.asked(request.args, active_users())
    wanted = form.wanted()
    after = queries.Place.read(request.args.get("after", ""))
    page, count = queries.page_of(current_user, wanted, after), queries.count_of(current_user, wanted)
    sums = queries.sums_of(current_user, wanted)
    asked = {name: value for name, value in request.args.items() if name in FILTERS}
    return _respond("index", page=page, count=count, sums=sums, wanted=wanted, form=form, asked=asked)


@bp.get("/new")
@needs(WRITE_LEADS)
def new() -> Response:
    party = party_asked()
    if party is None:
        return _respond("choose", **parties_asked())
    return _form(NewOpportunityForm.of(party, current_user), party=party)


@bp.post("/")
@needs(WRITE_LEADS)
def create() -> Response:
    party = party_asked() or abort(404)
    form = NewOpportunityForm.of(party, current_user)
    claim = once.claim(form.once.data, user=current_user, endpoint="opportunities.create")
    if claim.made is not None:
        return redirect(claim.made or url_for("opportunities.index"), 303)
    if form.validate_on_submit():
        try:
            return _created(services.create(party, form.to_draft(), by=current_user), claim)
        except FieldRefused as error:  # a rule about one field is told at the field
            form.refuse(error)
    return _form(form, 422, party=party)


@bp.get(ROW)
@needs(READ_LEADS)
def show(id: int) -> Response:
    row = _row(id)
    found: dict[str, Any] = {"orders": queries.orders_from(row), "quotations": queries.quotations_from(row)}
    found["moves"] = queries.moves_of(row) if opportunity_pipeline() else ()
    found["customer"] = sales.customer_of(row.lead) if row.lead else row.customer
    is_ordered = any(order.state != CANCELLED for order in found["orders"])
    return _respond("show", row=row, party=party_of(row), is_ordered=is_ordered, **found)


@bp.get(f"{ROW}/edit")
@needs(WRITE_LEADS)
def edit(id: int) -> Response:
    row = _row(id)
    return _form(EditOpportunityForm.of(row), row=row)


@bp.post(f"{ROW}/edit")
@needs(WRITE_LEADS)
def update(id: int) -> Response:
    row = _row(id)
    form = EditOpportunityForm.of(row)
    if form.validate_on_submit():
        try:
            services.change(row, form.to_draft(), version=int(form.version.data), by=current_user)
            return _done(row, _("Saved."))
        except StaleDocument as error:
            return _stale(id, form, error)
        except FieldRefused as error:
            form.refuse(error)
    return _form(form, 422, row=row)


@bp.get(f"{ROW}/lose")
@needs(WRITE_LEADS)
def ask(id: int) -> Response:
    """Why, before it is lost."""
    row = _row(id)
    return _respond("lose", row=row, form=LostForm(data={"competitor": row.competitor}))


@bp.post(f"{ROW}/<act>")
@needs(WRITE_LEADS)
def do(id: int, act: str) -> Response:
    if act not in services.ACTS:
        abort(404)
    row, form = _row(id), LostForm() if act == "lose" else None
    if form and not form.validate_on_submit():
        return _respond("lose", 422, row=row, form=form)
    answers: dict[str, Any] = {"reason": form.chosen(), "competitor": form.competitor.data or ""} if form else {}
    try:
        services.act(row, act, by=current_user, version=version_seen(), **answers)
    except (NotNow, StaleDocument) as error:
        return _refused(id, error)
    return _done(row, _told(act))


@bp.post(f"{ROW}/delete")
@needs(WRITE_LEADS)
def delete(id: int) -> Response:
    services.remove(_row(id), by=current_user)
    db.session.commit()
    flash(Markup(render_template("sales/opportunities/_deleted.html", id=id)), "success")
    return redirect(url_for("opportunities.index"), 303)


@bp.post(f"{ROW}/restore")
@needs(WRITE_LEADS)
def restore(id: int) -> Response:
    row = queries.deleted_seen_by(current_user, id) or not_there("opportunity", id)
    services.restore(row, by=current_user)
    return _done(row, _("The opportunity is back."))


@bp.errorhandler(NotNow)
def refuse(error: NotNow) -> Response:
    """The page showed what is no longer so: what is so by now is the answer."""
    db.session.rollback()
    flash(str(error), "warning")
    id = (request.view_args or {}).get("id")
    row = queries.opportunity_seen_by(current_user, id) if id else None
    return redirect(url_for("opportunities.show", id=id) if row else url_for("opportunities.index"), 303)


def _row(opportunity_id: int) -> Opportunity:
    return queries.opportunity_seen_by(current_user, opportunity_id) or not_there("opportunity", opportunity_id)


def _form(form: Any, status: int = 200, *, row: Opportunity | None = None, party: Party | None = None) -> Response:
    return _respond("form", status, form=form, row=row, party=party or (row and party_of(row)))


def _respond(name: str, status: int = 200, **context: Any) -> Response:
    page = f"sales/opportunities/{name}.html"
    return respond(page, partial=page, status=status, **context)


def _told(act: str) -> str:
    return {
        "win": _("The opportunity is won."),
        "lose": _("The opportunity is lost."),
        "reopen": _("The opportunity is open again."),
    }[act]


def _created(row: Opportunity, claim: once.Claim) -> Response:
    claim.settle(url_for("opportunities.show", id=row.id))
    return _done(row, _("Opportunity created."))


def _refused(opportunity_id: int, error: RuleBroken) -> Response:
    there = url_for("opportunities.show", id=opportunity_id)
    db.session.rollback()
    flash(str(error), "warning")
    return redirect(there, 303)


def _done(row: Opportunity, told: str) -> Response:
    path = url_for("opportunities.show", id=row.id)
    db.session.commit()
    flash(told, "success")
    return redirect(path, 303)


def _stale(opportunity_id: int, form: EditOpportunityForm, error: StaleDocument) -> Response:
    db.session.rollback()
    row = _row(opportunity_id)
    form.meet(row, str(error))
    return _form(form, 409, row=row)
