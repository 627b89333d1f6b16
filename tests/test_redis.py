"""Redis counts for all processes together, and nothing waits for it when it is gone."""

import shutil
import socket
import subprocess
import time
from dataclasses import replace

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.conftest import missing

pytestmark = pytest.mark.one_database


@pytest.fixture
def redis(tmp_path):
    """(address, process) of a Redis of our own, which keeps nothing on disk."""
    program = shutil.which("redis-server")
    if not program:
        missing("redis", "Redis is not installed (no redis-server)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            Redis(port=port).ping()
            break
        except RedisError:
            time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0", process
    process.terminate()
    process.wait(timeout=10)


def sign_in(app):
    return app.test_client().post("/login", data={"email": "a@example.org", "password": "x"}).status_code


def test_tries_are_counted_over_all_processes(make_app, settings, redis):
    address, _ = redis
    first, second = (make_app(settings=replace(settings, redis_url=address), RATELIMIT_ENABLED=True) for _ in range(2))

    answers = [sign_in(app) for app in (first, second) * 6]

    assert answers.count(429) == 2


def test_the_hub_goes_on_when_redis_is_gone(make_app, settings, redis):
    address, process = redis
    app = make_app(settings=replace(settings, redis_url=address), RATELIMIT_ENABLED=True)
    assert sign_in(app) == 200
    process.kill()
    process.wait(timeout=10)

    assert sign_in(app) == 200
    assert app.test_client().get("/healthz").status_code == 200


def test_doctor_tells_whether_redis_answers(make_app, settings, redis):
    address, process = redis
    app = make_app(settings=replace(settings, redis_url=address))
    assert "Redis answers." in app.test_cli_runner().invoke(args=["doctor"]).output
    process.kill()
    process.wait(timeout=10)

    gone = app.test_cli_runner().invoke(args=["doctor"])

    assert "Redis does not answer" in gone.output
    assert gone.exit_code == 0
