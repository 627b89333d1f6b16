"""Who hears of what is said on a lead: people who are mentioned, and people who follow it.  Commits nothing."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects import postgresql, sqlite

from leadhub.accounts.models import User
from leadhub.accounts.notices import language_of
from leadhub.accounts.queries import active_users
from leadhub.accounts.visibility import may_see
from leadhub.extensions import db
from leadhub.folding import fold
from leadhub.jobs import mail
from leadhub.jobs.registry import Handler, Payload
from leadhub.jobs.services import enqueue
from leadhub.leads.models import Lead, LeadEvent, LeadFollower

TELL = "leads.tell"
MENTION = re.compile(r"(?<![\w@.+-])@(?=\w)")
MENTIONS_MAX = 50  # signs that are looked at, in one text
NAME_MAX = 254  # characters behind the sign
GOES_ON = re.compile(r"\w|[.@+]\w")
EXCERPT = 600  # characters of a text in a mail


def follow(lead: Lead, user_ids: Iterable[int]) -> None:
    """Nothing happens to those who follow it already."""
    dialect: Any = sqlite if db.session().get_bind().dialect.name == "sqlite" else postgresql
    rows = [{"lead_id": lead.id, "user_id": user_id} for user_id in user_ids]
    if rows:
        db.session.execute(dialect.insert(LeadFollower).values(rows).on_conflict_do_nothing())


def unfollow(lead: Lead, user: User) -> None:
    row = (LeadFollower.lead_id == lead.id) & (LeadFollower.user_id == user.id)
    db.session.execute(sa.delete(LeadFollower).where(row))


def is_following(lead: Lead, user: User) -> bool:
    return db.session.get(LeadFollower, (lead.id, user.id)) is not None


def mentions_in(text: str, lead: Lead, *, by: User) -> list[int]:
    """Ids of those whom the text mentions, by ``@`` and name or e-mail, and who may see the lead; ``by`` is none."""
    places = [found.end() for found, _count in zip(MENTION.finditer(text), range(MENTIONS_MAX), strict=False)]
    if not places:
        return []
    people: dict[str, list[User]] = {}
    for user in active_users():
        for key in {fold(user.name), fold(user.email)} - {""}:
            people.setdefault(key, []).append(user)
    named = {user.id: user for place in places for user in _named_at(text[place : place + NAME_MAX], people)}
    return sorted(user.id for user in named.values() if user.id != by.id and may_see(user, lead))


def _named_at(text: str, people: dict[str, list[User]]) -> Sequence[User]:
    """Those whose name stands at the beginning of the text: the longest that does."""
    read = fold(text.partition("\n")[0])
    found = [key for key in people if read.startswith(key) and not GOES_ON.match(read, len(key))]
    return people[max(found, key=len)] if found else ()


def announce(event: LeadEvent, mentions: Sequence[int], *, link: str) -> None:
    """Have the mentioned follow the lead, and have everybody told who wants to hear of this line."""
    lead = db.session.get_one(Lead, event.lead_id)
    follow(lead, mentions)
    others = (LeadFollower.lead_id == lead.id) & (LeadFollower.user_id != event.by_id)
    if mail.can_send() and db.session.scalar(sa.select(sa.exists().where(others))):
        enqueue(TELL, {"event": event.id, "link": link}, key=f"tell:{event.id}")


def tell(payload: Payload) -> None:
    """The worker's part: a mail to each who is here and may see the lead at this moment."""
    event = db.session.get(LeadEvent, payload["event"])
    if event is None or not mail.can_send():
        return
    lead = db.session.get_one(Lead, event.lead_id)
    followers = sa.select(LeadFollower.user_id).where(LeadFollower.lead_id == lead.id)
    for user in db.session.scalars(sa.select(User).where(User.id.in_(followers), User.active).order_by(User.id)):
        if user.id != event.by_id and may_see(user, lead):
            _send(event, lead, user, payload["link"])


def _send(event: LeadEvent, lead: Lead, user: User, link: str) -> None:
    language = language_of(user)
    words = {
        "name": event.by.label if event.by else "",
        "lead": lead.title(language),
        "kind": event.kind,
        "outcome": event.details.get("outcome", ""),
        "when": event.happens_at.isoformat() if event.happens_at else "",
        "text": event.body[:EXCERPT] + ("…" if len(event.body) > EXCERPT else ""),
        "mentioned": "yes" if user.id in event.details.get("mentions", ()) else "",
    }
    mail.send_mail("said", user.email, language=language, key=f"told:{event.id}:{user.id}", link=link, **words)


HANDLERS = {TELL: Handler(run=tell, label=_l("Tell people what was said on a lead"))}
