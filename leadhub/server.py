"""Serves the hub with Granian."""

import os
import socket

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from leadhub.errors import SettingError
from leadhub.hub.queries import hub
from leadhub.settings import Settings
from leadhub.setup.services import new_setup_token

BLOCKING_THREADS = min(8, 2 * (os.cpu_count() or 1))  # per process; they mostly wait for the database


def check_address(settings: Settings, host: str, port: int) -> None:
    """Raises ``SettingError`` where others would be let in at a name that the hub does not know, and where nothing
    can listen: before anything is migrated, and before the link of a hub that runs there is made void."""
    if host not in ("127.0.0.1", "localhost", "::1") and not settings.base_url:
        raise SettingError(f"LEADHUB_BASE_URL: to serve on {host}, say at which address people open the hub.")
    try:
        kind, _type, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingError(f"Nothing can listen on {host}, port {port}: {reason}. Another one: --port.") from None


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
