"""What a plugin is lent while it is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, current_app
from flask_babel import get_locale
from wtforms.fields.core import UnboundField

from leadhub import outgoing
from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.extensions import db
from leadhub.hub.queries import time_zone
from leadhub.plugin_settings.queries import settings_of
from leadhub.plugin_settings.store import PluginStore
from leadhub.plugin_settings.translations import translated
from leadhub.plugins.api.reading import Reader
from leadhub.plugins.host import current_host

MakesReader = Callable[..., Reader]


@dataclass(frozen=True)
class HubContext:
    """Answers ``plugins.api.context.Context``.  What ``store`` was given is written by whoever made the call."""

    http: Any
    log: Any
    store: PluginStore
    reader: Reader
    settings: Mapping[str, Any]
    run_id: str
    is_dry_run: bool
    folder: Path | None
    language: str
    zone: ZoneInfo

    def now(self) -> datetime:
        return utcnow()

    def today(self) -> date:
        return utcnow().astimezone(self.zone).date()

    def _(self, text: str, **words: Any) -> str:
        return translated(self.folder, self.language, text, **words)


def bind(app: Flask, reader_for: MakesReader) -> None:
    """Leads lie above this: whoever knows them says how they are read."""
    app.extensions["leadhub_reader_for"] = reader_for


def context_for(
    plugin: str, run_id: str, *, user: User | None = None, is_stranger: bool = False, is_dry_run: bool = False
) -> HubContext:
    """To be made before the call, where a database session is at hand.  ``user``: who looks; None: nobody does, and it
    sees every lead, or a stranger, for whom there is none."""
    hosts = current_app.extensions["leadhub"]["settings"].outgoing_hosts
    there, locale = current_host().plugins.get(plugin), get_locale()
    return HubContext(
        http=partial(_http, hosts),
        log=structlog.get_logger().bind(plugin=plugin),
        store=PluginStore(plugin, db.engine),
        reader=cast(MakesReader, current_app.extensions["leadhub_reader_for"])(user, is_stranger=is_stranger),
        settings=defaults_of(there.settings_form if there else None) | settings_of(plugin),
        run_id=run_id,
        is_dry_run=is_dry_run,
        folder=there.folder if there else None,
        language=locale.language if locale else "en",
        zone=time_zone(),
    )


def defaults_of(form: Any) -> dict[str, Any]:
    """What the fields of a form of settings hold until somebody sets them."""
    fields = {name: getattr(form, name, None) for name in dir(form)}
    told = {name: made.kwargs.get("default") for name, made in fields.items() if isinstance(made, UnboundField)}
    return {name: value for name, value in told.items() if value is not None and not callable(value)}


def _http(
    hosts: tuple[str, ...],
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    json: object = None,
) -> outgoing.Answer:
    return outgoing.call(method, url, allowed_hosts=hosts, headers=headers, body=body, json=json)
