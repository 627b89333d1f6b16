"""Small values that the hub keeps for plugins.

What a plugin sets while it is called waits in its ``PluginStore``, and is written by whoever called it: with ``keep``
as a part of the transaction at hand, or with ``keep_aside`` in one of its own.
"""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, scoped_session

from leadhub.database import ID_MAX, reading_aside, utcnow
from leadhub.extensions import db
from leadhub.plugin_settings.models import PluginValue

KEY_MAX = 100
VALUE_MAX = 10_000  # bytes of JSON
OWN_MAX, OF_LEAD_MAX = 10_000, 100
GONE = object()
Place = tuple[int | None, str]
Runs = Session | scoped_session[Any] | Connection
log = structlog.get_logger()


class PluginStore:
    """Answers ``plugins.api.context.Store``.  Reads what is committed, through a connection of its own, and what was
    set here since."""

    def __init__(self, plugin: str, engine: Engine) -> None:
        self.plugin = plugin
        self.engine = engine
        self.pending: dict[Place, Any] = {}

    def get(self, key: str, default: Any = None, *, lead_id: int | None = None) -> Any:
        if (lead_id, key) in self.pending:
            told = self.pending[lead_id, key]
            return default if told is GONE else json.loads(told)
        wanted = self._mine(sa.select(PluginValue.value), lead_id).where(PluginValue.key == key)
        with reading_aside(self.engine) as connection:
            found = connection.scalar(wanted)
        return default if found is None else json.loads(found)

    def set(self, key: str, value: Any, *, lead_id: int | None = None) -> None:
        _check_place(key, lead_id)
        told = json.dumps(value, ensure_ascii=True, allow_nan=False)
        json.dumps(value, ensure_ascii=False).encode()  # half of a sign (a lone surrogate) can be shown by no page
        if len(told) > VALUE_MAX:
            raise ValueError(f"a value has at most {VALUE_MAX:,} bytes as JSON")
        most = OWN_MAX if lead_id is None else OF_LEAD_MAX
        if (lead_id, key) not in self.pending and len(self._keys(lead_id) | {key}) > most:
            raise ValueError(f"at most {most:,} values are kept")
        self.pending[lead_id, key] = told

    def delete(self, key: str, *, lead_id: int | None = None) -> None:
        _check_place(key, lead_id)
        self.pending[lead_id, key] = GONE

    def all(self, *, lead_id: int | None = None) -> Mapping[str, Any]:
        wanted = self._mine(sa.select(PluginValue.key, PluginValue.value), lead_id)
        with reading_aside(self.engine) as connection:
            found: dict[str, Any] = {row.key: row.value for row in connection.execute(wanted)}
        found |= {key: told for (lead, key), told in self.pending.items() if lead == lead_id}
        return {key: json.loads(told) for key, told in sorted(found.items()) if told is not GONE}

    def _keys(self, lead_id: int | None) -> frozenset[str]:
        wanted = self._mine(sa.select(PluginValue.key), lead_id)
        with reading_aside(self.engine) as connection:
            found = frozenset(connection.scalars(wanted))
        return found | {key for (lead, key), told in self.pending.items() if lead == lead_id and told is not GONE}

    def _mine(self, statement: Any, lead_id: int | None) -> Any:
        return statement.where(PluginValue.plugin == self.plugin, PluginValue.scope == _scope(lead_id))


def keep(store: PluginStore) -> None:
    """Write what the plugin has set, in the transaction at hand.  Commits nothing."""
    _write(store, db.session())


def keep_aside(store: PluginStore) -> None:
    """The same in a transaction of its own, behind what the request does."""
    if store.pending:
        with store.engine.begin() as connection:
            _write(store, connection)


def values_of_lead(lead_id: int) -> dict[str, dict[str, Any]]:
    """Plugin -> what it keeps of the lead, by key."""
    wanted = sa.select(PluginValue).where(PluginValue.lead_id == lead_id)
    found: dict[str, dict[str, Any]] = {}
    for row in db.session.scalars(wanted.order_by(PluginValue.plugin, PluginValue.key)):
        found.setdefault(row.plugin, {})[row.key] = json.loads(row.value)
    return found


def _write(store: PluginStore, runs: Any) -> None:
    pending, store.pending = store.pending, {}
    for (lead_id, key), told in pending.items():
        here = (PluginValue.plugin == store.plugin, PluginValue.scope == _scope(lead_id), PluginValue.key == key)
        if told is GONE:
            runs.execute(sa.delete(PluginValue).where(*here))
        elif lead_id is None or _is_there(runs, lead_id):
            runs.execute(_put(store, lead_id, key, told))
        else:
            log.info("a value was not kept, since its lead is gone", plugin=store.plugin, lead=lead_id)


def _is_there(runs: Any, lead_id: int) -> bool:
    """The lead stays until the transaction ends."""
    leads = PluginValue.metadata.tables["leads"]
    wanted = sa.select(leads.c.id).where(leads.c.id == lead_id)
    return runs.execute(wanted.with_for_update(read=True, key_share=True)).first() is not None


def _put(store: PluginStore, lead_id: int | None, key: str, told: str) -> Any:
    dialect: Any = sqlite if store.engine.dialect.name == "sqlite" else postgresql
    values = {"value": told, "changed_at": utcnow()}
    row = {"plugin": store.plugin, "scope": _scope(lead_id), "key": key, "lead_id": lead_id, **values}
    statement = dialect.insert(PluginValue).values(row)
    unique = [PluginValue.plugin, PluginValue.scope, PluginValue.key]
    return statement.on_conflict_do_update(index_elements=unique, set_=values)


def _check_place(key: Any, lead_id: Any) -> None:
    """Here, where it costs the plugin's call alone.  Raises ``ValueError`` for what no row can have."""
    if not isinstance(key, str) or not 0 < len(key) <= KEY_MAX or "\0" in key:
        raise ValueError(f"a key is a text of at most {KEY_MAX} characters")
    key.encode()
    if lead_id is not None and (type(lead_id) is not int or not 0 < lead_id <= ID_MAX):
        raise ValueError("lead_id is no id of a lead")


def _scope(lead_id: int | None) -> str:
    return "" if lead_id is None else str(int(lead_id))
