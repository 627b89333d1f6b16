"""The floor that the list is measured against: its template, its fifty rows in memory, and a bare Flask app."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import Flask, g, render_template
from flask_babel import Babel

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.fields.queries import catalogue
from leadhub.hub.queries import hub
from leadhub.leads.listing.pages import page_of
from leadhub.leads.listing.state import state_from


def floor_of(app: Flask) -> Callable[[], Any]:
    """A request for the first page of this hub's list, without accounts, database or anything else in its way."""
    with app.test_request_context("/leads/"):
        ada = user_by_email("ada@example.org")
        assert ada
        g._login_user = ada  # as Flask-Login keeps who is signed in
        state = state_from({}, ada)
        words = app.jinja_env.globals
        given = {name: words[name](state) for name in ("saved_views_for", "orders")}
        given |= {name: words[name]() for name in ("filter_fields", "column_fields", "boards")}
        page = page_of(ada, state)
        fields = dict(catalogue())
        rights = {"leads.read", "leads.write", "leads.import", "leads.export", "hub.administer"}
        person = SimpleNamespace(is_authenticated=True, may=rights.__contains__, theme="system", label=ada.label)
        kept = {"hub": hub(), "fields": fields}  # what a request reads once
        db.session.expunge_all()
        db.session.remove()
    bare = Flask("floor", static_folder=None)
    bare.config.update(SECRET_KEY="only for the bench", BABEL_DEFAULT_LOCALE="en")
    Babel(bare)
    bare.url_map = app.url_map
    bare.jinja_env.loader = app.jinja_env.loader
    bare.jinja_env.globals.update({**app.jinja_env.globals, **dict(bare.jinja_env.globals)})
    bare.jinja_env.filters.update(app.jinja_env.filters)
    bare.jinja_env.tests.update(app.jinja_env.tests)
    bare.jinja_env.globals.update({name: partial(_told, made) for name, made in given.items()})
    for name in ("assets", "leadhub_host"):
        bare.extensions[name] = app.extensions[name]
    bare.jinja_env.globals.update(
        current_user=person,
        csrf_token=lambda: "token",
        worker_stands_still=lambda: None,
        wants_partial=lambda: False,
        field_named=fields.__getitem__,
    )
    bare.testing = True
    bare.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"  # never asked
    db.init_app(bare)

    def first_page() -> str:
        db.session().info.update(kept)
        return render_template("leads/index.html", page=page, state=state, cells={})

    bare.add_url_rule("/floor", "floor", first_page)
    client = bare.test_client()

    def case() -> None:
        answer = client.get("/floor")
        assert answer.status_code == 200, answer.text

    return case


def _told(made: Any, *asked: Any) -> Any:
    """What was found out beforehand, whatever is asked."""
    return made
