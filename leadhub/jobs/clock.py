"""The clock of all workers.  Their machines' clocks may be minutes apart, and leases would run out early or never."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from leadhub.database import UtcDateTime


class _Now(FunctionElement[datetime]):
    """SQL.  PostgreSQL's server tells the time; an SQLite file is on the machine of all who use it."""

    type = UtcDateTime()
    inherit_cache = True


def now(later: timedelta = timedelta()) -> sa.ColumnElement[datetime]:
    """The moment at which a statement runs, or so much later.  To be compared with and stored in ``UtcDateTime``."""
    return _Now(sa.literal(later.total_seconds(), sa.Float()))


@compiles(_Now, "postgresql")
def _on_server(element: _Now, compiler: Any, **options: Any) -> str:
    """``statement_timestamp`` and not ``clock_timestamp``, for which no index would be used."""
    seconds = compiler.process(element.clauses, **options)
    return f"(timezone('UTC', statement_timestamp()) + make_interval(secs => {seconds}))"


@compiles(_Now, "sqlite")
def _in_file(element: _Now, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds')"
