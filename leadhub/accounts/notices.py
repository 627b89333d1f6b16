"""What people are told by mail about their accounts; and where a link of the hub leads from outside."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, has_request_context, url_for

from leadhub.accounts.links import INVITATION, new_link
from leadhub.accounts.models import AccountLink, User
from leadhub.hub.queries import hub
from leadhub.jobs import mail


def address_of(endpoint: str, **values: Any) -> str:
    """The whole address of a page: below BASE_URL, whatever host the request named.  Without BASE_URL the hub answers
    on this machine's own names only (``security.LOOPBACK``), and the request's is one of them; outside requests nothing
    is known then, and the address is empty."""
    base = urlsplit(current_app.extensions["leadhub"]["settings"].base_url)
    if not has_request_context():
        adapter = current_app.url_map.bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)
        return adapter.build(endpoint, values, force_external=True) if base.scheme else ""
    if not base.scheme:
        return str(url_for(endpoint, _external=True, **values))
    return f"{base.scheme}://{base.netloc}{url_for(endpoint, **values)}"


def language_of(user: User) -> str:
    return user.language or hub().language


def send_link(user: User, *, by: User | None) -> str | None:
    """A fresh link to choose a password: mailed, or returned where there is no mail server, to be handed over."""
    link, token = new_link(user, alone=by is not None)
    address = address_of("password.show", token=token)
    if not mail.can_send():
        return address
    _send(link, user, address, by)
    return None


def tell_password_changed(user: User) -> None:
    """So that somebody whose password was changed by a stranger hears of it."""
    if mail.can_send():
        mail.send_mail(
            "password_changed", user.email, language=language_of(user), link=address_of("password.forgotten")
        )


def tell_handed_over(taker: User, giver: User, counts: dict[str, int]) -> None:
    """Somebody has new work."""
    if mail.can_send() and counts.get("leads"):
        mail.send_mail(
            "handover",
            taker.email,
            language=language_of(taker),
            giver=giver.label,
            count=str(counts.get("leads", 0)),
            link=address_of("leads.index"),
        )


def _send(link: AccountLink, user: User, address: str, by: User | None) -> None:
    words = {"link": address, "name": by.label if by else ""}
    if link.purpose == INVITATION:
        words |= {"until": link.expires_at.isoformat(), "hub": address_of("home")}
    mail.send_mail(link.purpose, user.email, language=language_of(user), **words)
