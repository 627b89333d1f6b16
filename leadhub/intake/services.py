"""Makes and shapes doors, and takes in what comes through them.  Commits nothing."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from flask_babel import force_locale
from flask_babel import gettext as _

from leadhub.accounts import audit
from leadhub.accounts.models import User
from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub
from leadhub.intake import drafts as judged
from leadhub.intake.models import Door
from leadhub.intake.queries import Opened
from leadhub.leads.checks import FieldRefused
from leadhub.leads.services import create_leads
from leadhub.leads.words import SOURCE, SOURCE_MAX
from leadhub.lists.models import Source
from leadhub.lists.services import kept
from leadhub.plugin_settings.store import PluginStore, keep
from leadhub.plugin_settings.stored import Stored
from leadhub.plugins.host import Offer

TOKEN_BYTES = 16  # 22 signs
ERROR_MAX = 500
DOORS_MAX = 100
log = structlog.get_logger()


class DoorGone(RuleBroken):
    """The door, or the source that it was to have, is not there any more; nothing was changed."""


@dataclass(frozen=True)
class Taken:
    """What became of what came through a door.  ``refusal`` is the first one, in the language of the hub."""

    stored: int = 0
    refused: int = 0
    refusal: FieldRefused | None = None

    @property
    def is_all_refused(self) -> bool:
        return self.refused > 0 and self.stored == 0


def add_door(offer: Offer, name: str, source_id: int | None, stored: Stored, *, by: User) -> Door:
    """Raises ``DoorGone`` where the source is gone, ``RuleBroken`` where there are too many."""
    if (db.session.scalar(sa.select(sa.func.count(Door.id))) or 0) >= DOORS_MAX:
        raise RuleBroken(_("At most %(max)d ways in.", max=DOORS_MAX))
    _hold(source_id)
    door = Door(
        offer=offer.key, plugin=offer.plugin, name=name, source_id=source_id, token=new_token(),
        settings=dict(stored.settings), secrets=stored.secrets,
    )  # fmt: skip
    db.session.add(door)
    db.session.flush()  # its id is asked for
    _note(door, by, new=name)
    return door


def change_door(door: Door, name: str, source_id: int | None, stored: Stored, *, by: User) -> None:
    """Raises ``DoorGone``.  Where it asks another place than before, it begins there anew."""
    _hold(source_id)  # before the door, as a deletion of the source does
    db.session.refresh(door, with_for_update={"of": Door})
    if dict(door.settings) != dict(stored.settings):
        door.cursor = ""
    door.turn += 1  # a poll that is under way with the old settings is not taken in
    door.name, door.source_id = name, source_id
    door.settings, door.secrets, door.last_error = dict(stored.settings), stored.secrets, ""
    _note(door, by)


def switch(door: Door, *, is_on: bool, by: User) -> None:
    if door.is_on != is_on:
        door.is_on = is_on
        _note(door, by, on=is_on)


def renew(door: Door, *, by: User) -> None:
    """Another address; the old one leads nowhere from now on."""
    door.token = new_token()
    _note(door, by, renewed=True)


def delete(door: Door, *, by: User) -> None:
    """Its leads stay."""
    _note(door, by, old=door.name)
    db.session.delete(door)


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def take_in(opened: Opened, drafts: Sequence[Any], store: PluginStore) -> Taken:
    """Store what a plugin brought and what it wants kept, and count it.

    Raises ``DoorGone`` where somebody has closed the door meanwhile.
    """
    door = db.session.scalar(sa.select(Door).where(Door.id == opened.id, Door.is_on))
    if door is None:
        raise DoorGone(_("This is no longer there."))
    taken = _stored(door, opened, drafts)
    keep(store)
    return taken


def take_poll(opened: Opened, drafts: Sequence[Any], store: PluginStore, cursor: str) -> Taken:
    """The same for what was fetched, with where the next poll begins.  Raises ``DoorGone`` where another poll, or
    another setting, was faster: whoever calls takes back what was stored."""
    taken = take_in(opened, drafts, store)
    turn = (Door.id == opened.id, Door.turn == opened.turn)
    moved: Any = db.session.execute(sa.update(Door).where(*turn).values(cursor=cursor, turn=Door.turn + 1))
    if not moved.rowcount:
        raise DoorGone(_("This is no longer there."))
    return taken


def note_failure(token: str, words: str) -> None:
    """Something went wrong at the door with this address: the plugin failed, or whoever called was refused."""
    values = {"last_error": clean(words), "failed_at": utcnow()}
    db.session.execute(sa.update(Door).where(Door.token == token).values(values))


def clean(words: str) -> str:
    """As a database can hold it."""
    return words[:ERROR_MAX].replace("\0", "").encode(errors="replace").decode()


def _stored(door: Door, opened: Opened, drafts: Sequence[Any]) -> Taken:
    channel = f"{SOURCE}{opened.source.key}"[:SOURCE_MAX]
    source = door.source.label(hub().language) if door.source else ""  # names go before keys
    with force_locale(hub().language):
        refusals = [problem for draft in drafts if (problem := judged.problem_of(draft))]
        good = [draft for draft in drafts if not judged.problem_of(draft)]
        wanted = [judged.of_door(draft, door_id=door.id, channel=channel, source=source) for draft in good]
        outcomes = create_leads(wanted, by=None)
        refusals += [outcome.refusal for outcome in outcomes if outcome.refusal]
    taken = Taken(len(drafts) - len(refusals), len(refusals), refusals[0] if refusals else None)
    changed = sum(outcome.result in ("created", "updated") for outcome in outcomes)
    _count(door, taken, changed)
    return taken


def _count(door: Door, taken: Taken, changed: int) -> None:
    """In one statement, so that two requests at once count both."""
    values: dict[str, Any] = {"came": Door.came + changed, "refused": Door.refused + taken.refused, "last_error": ""}
    if changed:
        values["last_came_at"] = utcnow()
    if taken.refusal:
        told = f"{taken.refusal.field}: {taken.refusal}" if taken.refusal.field else str(taken.refusal)
        values |= {"last_error": clean(told), "failed_at": utcnow()}
        log.warning("refused at a door", door=door.id, refused=taken.refused, field=taken.refusal.field)
    db.session.execute(sa.update(Door).where(Door.id == door.id).values(values))


def _hold(source_id: int | None) -> None:
    """Nobody deletes it before this transaction ends."""
    if source_id is not None and not kept(Source, [source_id]):
        raise DoorGone(_("This choice is no longer there."))


def _note(door: Door, by: User, **details: Any) -> None:
    audit.record("doors", user=by, way=door.name, id=door.id, **details)
