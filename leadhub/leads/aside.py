"""Reading aside: in a session of its own that is given back at once, in the language and on the clock of the page.

Plugins read while they are called, which may be in a thread with a deadline; the session of the page is not theirs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask import Flask, current_app, g
from flask_babel import get_locale, get_timezone
from flask_babel import gettext as _

from leadhub.database import bounded, reading
from leadhub.extensions import db


class Unanswered(ValueError):
    """What was asked can't be answered, or not for whoever looks; the message is in the language of the page."""


def not_for_you() -> str:
    """Of a field that is none, and alike of one that is hidden."""
    return _("Your role does not show the field that this goes by.")


@dataclass(frozen=True)
class Aside:
    """What has to be known of the page, or of whatever runs, before the call."""

    app: Flask
    locale: Any
    zone: Any

    @classmethod
    def here(cls) -> "Aside":
        return cls(current_app._get_current_object(), get_locale(), get_timezone())  # type: ignore[attr-defined]

    @contextmanager
    def opened(self, seconds: float) -> Iterator[None]:
        """``db.session`` is another one inside, which only reads.  A statement that takes longer raises
        ``TookTooLong``."""
        with self.app.app_context():
            # where Flask-Babel keeps them: what it would ask for is whoever is signed in, in this very session
            g._flask_babel = SimpleNamespace(babel_locale=self.locale, babel_tzinfo=self.zone)
            with reading(db.session), bounded(db.session, seconds):
                yield
