"""Judges where a call out may go: the address as written, then every address that its name leads to."""

import ipaddress
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from typing import Any

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from leadhub.outgoing.errors import OutgoingFailed, OutgoingRefused

PORTS = {80, 443, 8443}
DEFAULT_PORTS = {"http": 80, "https": 443}
UNCLEAN = re.compile(r"[\x00-\x20\x7f\\]")
AUTHORITY = re.compile(r"//|[/?#]")
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
GLOBAL_V6 = ipaddress.ip_network("2000::/3")  # the only part that is given out (IANA, IPv6 address space)
TUNNELS = [
    ipaddress.ip_network(text)
    for text in (
        "2001::/32",  # Teredo: an IPv4 address inside
        "2002::/16",  # 6to4: the same
        "3fff::/20",  # for documentation (RFC 9637), which Python 3.11 does not know yet
        "192.88.99.0/24",  # relays of 6to4
    )
]


@dataclass(frozen=True)
class Target:
    """A taken-apart address.  ``is_allowed``: its host is in the server's list, private or not."""

    scheme: str
    host: str
    port: int
    path: str
    is_allowed: bool


def target_of(url: str, allowed_hosts: Collection[str]) -> Target:
    """Raises ``OutgoingRefused`` for what no name behind it could make right."""
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise OutgoingRefused("address") from None
    host = parts.host or ""
    if UNCLEAN.search(url) or parts.scheme not in DEFAULT_PORTS or not HOST.fullmatch(host):
        raise OutgoingRefused("address")
    if "@" in AUTHORITY.split(url)[1]:
        raise OutgoingRefused("credentials")
    port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    if port not in PORTS and host not in allowed_hosts:
        raise OutgoingRefused("port")
    return Target(parts.scheme, host.strip("[]"), port, parts.request_uri, host in allowed_hosts)


def is_public(address: str) -> bool:
    """Is this numeric address one that the whole internet can reach?  What is not known to be one is not."""
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        number = number.ipv4_mapped or number
    if isinstance(number, ipaddress.IPv6Address) and number not in GLOBAL_V6:
        return False
    return number.is_global and not number.is_multicast and not any(number in network for network in TUNNELS)


def allowed_addresses(host: str, port: int, is_allowed: bool, seconds: float) -> list[tuple[int, Any]]:
    """(Family, socket address) of all that the name leads to.  One private address among them refuses them all."""
    found = _addresses(host, port, seconds)
    if not is_allowed and not all(is_public(address[0]) for _, address in found):
        raise OutgoingRefused("private")
    return found


def _addresses(host: str, port: int, seconds: float) -> list[tuple[int, Any]]:
    """Asked in a thread, since getaddrinfo can't be told to give up."""
    answers: Queue[list[tuple[int, Any]]] = Queue(1)

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            rows = []
        answers.put([(row[0], row[4]) for row in rows])

    Thread(target=ask, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        raise OutgoingFailed("timeout") from None
    if not found:
        raise OutgoingFailed("unknown_host")
    return found
