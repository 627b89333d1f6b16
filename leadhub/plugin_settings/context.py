"""What a plugin is lent while it is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from flask import current_app

from leadhub import outgoing
from leadhub.database import utcnow


@dataclass(frozen=True)
class HubContext:
    """Answers ``plugins.api.context.Context``."""

    http: Any
    log: Any
    run_id: str

    def now(self) -> datetime:
        return utcnow()


def context_for(plugin: str, run_id: str) -> HubContext:
    hosts = current_app.extensions["leadhub"]["settings"].outgoing_hosts
    log = structlog.get_logger().bind(plugin=plugin)
    return HubContext(partial(_http, hosts), log, run_id)


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
