"""Who may call a view.  Every view carries ``needs`` or ``public``; a test finds one that carries neither."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from leadhub.errors import NotAllowed
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
                raise NotAllowed(_("Your role does not allow this. An admin can change it."))
            return view(*args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return mark


def public(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Anybody, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def to_sign_in() -> Response:
    """The way to the sign-in page; htmx is told to load it whole, not to swap it into a table cell."""
    if wants_partial():
        return make_response("", 401, {"HX-Redirect": url_for("security.login")})
    wanted = request.method == "GET" and request.path != "/"
    back = request.script_root + request.full_path.rstrip("?") if wanted else None
    return redirect(url_for("security.login", next=back), 303)
