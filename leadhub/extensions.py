"""Flask extensions, made here and bound to an app in ``app.py``."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from flask.globals import app_ctx
from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from htmx_flask import Htmx

from leadhub.callers import caller_network
from leadhub.csrf import MaskedCSRFProtect
from leadhub.database import Base, only_reading

_aside: ContextVar[object | None] = ContextVar("aside", default=None)


def _session_of() -> tuple[int, int]:
    """Each app context has a session of its own; so has what is done aside."""
    return id(app_ctx._get_current_object()), id(_aside.get())  # type: ignore[attr-defined]


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"scopefunc": _session_of})
if TYPE_CHECKING:
    Model = Base  # what Flask-SQLAlchemy makes of it at run time has no type
else:
    Model = db.Model
migrate = Migrate()
csrf = MaskedCSRFProtect()
babel = Babel()
limiter = Limiter(key_func=caller_network)
compress = Compress()
htmx = Htmx()


@contextmanager
def session_aside() -> Iterator[None]:
    """For a thread that shares an app context with another one: a session of its own, which only reads, and is given
    back at the end."""
    token = _aside.set(object())
    try:
        with only_reading():
            yield
    finally:
        db.session.remove()
        _aside.reset(token)
