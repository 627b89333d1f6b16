"""What wakes a worker that has nothing to do: PostgreSQL's LISTEN, Redis, or nothing but the clock.

A bell only saves waiting.  One that is broken or missed costs nothing else: the worker looks by itself, too.
"""

import select
import time
from collections.abc import Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
import structlog
from flask import current_app
from psycopg.conninfo import make_conninfo
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from leadhub.database import ALIVE
from leadhub.extensions import db
from leadhub.settings import Settings

CHANNEL = "leadhub_effects"
RUNG = "effects_written"  # in the session's info, until its commit
REDIS_TIMEOUT = 0.5  # seconds; a page waits for it at most once per REDIS_REST
REDIS_REST = 30.0
LISTEN_REST = 5.0
log = structlog.get_logger()


def ring() -> None:
    """Wake the workers when this transaction is committed."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))
    else:
        db.session().info[RUNG] = True


def bell_for(settings: Settings) -> "Silence":
    """What a worker of this hub listens to."""
    if not settings.is_sqlite:
        return ServerBell(settings.database_url)
    return RedisBell(settings.redis_url) if settings.redis_url else Silence()


class Silence:
    """No bell: waits, but for the ends that it is given, which are file descriptors that end the wait."""

    def wait(self, seconds: float, ends: Sequence[int]) -> None:
        select.select(ends, [], [], max(seconds, 0))

    def close(self) -> None:
        """Let go of what it listens to."""


class ServerBell(Silence):
    """PostgreSQL's LISTEN on a connection of its own, renewed when it breaks."""

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url).set(drivername="postgresql")
        self.address = url.render_as_string(hide_password=False)
        self.connection: psycopg.Connection[Any] | None = None
        self.next_try = 0.0

    def wait(self, seconds: float, ends: Sequence[int]) -> None:
        if self.connection is None and time.monotonic() >= self.next_try:
            return self._listen()  # and look once more: what came before it listened was not heard
        if self.connection is None:
            return super().wait(seconds, ends)
        if self.connection.fileno() in select.select([self.connection.fileno(), *ends], [], [], max(seconds, 0))[0]:
            self._hear(self.connection)
        return None

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def _listen(self) -> None:
        self.next_try = time.monotonic() + LISTEN_REST
        try:
            self.connection = psycopg.connect(make_conninfo(self.address, **ALIVE), autocommit=True)
            self.connection.execute(f"LISTEN {CHANNEL}")
        except psycopg.Error as error:
            log.warning("cannot listen to the database", error=type(error).__name__)
            self.close()

    def _hear(self, connection: "psycopg.Connection[Any]") -> None:
        try:
            for _notice in connection.notifies(timeout=0):
                pass
        except psycopg.Error as error:
            log.warning("no longer listening to the database", error=type(error).__name__)
            self.close()


class RedisBell(Silence):
    """A Redis channel.  A stop is noticed after the wait, which is why that is short on SQLite."""

    def __init__(self, redis_url: str) -> None:
        from redis import Redis

        client = Redis.from_url(redis_url, socket_connect_timeout=REDIS_TIMEOUT)
        self.listener = client.pubsub(ignore_subscribe_messages=True)
        self.is_listening = False
        self.next_try = 0.0

    def wait(self, seconds: float, ends: Sequence[int]) -> None:
        from redis.exceptions import RedisError

        if time.monotonic() < self.next_try:
            return super().wait(seconds, ends)
        try:
            if not self.is_listening:
                self.listener.subscribe(CHANNEL)
                self.is_listening = True
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if self.listener.get_message(timeout=max(until - time.monotonic(), 0)):
                    return None
        except RedisError as error:
            log.warning("no longer listening to Redis", error=type(error).__name__)
            self.close()
            self.next_try = time.monotonic() + REDIS_REST
        return None

    def close(self) -> None:
        self.listener.close()
        self.is_listening = False


@event.listens_for(db.session, "after_commit")
def _publish(session: Session) -> None:
    """Tell Redis, where there is one.  Failing is no matter: the workers look by themselves a second later."""
    if session.in_nested_transaction() or not session.info.pop(RUNG, False):
        return
    redis_url = current_app.extensions["leadhub"]["settings"].redis_url
    if redis_url:
        _publisher(redis_url).ring()


class Publisher:
    """Rings the bell that ``RedisBell`` hears; leaves a Redis that does not answer alone for a while."""

    def __init__(self, redis_url: str) -> None:
        from redis import Redis

        self.client = Redis.from_url(redis_url, socket_connect_timeout=REDIS_TIMEOUT, socket_timeout=REDIS_TIMEOUT)
        self.next_try = 0.0

    def ring(self) -> None:
        from redis.exceptions import RedisError

        if time.monotonic() < self.next_try:
            return
        try:
            self.client.publish(CHANNEL, "")
        except RedisError:
            self.next_try = time.monotonic() + REDIS_REST


def _publisher(redis_url: str) -> Publisher:
    bells: dict[str, Any] = current_app.extensions
    if "leadhub_publisher" not in bells:
        bells["leadhub_publisher"] = Publisher(redis_url)
    publisher: Publisher = bells["leadhub_publisher"]
    return publisher
