"""Connections to checked addresses, in bounded time."""

import functools
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError

from leadhub.outgoing.addresses import Target, allowed_addresses
from leadhub.outgoing.errors import OutgoingFailed

CONNECT_SECONDS = 5.0  # for finding the name's addresses and reaching one of them
TOTAL_SECONDS = 15.0


@dataclass
class Budget:
    """What is left of a call's time and of the bytes that it may bring."""

    until: float  # of time.monotonic()
    bytes_left: int

    def seconds(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def spend(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise OutgoingFailed("too_long")


def pool_for(target: Target, budget: Budget) -> HTTPConnectionPool:
    """For one request: nothing is kept open, so that each has its own check and its own time."""
    ours: dict[str, Any] = {"budget": budget, "is_allowed": target.is_allowed, "timeout": TOTAL_SECONDS}
    if target.scheme == "http":
        plain = HTTPConnectionPool(target.host, target.port, **ours)
        plain.ConnectionCls = _PlainConnection
        return plain
    secure = HTTPSConnectionPool(target.host, target.port, ssl_context=_trust(), **ours)
    secure.ConnectionCls = _TlsConnection
    return secure


@functools.cache
def _trust() -> ssl.SSLContext:
    """Whom we believe: the system's authorities (``SSL_CERT_FILE`` names other ones) and those of the web."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.sslsocket_class = _TlsSocket
    return context


class _Budgeted:
    """A socket whose every wait is bounded by what is left of the whole call: a drip of bytes buys no time."""

    budget: Budget | None = None

    def recv_into(self, *args: Any) -> int:
        self._wait_no_longer()
        count: int = super().recv_into(*args)  # type: ignore[misc]
        if self.budget:
            self.budget.spend(count)
        return count

    def send(self, *args: Any) -> int:
        self._wait_no_longer()
        count: int = super().send(*args)  # type: ignore[misc]
        return count

    def sendall(self, *args: Any) -> None:
        self._wait_no_longer()
        super().sendall(*args)  # type: ignore[misc]

    def _wait_no_longer(self) -> None:
        if self.budget:
            self.settimeout(self.budget.seconds())  # type: ignore[attr-defined]


class _PlainSocket(_Budgeted, socket.socket):
    pass


class _TlsSocket(_Budgeted, ssl.SSLSocket):
    pass


class _Pinned:
    """A connection to a checked address; name, Host header and certificate stay those of the address asked for."""

    def __init__(self, *args: Any, budget: Budget, is_allowed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.budget = budget
        self.is_allowed = is_allowed

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self.sock.budget = self.budget  # type: ignore[attr-defined]  # the handshake had the socket's own timeout

    def _new_conn(self) -> socket.socket:
        until = time.monotonic() + CONNECT_SECONDS
        host, port = self.host, self.port  # type: ignore[attr-defined]
        found = allowed_addresses(host, port, self.is_allowed, CONNECT_SECONDS)
        for tried, (family, address) in enumerate(found):
            share = (until - time.monotonic()) / (len(found) - tried)
            sock = _PlainSocket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(max(share, 0.1))
                sock.connect(address)
            except OSError as error:
                sock.close()
                failure = error
            else:
                sock.settimeout(self.budget.seconds())
                return sock
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError
        raise failure


class _PlainConnection(_Pinned, HTTPConnection):
    pass


class _TlsConnection(_Pinned, HTTPSConnection):
    pass
