"""Views of the list that are kept: chosen above it, saved, changed, deleted and taken back."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from leadhub.accounts import once
from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import READ_LEADS
from leadhub.accounts.words import role_label
from leadhub.database import ID_MAX, id_from
from leadhub.errors import NotAllowed
from leadhub.extensions import db
from leadhub.leads.listing import saved
from leadhub.leads.listing import saved_services as services
from leadhub.leads.listing.asking import asked_state
from leadhub.leads.listing.columns import listed_fields
from leadhub.leads.listing.models import SavedView
from leadhub.leads.listing.saved_forms import QueryForm, ViewForm
from leadhub.leads.listing.sorts import NAME
from leadhub.leads.listing.state import ListState, state_of
from leadhub.lists.queries import page_of
from leadhub.lists.services import one_at_a_time
from leadhub.web import respond

bp = Blueprint("saved_views", __name__, url_prefix="/leads/views")
VIEW = f"/<int(max={ID_MAX}):id>"


@bp.app_template_global()
def saved_views_for(state: ListState) -> saved.Selection:
    """What the reader can choose from above a list in this state."""
    return saved.selection(current_user, state)


@bp.app_template_global()
def order_of(state: ListState) -> str:
    """The list's order in words; empty for the usual one."""
    if state.sort.is_usual:
        return ""
    name = _("Name") if state.sort.name == NAME else str(listed_fields(current_user)[state.sort.name].label)
    return _("%(field)s, descending", field=name) if state.sort.descending else name


@bp.get("/")
@needs(READ_LEADS)
def index() -> Response:
    page = page_of(saved.views_seen_by(current_user), request.args.get("page", 1, type=id_from))
    template = "leads/views/index.html"
    return respond(template, partial=template, page=page, may_change=saved.may_change)


@bp.get("/new")
@needs(READ_LEADS)
def new() -> Response:
    state = asked_state()
    return _new_page(ViewForm.new(state.query), state, 200)


@bp.post("/")
@needs(READ_LEADS)
def create() -> Response:
    form = ViewForm()
    claim = once.claim(form.once.data, user=current_user, endpoint="saved_views.create")
    if claim.made is not None:
        return redirect(claim.made or url_for("leads.index"), 303)
    state = _kept_state(form)
    if form.validate_on_submit():
        try:
            view, taken = services.keep_view(state, form.to_draft(), by=current_user)
        except services.ViewFieldRefused as error:
            form.refuse(error.field, str(error))
        else:
            claim.settle(url_for("leads.index", view=view.id))
            return _done(view, taken)
    return _new_page(form, state, 422)


@bp.get(VIEW)
@needs(READ_LEADS)
def edit(id: int) -> Response:
    view = _changeable(id)
    return _edit_page(view, ViewForm.of(view), 200)


@bp.post(VIEW)
@needs(READ_LEADS)
def update(id: int) -> Response:
    view = _changeable(id, locked=True)
    form = ViewForm(view)
    if form.validate_on_submit():
        try:
            taken = services.change_view(view, form.to_draft(), by=current_user, version=form.seen_version)
        except services.StaleView:
            return _conflict(id, form)
        except services.ViewFieldRefused as error:
            form.refuse(error.field, str(error))
        else:
            return _done(view, taken)
    return _edit_page(view, form, 422)


@bp.post(f"{VIEW}/save")
@needs(READ_LEADS)
def save(id: int) -> Response:
    """What the list shows is from now on what the view shows."""
    view = _changeable(id, locked=True)
    form = QueryForm()
    services.keep_state(view, _kept_state(form), by=current_user, version=form.seen_version)
    return _done(view, [])


@bp.post(f"{VIEW}/delete")
@needs(READ_LEADS)
def delete(id: int) -> Response:
    view = _changeable(id, locked=True)
    services.delete_view(view, by=current_user)
    words = render_template("leads/views/_deleted.html", view=view)
    db.session.commit()
    flash(Markup(words), "success")
    return redirect(url_for("saved_views.index"), 303)


@bp.post(f"{VIEW}/restore")
@needs(READ_LEADS)
def restore(id: int) -> Response:
    view = saved.deleted_view_of(current_user, id) or not_there("saved_view", id)
    services.restore_view(view, by=current_user)
    return _done(view, [], _("The view is back."))


def _done(view: SavedView, taken: services.Taken, told: str = "") -> Response:
    """Commit, tell, and show the list through the view, where the person still sees it."""
    db.session.commit()
    flash(told or _("View saved."), "success")
    for role, name in taken:
        words = _("%(role)s: the list opened with “%(name)s” before, and opens with this view now.")
        flash(words % {"role": role_label(role), "name": name}, "info")
    if saved.view_seen_by(current_user, view.id) is None:
        return redirect(url_for("saved_views.index"), 303)
    return redirect(url_for("leads.index", view=view.id), 303)


def _conflict(view_id: int, form: ViewForm) -> Response:
    """What was typed stays; once told, the next save replaces what somebody else has saved."""
    db.session.rollback()
    view = _changeable(view_id)
    form.version.data = str(view.version)
    form.refuse("name", _("Somebody changed this view meanwhile. Save again to replace it with yours."))
    return _edit_page(view, form, 409)


def _new_page(form: ViewForm, state: ListState, status: int) -> Response:
    template = "leads/views/edit.html"
    return respond(template, partial=template, status=status, form=form, state=state, view=None)


def _edit_page(view: SavedView, form: ViewForm, status: int) -> Response:
    template, state = "leads/views/edit.html", state_of(view.query, current_user, view=view.id)
    return respond(template, partial=template, status=status, form=form, state=state, view=view)


def _kept_state(form: QueryForm) -> ListState:
    try:
        return state_of(form.query.data or "", current_user)
    except ValueError:  # more of them than any list asks for
        abort(400)


def _changeable(view_id: int, *, locked: bool = False) -> SavedView:
    if locked:
        one_at_a_time()
    view = saved.view_seen_by(current_user, view_id) or not_there("saved_view", view_id)
    if not saved.may_change(current_user, view):
        raise NotAllowed(_("Only its owner can change this view."))
    return view
