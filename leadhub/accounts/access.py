"""Who may call a view.  Every view carries ``needs`` or ``public``; a test finds one that carries neither."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

from flask import abort, current_app, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from leadhub.accounts import audit
from leadhub.database import begin_writing
from leadhub.errors import NotAllowed
from leadhub.extensions import db
from leadhub.web import wants_partial

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def needs(permission: str) -> Callable[[Callable[Arguments, Any]], Callable[Arguments, Any]]:
    """Only people who are signed in and whose role has the permission; checked before anything is loaded."""

    def mark(view: Callable[Arguments, Any]) -> Callable[Arguments, Any]:
        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Any:
            if not current_user.is_authenticated:
                return to_sign_in()
            if not current_user.may(permission):
                refuse(permission)
            return view(*args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return mark


def refuse(least: str) -> NoReturn:
    """What somebody asks for wants more than their role; raises ``NotAllowed``, after a line in the audit log."""
    _note_refusal(permission=least)
    raise NotAllowed(_("Your role does not allow this. An admin can change it."))


def may_open(endpoint: str) -> bool:
    """May whoever is signed in open this page?  For the menus that lead there."""
    access = getattr(current_app.view_functions[endpoint], "access", None)
    return access is not None and (access == "public" or current_user.may(access))


def public(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Anybody, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def not_there(kind: str, record_id: int) -> NoReturn:
    """What somebody asks for is not there, or not for them: one answer for both, and a line in the audit log."""
    _note_refusal(record=kind, id=record_id)
    abort(404)


def note_export(name: str, *, rows: int, query: str | None = None) -> None:
    """Somebody takes data away as a file: to be called when all is read, since it ends the transaction.  ``query`` is
    what a list was asked for."""
    begin_writing(db.session())
    audit.record("export", user=current_user, file=name, rows=rows, query=query)
    db.session.commit()


def _note_refusal(**details: str | int) -> None:
    """In a transaction of its own, before anything was loaded or after nothing was found."""
    if audit.is_talkative(current_user):
        return
    begin_writing(db.session())
    audit.record("refused", user=current_user, page=request.endpoint, method=request.method, **details)
    db.session.commit()


def to_sign_in() -> Response:
    """The way to the sign-in page; htmx is told to load it whole, not to swap it into a table cell."""
    if wants_partial():
        return make_response("", 401, {"HX-Redirect": url_for("security.login")})
    wanted = request.method == "GET" and request.path != "/"
    back = request.script_root + request.full_path.rstrip("?") if wanted else None
    return redirect(url_for("security.login", next=back), 303)
