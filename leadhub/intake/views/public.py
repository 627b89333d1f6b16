"""What strangers reach: the address of a door, for machines that send and for people who fill in its form."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from leadhub.accounts import once
from leadhub.accounts.access import public
from leadhub.database import begin_writing, reading
from leadhub.extensions import csrf, db, limiter
from leadhub.intake import calls, services
from leadhub.intake.forms import TRAP, public_form_for, values_of
from leadhub.intake.queries import Opened, opened_by_token
from leadhub.jobs.registry import N_
from leadhub.leads.checks import FieldRefused
from leadhub.plugin_settings.context import HubContext, context_for
from leadhub.plugins.api.sources import PublicForm, Refused, Reply, Request
from leadhub.plugins.health import PluginFailed
from leadhub.plugins.host import current_host

bp = Blueprint("intake", __name__, url_prefix="/in")
BODY_MAX = 1024 * 1024  # bytes
SENT_FLOOD = "300 per minute"  # of one network
TYPED_FLOOD = "30 per minute"
PLUGIN_FAILED = N_("The plugin failed. Settings > Plugins says more.")
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"  # a reply is no page of ours
WORDS = {
    401: "unauthorized",
    404: "not found",
    413: "too large",
    422: "nothing of it could be taken in",
    503: "not now",
}


def keep_body() -> None:
    """The bytes as they came, which a signature is of.  Goes before whatever reads a body."""
    if request.endpoint == "intake.receive":
        request.max_content_length = BODY_MAX
        db.session.rollback()  # a body may be minutes on its way, and nobody's turn to write should wait for that
        request.get_data()


@bp.get("/<token>")
@public
@limiter.limit(SENT_FLOOD)
def show(token: str):
    """The form, where there is one; else the plugin is asked, which answers challenges."""
    opened, context = _opened(token)
    if opened is None:
        abort(404)
    if opened.source.form:
        return _form_page(opened, context)
    return _received(opened, context)


@bp.post("/<token>")
@public
@csrf.exempt
@limiter.limit(SENT_FLOOD)
def receive(token: str):
    opened, context = _opened(token)
    return _received(opened, context) if opened else _plain(404)


@bp.get("/<token>/form")
@public
def form(token: str):
    return redirect(url_for("intake.show", token=token), 303)


@bp.post("/<token>/form")
@public
@limiter.limit(TYPED_FLOOD)
def send(token: str):
    opened, context = _opened(token)
    if opened is None or not opened.source.form:
        abort(404)
    if request.form.get(TRAP):  # nobody sees this field: whoever fills it in fills in everything
        return _thanked(token)
    return _sent(opened, context)


@bp.get("/<token>/thanks")
@public
@limiter.limit(SENT_FLOOD)
def thanks(token: str):
    opened, context = _opened(token)
    if opened is None or not opened.source.form:
        abort(404)
    told = calls.public_form(current_host(), opened, context)
    return make_response(render_template("intake/thanks.html", told=told, token=token))


@bp.errorhandler(PluginFailed)
def show_closed(error: PluginFailed) -> Response:
    """Says nothing of why."""
    begin_writing(db.session())
    services.note_failure((request.view_args or {})["token"], PLUGIN_FAILED)
    db.session.commit()
    if request.endpoint == "intake.receive":
        return _plain(503)
    return make_response(render_template("intake/closed.html"), 503, {"Retry-After": "300"})


def _opened(token: str) -> tuple[Opened | None, Any]:
    """Behind it no transaction is open: a plugin may take its time."""
    with reading(db.session):
        opened = opened_by_token(current_host(), token)
        run_id = f"door:{opened.id}:{once.new_key()}" if opened else ""
        context = context_for(opened.plugin, run_id, is_stranger=True) if opened else None
    return opened, context


def _received(opened: Opened, context: HubContext) -> Response:
    """Whatever was brought is committed before the reply."""
    if not opened.source.receive:
        return _plain(404)
    try:
        told = calls.receive(current_host(), opened, context, _request())
    except Refused as refused:
        return _refused(opened, refused)
    begin_writing(db.session())
    if told.drafts or context.store.pending:
        try:
            taken = services.take_in(opened, told.drafts, context.store)
        except services.DoorGone:
            return _plain(404)
        db.session.commit()
        if taken.is_all_refused:
            return _plain(422)
    return _reply(told.reply)


def _sent(opened: Opened, context: HubContext) -> Response:
    host = current_host()
    told = calls.public_form(host, opened, context)
    form = host.call(opened.plugin, public_form_for(told.fields), seconds=calls.SECONDS)
    if not host.call(opened.plugin, form.validate, seconds=calls.SECONDS):
        return _drawn(opened, told, form, status=422)
    draft = calls.draft_of(host, opened, told, values_of(form))
    begin_writing(db.session())
    claim = once.claim(form.once.data, user=None, endpoint=request.path)
    if claim.made is None:
        taken = services.take_in(opened, [draft], context.store)
        if taken.refusal:
            db.session.rollback()
            return _drawn(opened, told, form, status=422, general=_at_field(form, taken.refusal))
        claim.settle(request.path)
    db.session.commit()
    return _thanked(opened.token)


def _form_page(opened: Opened, context: HubContext) -> Response:
    host = current_host()
    told = calls.public_form(host, opened, context)
    make = partial(public_form_for(told.fields), formdata=None, data={"once": once.new_key()})
    return _drawn(opened, told, host.call(opened.plugin, make, seconds=calls.SECONDS))


def _at_field(form: Any, refusal: FieldRefused) -> str:
    """Tell it where it was typed; what no field of the form is about is returned."""
    if refusal.field not in form:
        return str(refusal)
    form[refusal.field].errors = [*form[refusal.field].errors, str(refusal)]
    return ""


def _drawn(opened: Opened, told: PublicForm, form: Any, *, status: int = 200, general: str = "") -> Response:
    """The fields are drawn while the plugin is watched: how they look may be its code."""
    draw = partial(render_template, "plugin_settings/_fields_of.html", form=form)
    drawn = Markup(current_host().call(opened.plugin, draw, seconds=calls.SECONDS))
    words = {"told": told, "form": form, "drawn": drawn, "token": opened.token, "trap": TRAP, "general": general}
    return make_response(render_template("intake/form.html", **words), status)


def _thanked(token: str) -> Response:
    return make_response(redirect(url_for("intake.thanks", token=token), 303))


def _request() -> Request:
    return Request(
        method=request.method,
        headers={name.lower(): value for name, value in request.headers.items() if name.lower() != "cookie"},
        arguments=MultiDict(request.args).to_dict(),
        body=request.get_data(),
    )


def _refused(opened: Opened, refused: Refused) -> Response:
    begin_writing(db.session())
    services.note_failure(opened.token, str(refused))
    db.session.commit()
    status = refused.status
    return _plain(status if isinstance(status, int) and 400 <= status < 500 else 401)


def _plain(status: int) -> Response:
    """For machines: a word, and no reason that helps whoever guesses."""
    response = make_response(WORDS.get(status, "refused") + "\n", status, {"Content-Type": "text/plain; charset=utf-8"})
    if status == 503:
        response.headers["Retry-After"] = "60"
    return response


def _reply(reply: Reply) -> Response:
    headers = {"Content-Type": reply.content_type, "Content-Security-Policy": POLICY}
    return make_response(reply.body, reply.status, headers)


__all__ = ["bp", "keep_body"]
