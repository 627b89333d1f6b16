"""Keeps layouts of the statistics page, gives them back, and offers one to everybody.  Commits nothing."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.dialects import postgresql, sqlite

from leadhub.accounts import audit
from leadhub.accounts.models import User
from leadhub.accounts.roles import MANAGE_LEADS
from leadhub.dashboard import queries
from leadhub.dashboard.layouts import ADD, DOWN, REMOVE, SIZES, UP, LayoutDraft, Slot, kept_for
from leadhub.dashboard.models import DashboardLayout
from leadhub.dashboard.tabs import LEADS
from leadhub.database import utcnow
from leadhub.errors import NotAllowed, RuleBroken
from leadhub.extensions import db
from leadhub.lists.services import one_at_a_time

CARDS_MAX = 40


class LayoutRefused(RuleBroken):
    """Something that no layout can be."""

    status = 422


def save_layout(draft: LayoutDraft, *, by: User, tab: str = LEADS) -> list[Slot]:
    """The person's own layout of this tab from now on.  What two windows do is no quarrel: the last one is right,
    and cards that the other one took away or that have gone meanwhile are left out.

    Raises ``LayoutRefused``; nothing is stored then.
    """
    if not draft.slots and not draft.act:
        raise LayoutRefused(_("Nothing was sent. Load the page again."))
    before = queries.slots_for(by, tab)
    offered = {place.key: Slot(place.key, place.size) for place in queries.offered_to(by, tab)}
    known = {slot.key for slot in before} | {*offered}
    slots = [slot for slot in {slot.key: slot for slot in draft.slots}.values() if slot.key in known]
    slots = _added(slots, offered.get(draft.key)) if draft.act == ADD else _changed(slots, draft.act, draft.key)
    if len(slots) > max(CARDS_MAX, len(before)):
        raise LayoutRefused(
            ngettext("The page has at most %(num)d card.", "The page has at most %(num)d cards.", CARDS_MAX)
        )
    _store(slots, by, tab)
    return slots


def reset_layout(*, by: User, tab: str = LEADS) -> list[Slot] | None:
    """The person has the layout for everybody again.  What was their own; None where nothing was."""
    own = kept_for(by, tab).own
    db.session.execute(sa.delete(DashboardLayout).where(DashboardLayout.user_id == by.id, DashboardLayout.tab == tab))
    return own


def share_layout(*, by: User, tab: str = LEADS) -> None:
    """Everybody who has none of their own gets this person's.  Raises ``RuleBroken`` where there is none."""
    _check_may_share(by)
    one_at_a_time()
    slots = kept_for(by, tab).own
    if slots is None:
        raise RuleBroken(_("You have no layout of your own yet. Change something first."))
    _forget_shared(tab)
    db.session.add(DashboardLayout(user_id=None, tab=tab, cards=_cards(slots)))
    audit.record("layout", user=by, for_all=True, **_told(tab))


def unshare_layout(*, by: User, tab: str = LEADS) -> None:
    """Everybody who has none of their own gets the usual one again."""
    _check_may_share(by)
    one_at_a_time()
    if _forget_shared(tab):
        audit.record("layout", user=by, for_all=False, **_told(tab))


def _added(slots: list[Slot], card: Slot | None) -> list[Slot]:
    if card is None:
        raise LayoutRefused(_("This card is not there any more. Load the page again."))
    return slots if any(slot.key == card.key for slot in slots) else [*slots, card]


def _changed(slots: list[Slot], act: str, key: str) -> list[Slot]:
    """As they are, where another window has taken the card away."""
    place = next((number for number, slot in enumerate(slots) if slot.key == key), None)
    if place is None:
        return slots
    if act in SIZES:
        slots[place] = Slot(key, act)
    elif act == REMOVE:
        del slots[place]
    elif act in (UP, DOWN):
        to = place - 1 if act == UP else place + 1
        if 0 <= to < len(slots):
            slots[place], slots[to] = slots[to], slots[place]
    return slots


def _store(slots: Sequence[Slot], user: User, tab: str) -> None:
    """In one statement: two windows that save at once wait for each other."""
    dialect = sqlite if db.session().get_bind().dialect.name == "sqlite" else postgresql
    values = {"cards": _cards(slots), "updated_at": utcnow()}
    row = dialect.insert(DashboardLayout).values(user_id=user.id, tab=tab, **values)
    whose = [DashboardLayout.user_id, DashboardLayout.tab]
    db.session.execute(row.on_conflict_do_update(index_elements=whose, set_=values))


def _told(tab: str) -> dict[str, str]:
    """For the audit log; of the first tab it says nothing more."""
    return {"tab": tab} if tab else {}


def _cards(slots: Sequence[Slot]) -> list[dict[str, str]]:
    return [{"key": slot.key, "size": slot.size} for slot in slots]


def _forget_shared(tab: str) -> bool:
    shared = (DashboardLayout.user_id.is_(None), DashboardLayout.tab == tab)
    gone = db.session.execute(sa.delete(DashboardLayout).where(*shared))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def _check_may_share(by: User) -> None:
    if not by.may(MANAGE_LEADS):
        raise NotAllowed(_("Your role does not allow this. An admin can change it."))
