"""What thousands of apps of one run would each compile anew is compiled once: the building of addresses, and SQL."""

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

_builders = {}
_statements = LRUCache(4000)


def share_builders() -> None:
    """Every app has the same rules; Werkzeug writes and compiles two functions for each."""
    compile_builder = Rule._compile_builder

    def shared(rule, append_unknown=True):
        key = (rule.rule, append_unknown, repr(rule.defaults), tuple(rule._trace), repr(rule.arguments))
        if key not in _builders:
            _builders[key] = compile_builder(rule, append_unknown)
        return _builders[key]

    Rule._compile_builder = shared


def share_statements(engine) -> None:
    """SQL that was compiled for another engine of the same kind will do: the dialects are equal."""
    engine._compiled_cache = _statements


def _is_same_kind(one, other) -> bool:
    return type(one) is type(other)


for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
    dialect.__eq__ = _is_same_kind
    dialect.__hash__ = lambda one: hash(type(one))
