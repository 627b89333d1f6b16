"""A backup's rows: what a column's value is in a line of JSON, and back."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from leadhub.backup.file import BROKEN, LINE_MAX, NoBackup

Row = dict[str, Any]
Convert = Callable[[Any], Any]
KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], tuple[type, ...]], ...] = (
    (sa.Boolean, (bool,)),
    (sa.Integer, (int,)),
    (sa.Float, (float, int)),
    (sa.String, (str,)),
    (sa.DateTime, (str,)),
    (sa.Date, (str,)),
    (sa.LargeBinary, (str,)),
    (sa.Numeric, (str,)),
)


class Misfit(ValueError):
    """A row that can't be stored; the text names its place, and no value."""


def to_lines(table: sa.Table, rows: Iterable[Row]) -> Iterator[bytes]:
    """A line a row, in ASCII: no text of the hub can break one.  Raises ``NoBackup`` for one that none could read."""
    ways = {column.name: way for column in table.columns if (way := _way_out(column.type))}
    for number, row in enumerate(rows, start=1):
        for name, way in ways.items():
            if row[name] is not None:
                row[name] = way(row[name])
        line = json.dumps(row, separators=(",", ":")).encode() + b"\n"
        if len(line) > LINE_MAX:
            raise NoBackup(f"Row {number} of {table.name} is too long for a backup: {len(line):,} bytes.")
        yield line


def from_lines(table: sa.Table, lines: Iterable[bytes], *, nul: bool = True) -> Iterator[Row]:
    """Raises ``Misfit`` for a line that is no row of this table, or has a NUL where there may be no ``nul``."""
    kinds = {column.name: kinds for column in table.columns if (kinds := _kinds(column.type))}
    ways = {column.name: way for column in table.columns if (way := _way_in(column.type))}
    names = {column.name for column in table.columns}
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            if not isinstance(row, dict) or row.keys() != names:
                raise ValueError
            for name, known in kinds.items():
                if row[name] is not None and type(row[name]) not in known:
                    raise ValueError
            for name, way in ways.items():
                if row[name] is not None:
                    row[name] = way(row[name])
        except (*BROKEN, ArithmeticError):
            raise Misfit(f"line {number} of {table.name} is no row of it") from None
        if not nul and b"\\u0000" in line:
            _refuse_nul(table, number, row)
        yield row


def _refuse_nul(table: sa.Table, number: int, row: Row) -> None:
    for name, value in row.items():
        if isinstance(value, str) and "\0" in value:
            raise Misfit(f"line {number} of {table.name} has a NUL sign in {name}, which PostgreSQL can’t store")


def _kinds(kind: sa.types.TypeEngine[Any]) -> tuple[type, ...]:
    """What JSON has for such a column; nothing: anything."""
    return next((types for of, types in KINDS if isinstance(kind, of)), ())


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        raise ValueError("moments are stored without zone")
    return moment


def json_writer(column: sa.Column[Any]) -> Convert:
    """As SQLAlchemy writes a column of this kind, where it is not asked to."""
    return lambda value: None if value is None and column.nullable else json.dumps(value)


def _way_out(kind: sa.types.TypeEngine[Any]) -> Convert | None:
    if isinstance(kind, (sa.DateTime, sa.Date)):
        return lambda value: value.isoformat()
    if isinstance(kind, sa.LargeBinary):
        return lambda value: base64.b64encode(value).decode()
    if isinstance(kind, sa.Numeric) and not isinstance(kind, sa.Float):
        return str
    return None


def _way_in(kind: sa.types.TypeEngine[Any]) -> Convert | None:
    if isinstance(kind, sa.DateTime):
        return _moment
    if isinstance(kind, sa.Date):
        return date.fromisoformat
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode
    if isinstance(kind, sa.Numeric) and not isinstance(kind, sa.Float):
        return Decimal
    return None
