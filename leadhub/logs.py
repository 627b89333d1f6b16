"""Logging: a line an event on standard error, for people on a terminal, JSON elsewhere; of people, ids alone.

Of a failure it tells types and places in the code; its text where the text can't hold a person's data.
"""

import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask, Response, g, has_request_context, request

ID = "leadhub.request_id"  # in the environment of a request
TOLD = "leadhub.told"
QUIET = {"static", "healthz", "readyz"}  # endpoints that machines ask for, again and again
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
DISCREET = {  # libraries whose errors' texts quote rows, addresses and links with their tokens
    "authlib", "psycopg", "pysqlite3", "redis", "requests", "smtplib", "sqlalchemy", "sqlite3", "urllib3",
}  # fmt: skip
E_MAIL = re.compile(r"[^\s<>()\[\]'\",;:]+@[^\s<>()\[\]'\",;:]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
CHAIN_MAX = 20  # errors behind one error
GRANIAN = {  # its own way of logging, told to leave the lines to ours
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}, "granian.access": {"handlers": [], "propagate": True}},
}
Environ = dict[str, Any]
Event = structlog.typing.EventDict
Failure = tuple[type[BaseException], BaseException, TracebackType | None]
log = structlog.get_logger()


def configure() -> None:
    """Bind structlog and the library loggers (warnings and above).  May be called again and again."""
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, *_shared()],
        logger_factory=lambda *words: _Lines(),
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _ToOurs) for handler in root.handlers):
        root.addHandler(_ToOurs(logging.WARNING))
    for name in GRANIAN["loggers"]:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def init_app(app: Flask) -> None:
    """Give each request its id, and a line when it is answered."""
    app.wsgi_app = RequestLines(app.wsgi_app)  # type: ignore[method-assign]

    @app.after_request
    def tell(response: Response) -> Response:
        request.environ[TOLD] = {"endpoint": request.endpoint, "user": _user_id()}
        return response


def request_id() -> str:
    """The number of this request, sixteen hexadecimal digits; empty outside of one."""
    return str(request.environ.get(ID, "")) if has_request_context() else ""


class RequestLines:
    """Gives every request an id of ours, puts it into every line and the answer, and writes a line at the end."""

    def __init__(self, wsgi: Callable[[Environ, Any], Iterable[bytes]]) -> None:
        self.wsgi = wsgi

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        began, number, status = time.perf_counter(), secrets.token_hex(8), "500"
        environ[ID] = number
        structlog.contextvars.clear_contextvars()  # a thread serves one request after another
        structlog.contextvars.bind_contextvars(request=number)

        def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = line
            return start_response(line, [*headers, ("X-Request-ID", number)], *rest)

        try:
            return self.wsgi(environ, start)
        finally:
            _tell(environ, int(status[:3]), time.perf_counter() - began)


def excepthook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """For ``sys.excepthook``: Python's own tells the text of every error."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("unexpected error", exc_info=(kind, error, trace))


def told(error: BaseException) -> str:
    """Types, places and, where it is safe, the texts of an error and of those behind it, the deepest first."""
    chain = list(_chain(error))
    kinds = {kind for link in chain for kind in type(link).__mro__}
    discreet = not DISCREET.isdisjoint(kind.__module__.split(".")[0] for kind in kinds)
    return "\n".join(_told_alone(link, discreet) for link in reversed(chain))


def _tell(environ: Environ, status: int, seconds: float) -> None:
    known = environ.get(TOLD, {"endpoint": None, "user": None})
    if known["endpoint"] not in QUIET:
        method = environ.get("REQUEST_METHOD", "")
        values = known | {"method": method if method in METHODS else "other"}
        log.info("request", status=status, ms=round(seconds * 1000, 1), **values)


def _user_id() -> int | None:
    """Of the person that this request has asked for; asks the database nothing."""
    state = sa.inspect(g.get("_login_user"), raiseerr=False)
    return state.identity[0] if state is not None and state.identity else None


def _shared() -> list[Any]:
    """What is done to every event, of ours and of libraries'."""
    on_terminal = sys.stderr.isatty()
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_failure,
        *([_one_line] if on_terminal else []),
        structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer(),
    ]


def _tell_failure(logger: Any, method: str, event: Event) -> Event:
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()
    error = failure[1] if isinstance(failure, tuple) else failure
    if isinstance(error, BaseException):
        event["exception"] = told(error)
    return event


def _one_line(logger: Any, method: str, event: Event) -> Event:
    """JSON has no line breaks inside; on a terminal a text from outside could feign a line, or colour one."""
    for name, value in event.items():
        if isinstance(value, str) and name != "exception":
            event[name] = CONTROL.sub(lambda found: ascii(found[0])[1:-1], value)
    return event


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it came from, or that it is a group of."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting and len(seen) < CHAIN_MAX:
        link = waiting.pop(0)
        if link is None or any(link is known for known in seen):
            continue
        seen.append(link)
        yield link
        waiting += [link.__cause__, link.__context__, *getattr(link, "exceptions", ())]


def _told_alone(error: BaseException, discreet: bool) -> str:
    """Frames with their lines of code, which hold no values; then type and text.  Notes are left out."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    text = "" if discreet else f": {_masked(str(error))}"
    return "".join(traceback.format_tb(error.__traceback__)) + kind + text


def _masked(text: str) -> str:
    """Without e-mail addresses, and without what the caller sent: ``int("a secret")`` quotes it in its error."""
    sent = _sent()
    quoted = {way(value)[1:-1] for value in sent for way in (repr, ascii)}  # as an error's text may have it
    for value in sorted(sent | quoted, key=len, reverse=True):
        if value.strip():
            edge = r"\b" if len(value) < 4 else ""
            text = re.sub(f"{edge}{re.escape(value)}{edge}", "[…]", text)
    return E_MAIL.sub("[…]", text)


def _sent() -> set[str]:
    """Every text of this request: fields, query, path, cookies, headers."""
    if not has_request_context():
        return set()
    sent = {text for text in (*request.headers.values(), request.path, request.url) if len(text) > 8}  # no "gzip"
    sent.update(value for values in request.args.listvalues() for value in values)
    sent.update(request.cookies.values())
    form = request.__dict__.get("form")  # only what was read already: reading may fail, and may be what failed
    sent.update(value for values in (form.listvalues() if form else ()) for value in values)
    sent.update(str(value) for value in (request.view_args or {}).values())
    return sent


class _Lines:
    """Writes lines to standard error as it is at that moment; where nobody reads it any more, work goes on."""

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


class _ToOurs(logging.Handler):
    """Library loggers' lines, written as ours are."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = _masked(record.getMessage())
            log.log(
                record.levelno, text, logger=record.name, **({"exc_info": record.exc_info} if record.exc_info else {})
            )
        except Exception:  # a broken line of a library stops nobody's work
            log.error("a log line that can't be told", logger=record.name)
