"""A hub whose worker knows the kinds of one test."""

import pytest

from leadhub.extensions import db
from leadhub.jobs import registry
from leadhub.jobs.registry import Handler
from leadhub.jobs.services import enqueue
from leadhub.jobs.worker import Worker
from tests.test_redis import redis  # noqa: F401  # a fixture


@pytest.fixture
def bind(app):
    """``bind(greet=function)``: handlers by kind, and nothing else."""

    def bind(*periodic, **functions):
        handlers = {
            kind: it if isinstance(it, Handler) else Handler(run=it, label=kind) for kind, it in functions.items()
        }
        registry.bind(app, handlers, periodic)

    return bind


@pytest.fixture
def wanted(app):
    """``wanted("greet", name="Zoe")``: an effect that is committed."""

    def want(kind, *, key=None, due_at=None, **payload):
        with app.app_context():
            enqueue(kind, payload, key=key, due_at=due_at)
            db.session.commit()

    return want


@pytest.fixture
def worker(app):
    return Worker(app)


@pytest.fixture
def effect(rows):
    """``effect()``: the first one's row."""
    return lambda: rows("effects")[0]
