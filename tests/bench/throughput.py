"""How many pages a second two web processes give eight people at once; the people are on the same machine.

``make bench``.  Each of the eight asks for the first page, a sorted one, a search, a lead and a filtered list in turn,
for ten seconds; five runs, the median.  ``--size`` says over how many leads (100,000).
"""

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from flask import Flask

from tests import databases
from tests.bench import hubs, made_up

RUNS, SECONDS, PEOPLE = 5, 10, 8
PATHS = ("/leads/", "/leads/?sort=name", f"/leads/?q={made_up.COMMON}", "/leads/77", "/leads/?source=fair")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    size = parser.parse_args().size
    app = hubs.app_with(size)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = _serve(app, port)
    try:
        runs = [_run(app, port) for _ in range(RUNS)]
    finally:
        server.terminate()
        server.wait(90)
    rates, waits = zip(*runs, strict=True)
    slow = statistics.median(waits) * 1000
    print(f"{size:,} leads, {PEOPLE} people, 2 processes: {statistics.median(rates):.0f} pages/s, p95 {slow:.0f} ms")


def _serve(app: Flask, port: int) -> subprocess.Popen[bytes]:
    settings = app.extensions["leadhub"]["settings"]
    told = {"SECRET_KEY": settings.secret_key, "ENCRYPTION_KEYS": databases.SETTINGS.encryption_keys[0]}
    told |= {"DATA_DIR": str(settings.data_dir)}
    environment = {**os.environ, **{f"LEADHUB_{name}": value for name, value in told.items()}}
    command = [sys.executable, "-m", "leadhub.app", "serve", "--workers", "2", "--port", str(port)]
    log = Path(tempfile.mkdtemp()) / "log"
    server = subprocess.Popen(command, env=environment, stdout=log.open("w"), stderr=subprocess.STDOUT)
    while server.poll() is None:
        try:
            _asked(port, "/healthz", "")
            return server
        except OSError:
            time.sleep(0.1)
    sys.exit(f"the hub did not start: {log.read_text()}")


def _run(app: Flask, port: int) -> tuple[float, float]:
    """Pages a second, and the 95th percentile of their times in seconds."""
    cookies = [_cookie_of(app, "ada@example.org") for _ in range(PEOPLE)]
    until, times = time.monotonic() + SECONDS, []

    def use(cookie: str, first: int) -> None:
        turn = first
        while time.monotonic() < until:
            begun = time.monotonic()
            _asked(port, PATHS[turn % len(PATHS)], cookie)
            times.append(time.monotonic() - begun)
            turn += 1

    people = [threading.Thread(target=use, args=(cookie, number)) for number, cookie in enumerate(cookies)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    return len(times) / SECONDS, sorted(times)[int(len(times) * 0.95)]


def _cookie_of(app: Flask, email: str) -> str:
    client, name = hubs.client_of(app, email), app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie
    return f"{name}={cookie.value}"


def _asked(port: int, path: str, cookie: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise OSError(f"{path}: {answer.status}")


if __name__ == "__main__":
    main()
