"""Serves the hub with Granian."""

import os

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from leadhub.errors import SettingError
from leadhub.hub.queries import hub
from leadhub.settings import Settings
from leadhub.setup.services import new_setup_token

BLOCKING_THREADS = min(8, 2 * (os.cpu_count() or 1))  # per process; they mostly wait for the database


def check_address(settings: Settings, host: str) -> None:
    """Raises ``SettingError`` where others would be let in at a name that the hub does not know."""
    if host not in ("127.0.0.1", "localhost", "::1") and not settings.base_url:
        raise SettingError(f"LEADHUB_BASE_URL: to serve on {host}, say at which address people open the hub.")


def setup_link(settings: Settings, host: str, port: int) -> str | None:
    """The one-time link of a hub that is not set up yet; each start makes the one before worthless."""
    if hub().set_up_at is not None:
        return None
    name = f"[{host}]" if ":" in host else host
    base = settings.base_url or f"http://{name}:{port}"
    return f"{base}/setup/{new_setup_token()}"


def run(host: str, port: int, workers: int) -> None:
    """Serve until a signal ends it."""
    Granian(
        "leadhub.app:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=BLOCKING_THREADS,
        log_level=LogLevels.warning,
        websockets=False,
        workers_kill_timeout=10,
    ).serve()
