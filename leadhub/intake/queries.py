"""Reads doors.  Nothing here writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from leadhub.extensions import db
from leadhub.intake.models import Door
from leadhub.plugins.api.sources import Source
from leadhub.plugins.host import Host, Offer


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A door with all that its plugin is called with, read before: while it runs no transaction is open."""

    id: int
    token: str
    name: str
    turn: int
    cursor: str
    plugin: str
    key: str
    source: Source
    settings: Mapping[str, Any] = field(repr=False)


def doors() -> list[Door]:
    """In the order in which they were made."""
    return list(db.session.scalars(sa.select(Door).options(joinedload(Door.source)).order_by(Door.id)))


def door_offers(host: Host) -> dict[str, Offer]:
    """Key -> what plugins offer to stand behind a door."""
    return {key: offer for key, offer in host.offers["sources"].items() if offer.value.is_door}


def opened_by_token(host: Host, token: str) -> Opened | None:
    """None where there is no such door, it is switched off, or nothing stands behind it."""
    return _opened(host, db.session.scalar(sa.select(Door).where(Door.token == token, Door.is_on)))


def opened_by_id(host: Host, door_id: int) -> Opened | None:
    return _opened(host, db.session.scalar(sa.select(Door).where(Door.id == door_id, Door.is_on)))


def polled_ids(host: Host) -> list[int]:
    """Doors that are on and fetch their leads."""
    keys = [key for key, offer in door_offers(host).items() if offer.value.poll and host.is_on(offer.plugin)]
    return list(db.session.scalars(sa.select(Door.id).where(Door.is_on, Door.offer.in_(keys)).order_by(Door.id)))


def _opened(host: Host, door: Door | None) -> Opened | None:
    offer = door_offers(host).get(door.offer) if door else None
    if door is None or offer is None or not host.is_on(offer.plugin):
        return None
    return Opened(
        id=door.id, token=door.token, name=door.name, turn=door.turn, cursor=door.cursor, plugin=offer.plugin,
        key=offer.key, source=offer.value, settings=door.stored.opened(),
    )  # fmt: skip
