"""The mail that the hub itself sends: one function, templates in ``templates/mail``, sent by the worker.

A template is one text file with the blocks ``subject``, ``text`` and ``button``.  The plain and the HTML part are made
of the same paragraphs, so that they never differ; the paragraph that is the link becomes a button.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import localtime
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from email_validator import EmailNotValidError, validate_email
from flask import Flask, current_app
from flask_babel import force_locale, format_datetime, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from leadhub.database import utcnow
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.hub.queries import hub, local
from leadhub.jobs import smtp
from leadhub.jobs.mail_server import MailServer, current_server, current_settings
from leadhub.jobs.models import Effect
from leadhub.jobs.registry import GiveUp, Handler, NotNow, Payload
from leadhub.jobs.services import enqueue
from leadhub.keys import cipher
from leadhub.settings import mailbox

KIND = "mail.send"
TEMPLATES = {
    "handover": {"giver", "count", "link"},
    "invitation": {"name", "hub", "link", "until"},
    "password_changed": {"link"},
    "quotation": {"number", "company", "message", "link"},
    "quotation_answered": {"number", "name", "party", "answer", "note", "link"},
    "reset": {"link"},
    "said": {"name", "lead", "kind", "link"},
    "status": {"lead", "status", "link"},
    "test": {"hub"},
}
"""The words that each asks for; ``now``, when the mail was asked for, is there without being given.  An empty one is
left out of the text."""
MOMENTS = {"now", "until", "when"}
"""Words that are moments, aware, in ISO 8601: the reader gets them in words, on the hub's clock."""
TEXTS = {"message"}
"""Words that may have lines and paragraphs."""
N_ = str
NO_SERVER = N_("No mail server is set up.")
NO_KEY = N_("The mail can’t be read with today’s encryption keys.")
NO_ADDRESS = N_("This is no address that mail can be sent to.")


class NoMailServer(RuleBroken):
    """There is nothing to send mail with; nothing was stored."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A PDF file that goes with a mail."""

    name: str
    content: bytes


Attach = Callable[[int], Callable[[], Attachment | None]]
"""The id of a record -> what makes the file, which asks nothing of the database any more."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail, as the worker finds it.  ``is_once``: a test, which is tried once.  ``attached``: see ``send_mail``."""

    template: str
    to: str
    language: str
    words: dict[str, str]
    id: str
    is_once: bool
    reply_to: str = ""
    attached: str = ""


def bind_attachments(app: Flask, known: Mapping[str, Attach]) -> None:
    """What can be attached, by the name that ``send_mail`` knows it by."""
    app.extensions["leadhub_attachments"] = dict(known)


def send_mail(
    template: str,
    to: str,
    *,
    language: str,
    key: str | None = None,
    reply_to: str = "",
    attached: str = "",
    **words: str,
) -> None:
    """Have one mail sent once this transaction is committed.

    ``template`` is a file of ``templates/mail`` without its ending, ``language`` that of the reader, ``words`` what
    ``TEMPLATES`` says of it.  With a ``key``, the same mail is sent once however often this is called.  ``reply_to`` is
    the address of the person who sends it; ``attached`` (``quotation:7``) names a file, as ``bind_attachments`` does,
    and the id of the record that it is made of when the mail is sent.  Raises ``NoMailServer``; ``can_send`` tells
    beforehand.
    """
    if not can_send():
        raise NoMailServer(_("No mail server is set up. An admin can do that under Settings, E-mail."))
    _enqueue(template, to, language, words, key, reply_to=reply_to, attached=attached)


def send_test(to: str, *, language: str) -> str:
    """Have a test sent to somebody, with one try.  Returns what ``test_of`` finds it by.  Raises ``NoMailServer``."""
    if not can_send():
        raise NoMailServer(_("No mail server is set up. An admin can do that under Settings, E-mail."))
    token = secrets.token_hex(8)
    _enqueue("test", to, language, {"hub": current_settings().base_url}, f"mail.test.{token}", is_once=True)
    return token


def test_of(token: str) -> Effect | None:
    """The effect that a test is."""
    return db.session.scalar(sa.select(Effect).where(Effect.kind == KIND, Effect.dedupe_key == f"mail.test.{token}"))


def can_send() -> bool:
    """Is there a mail server, and a sender?"""
    server = current_server()
    return server is not None and bool(server.sender)


def _enqueue(
    template: str,
    to: str,
    language: str,
    words: dict[str, str],
    key: str | None,
    *,
    is_once: bool = False,
    **further: Any,
) -> None:
    if missing := TEMPLATES[template] - set(words):
        raise TypeError(f"mail/{template}.txt asks for {sorted(missing)} too")
    words = words | {"now": utcnow().isoformat()}
    secret = json.dumps({"to": to, "language": language, "words": words, **further}).encode()
    sealed = cipher(current_settings()).encrypt(secret).decode()  # words hold links that let somebody in
    payload = {"template": template, "id": secrets.token_hex(16), "once": is_once, "sealed": sealed}
    enqueue(KIND, payload, key=key)


def deliver(payload: Payload) -> Iterator[None]:
    """The worker's part.  Behind its only ``yield`` it asks nothing of the database."""
    mail = _opened(payload)
    try:
        server = current_server()
        if server is None or not server.sender:
            raise NotNow(NO_SERVER)
        message, attach = compose(mail, server), _attachment_of(mail)
        yield
        if attached := attach():
            message.add_attachment(attached.content, maintype="application", subtype="pdf", filename=attached.name)
        smtp.post(message, server, message["To"].addresses[0].addr_spec)
    except NotNow as reason:
        if mail.is_once:
            raise GiveUp(str(reason)) from None
        raise


HANDLER = Handler(run=deliver, label=_l("E-mail"))


def _opened(payload: Payload) -> Mail:
    try:
        secret = json.loads(cipher(current_settings()).decrypt(payload["sealed"].encode()))
    except InvalidToken:
        raise GiveUp(NO_KEY) from None
    return Mail(template=payload["template"], id=payload["id"], is_once=payload["once"], **secret)


def _attachment_of(mail: Mail) -> Callable[[], Attachment | None]:
    if not mail.attached:
        return lambda: None
    kind, _colon, record_id = mail.attached.partition(":")
    known: Mapping[str, Attach] = current_app.extensions["leadhub_attachments"]
    return known[kind](int(record_id))


def compose(mail: Mail, server: MailServer) -> EmailMessage:
    """The mail in its reader's language, as text and as HTML.  Raises ``GiveUp`` for an address that can't be one."""
    name, sender = mailbox(server.sender)
    message = EmailMessage()
    message["From"] = Address(name, addr_spec=sender)
    message["To"] = Address(addr_spec=_recipient(mail.to))
    message["Date"] = localtime()
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"  # the same at each try: a second copy is known
    if mail.reply_to:
        with suppress(GiveUp):  # the mail goes without it
            message["Reply-To"] = Address(addr_spec=_recipient(mail.reply_to))
    else:  # nobody wrote it (RFC 3834, 5)
        message["Auto-Submitted"] = "auto-generated"
    with force_locale(mail.language):
        message["Subject"], text, html = _rendered(mail)
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def _recipient(to: str) -> str:
    try:
        checked = validate_email(to, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise GiveUp(NO_ADDRESS) from None
    if not checked.ascii_email:  # letters before the @ that no header of ours can carry
        raise GiveUp(NO_ADDRESS)
    return str(checked.ascii_email)


def _rendered(mail: Mail) -> tuple[str, str, str]:
    """Subject, text, HTML.  Outside a template's own blocks nothing is asked of a request."""
    template = current_app.jinja_env.get_template(f"mail/{mail.template}.txt")
    words = {name: _shown(name, text) for name, text in mail.words.items()}
    context = template.new_context(words)
    blocks = {name: "".join(block(context)).strip() for name, block in template.blocks.items()}
    subject = _one_line(blocks["subject"])
    frame = {
        "subject": subject,
        "paragraphs": [part.strip() for part in re.split(r"\n\s*\n", blocks["text"])],
        "button": blocks.get("button", ""),
        "link": words.get("link", ""),
        "address": current_settings().base_url,
        "language": mail.language,
    }
    parts = [current_app.jinja_env.get_template(f"mail/_layout.{kind}").render(frame) for kind in ("txt", "html")]
    return subject, parts[0], parts[1]


def _shown(name: str, text: str) -> str:
    if name in MOMENTS:
        return _in_words(text)
    return "\n".join(map(_one_line, text.splitlines())) if name in TEXTS else _one_line(text)


def _one_line(text: str) -> str:
    """No word can begin a paragraph or a header of its own."""
    return re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", text).strip(" ")  # French keeps its fixed spaces


def _in_words(text: str) -> str:
    """22 November 2026, 09:05 (Europe/Paris)."""
    try:
        moment = local(datetime.fromisoformat(text))
    except ValueError:  # in words already
        return _one_line(text)
    is_french = str(get_locale()) == "fr"
    pattern = "d MMMM yyyy 'à' H'\u00a0h\u00a0'mm" if is_french else "d MMMM yyyy, HH:mm"
    written = format_datetime(moment, pattern, rebase=False)
    if is_french and moment.day == 1:
        written = "1er" + written.removeprefix("1")
    return f"{written} ({hub().time_zone.replace('_', ' ')})"
