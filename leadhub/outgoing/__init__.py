"""The one way out: each HTTP call of the hub to another machine goes through here.  ADR 11 says why it is so.

An address is judged where the connection is made, by what its name leads to there, never by how it is written.
"""

import json as json_text
import time
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, SSLError
from urllib3.exceptions import TimeoutError as TooLate

from leadhub import __version__
from leadhub.outgoing.addresses import DEFAULT_PORTS, allowed_addresses, target_of
from leadhub.outgoing.connections import CONNECT_SECONDS, TOTAL_SECONDS, Budget, pool_for
from leadhub.outgoing.errors import OutgoingError, OutgoingFailed, OutgoingRefused

__all__ = ["Answer", "OutgoingError", "OutgoingFailed", "OutgoingRefused", "call", "check", "guarded"]
BODY_MAX = 64 * 1024  # bytes
BODY_CAP = 1024 * 1024  # bytes; what a caller may raise it to
HEAD_MAX = 128 * 1024  # bytes; status line, headers, and the marks of a body in chunks
OUR_HEADERS = {"accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
Session = TypeVar("Session", bound=requests.Session)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back.  Names of headers in lower case; of a body over the limit only its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False


def call(
    method: str,
    url: str,
    *,
    allowed_hosts: Collection[str],
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    json: object = None,
    most: int = BODY_MAX,
) -> Answer:
    """Send one request and wait for the answer, whatever its status below 300 or from 400 on.

    ``allowed_hosts`` (``settings.outgoing_hosts``) may be private and at any port.  ``json`` is sent in place of
    ``body``.  No proxy, no cookie, no second try.  Raises ``OutgoingRefused`` or ``OutgoingFailed``.
    """
    given = dict(headers or {})
    most = min(most, BODY_CAP)
    if json is not None:
        body = json_text.dumps(json).encode()
        given.setdefault("Content-Type", "application/json")
    raw, content = _fetch(method, url, given, body, allowed_hosts, most)
    names = {name.lower(): value for name, value in raw.headers.items()}
    return Answer(status=raw.status, headers=names, body=content[:most], is_cut=len(content) > most)


def check(url: str, *, allowed_hosts: Collection[str]) -> None:
    """For a form that stores an address: would ``call`` try it now?  Raises as ``call`` does; sends nothing."""
    target = target_of(url, allowed_hosts)
    allowed_addresses(target.host, target.port, target.is_allowed, CONNECT_SECONDS)


def guarded(session: Session, *, allowed_hosts: Collection[str], most: int = BODY_MAX) -> Session:
    """The same session, with everything it sends going this way.  A body over ``most`` is ``OutgoingFailed``."""
    session.trust_env = False
    session.adapters.clear()
    for scheme in DEFAULT_PORTS:
        session.mount(f"{scheme}://", GuardedAdapter(allowed_hosts, most))
    return session


class GuardedAdapter(HTTPAdapter):
    """Carries requests' sessions.  What they say of proxies, certificates and time is not heard."""

    def __init__(self, allowed_hosts: Collection[str], most: int) -> None:
        super().__init__()
        self.allowed_hosts = allowed_hosts
        self.most = min(most, BODY_CAP)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        body: Any = request.body.encode() if isinstance(request.body, str) else request.body
        given = {name: str(value) for name, value in request.headers.items()}
        raw, content = _fetch(request.method or "GET", request.url or "", given, body, self.allowed_hosts, self.most)
        if len(content) > self.most:
            raise OutgoingFailed("too_long")
        response = self.build_response(request, raw)
        response._content = content
        return response


def _fetch(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, allowed_hosts: Collection[str], most: int
) -> tuple[urllib3.BaseHTTPResponse, bytes]:
    """The answer, closed, and at most one byte more of its body than ``most``."""
    target = target_of(url, allowed_hosts)
    budget = Budget(time.monotonic() + TOTAL_SECONDS, most + HEAD_MAX)
    pool = pool_for(target, budget)
    sent = {name: value for name, value in headers.items() if name.lower() not in OUR_HEADERS}
    sent |= {"User-Agent": f"LeadHub/{__version__}", "Accept-Encoding": "identity", "Connection": "close"}
    try:
        raw = pool.urlopen(
            method, target.path, body, sent, retries=False, preload_content=False, decode_content=False, redirect=False
        )
        with closing(raw):
            if 300 <= raw.status < 400:
                raise OutgoingFailed("redirect")
            content = raw.read(most + 1, decode_content=False)
            if raw.length_remaining and len(content) <= most:
                raise OutgoingFailed("no_answer")  # it broke off before the end that it had promised
            return raw, content
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise OutgoingFailed(_reason(error, budget)) from None
    finally:
        pool.close()


def _reason(error: Exception, budget: Budget) -> str:
    if isinstance(error, (TooLate, TimeoutError)) or budget.until <= time.monotonic():
        return "timeout"
    return "certificate" if isinstance(error, SSLError) else "no_answer"
