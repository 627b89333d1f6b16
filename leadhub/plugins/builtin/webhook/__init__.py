"""Takes leads from any system that can send JSON to an address, and can show that it was that system."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Regexp

from leadhub.plugins.api import Context, Received, Refused, Reply, Request, SecretField, Source, hookimpl
from leadhub.plugins.api.sources import Settings
from leadhub.plugins.builtin import json_drafts

PURPOSE = {
    "en": "Takes leads from other systems that send JSON.",
    "fr": "Reçoit les pistes que d’autres systèmes envoient en JSON.",
}
N_ = str  # marks a text that is kept in English and translated where it is shown
SIGNED, SHARED = "signed", "shared"
PREFIX = "whsec_"
TOLERANCE = 300  # seconds between its clock and ours (Standard Webhooks 1.0.0)
KEY_MIN = 16  # bytes
CHALLENGE_MAX = 500
CHANNEL = "webhook"


class WebhookSettings(Form):
    how = SelectField(
        _l("How the sender shows who it is"),
        choices=[
            SelectChoice(SIGNED, _l("Signature (Standard Webhooks)")),
            SelectChoice(SHARED, _l("Secret in a header")),
        ],
        default=SIGNED,
    )
    secret = SecretField(
        _l("Secret"),
        [DataRequired(), Length(max=1000)],
        description=_l("As the sender has it. Two of them, with a space between, while one replaces the other."),
    )
    header = StringField(
        _l("Header of the secret"),
        [DataRequired(), Regexp(r"^[A-Za-z0-9-]{1,60}$", message=_l("Only letters, digits and hyphens."))],
        default="X-Webhook-Secret",
        description=_l("Only for a secret in a header; with “Authorization” it may stand behind “Bearer”."),
    )

    def validate_secret(self, field: Any) -> None:
        for secret in (field.data or "").split():
            if self.how.data == SIGNED and len(_key_of(secret)) < KEY_MIN:
                raise ValidationError(_l("A secret for signatures begins with whsec_ and is long enough."))
            if self.how.data == SHARED and len(secret) < KEY_MIN:
                raise ValidationError(_l("At least 16 characters."))


def receive(request: Request, settings: Settings, context: Context) -> Received:
    if request.method in ("GET", "HEAD"):
        return Received(reply=_challenge(request, settings))
    verify(request, settings, context.now())
    try:
        told = json_drafts.read(request.body)
    except ValueError:
        raise Refused(N_("The body is no JSON."), status=400) from None
    if isinstance(told, dict) and isinstance(told.get("challenge"), str) and len(told) <= 3:
        return Received(reply=Reply(body=told["challenge"][:CHALLENGE_MAX]))
    return Received(drafts=_drafts(told, request.headers.get("webhook-id", "")), reply=Reply(body="ok\n"))


def verify(request: Request, settings: Settings, now: datetime) -> None:
    """Raises ``Refused``."""
    secrets = str(settings.get("secret", "")).split()
    if settings.get("how") == SHARED:
        told = request.headers.get(str(settings.get("header", "")).lower(), "").removeprefix("Bearer ").strip()
        if not any(hmac.compare_digest(told.encode(), secret.encode()) for secret in secrets):
            raise Refused(N_("The secret is missing or wrong."))
        return
    number, moment = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    if not moment.isdecimal() or len(moment) > 12 or abs(now.timestamp() - int(moment)) > TOLERANCE:
        raise Refused(N_("The time of the signature is missing, or more than five minutes from ours."))
    signed = f"{number}.{moment}.".encode() + request.body
    wanted = [b"v1," + base64.b64encode(hmac.digest(_key_of(secret), signed, hashlib.sha256)) for secret in secrets]
    given = [told.encode() for told in request.headers.get("webhook-signature", "").split()[:10]]
    if not number or not any(hmac.compare_digest(mine, yours) for mine in wanted for yours in given):
        raise Refused(N_("The signature is missing or wrong."))


def _drafts(told: Any, number: str) -> list[Any]:
    """Objects with leads: one, several, or what an envelope (``type`` and ``data``) holds.  One that names no id of its
    own has that of the message, so that one sent twice is one lead."""
    if isinstance(told, dict) and isinstance(told.get("type"), str) and isinstance(told.get("data"), dict | list):
        told = told["data"]
    several = told if isinstance(told, list) else [told]
    if not all(isinstance(each, Mapping) for each in several):
        raise Refused(N_("The body holds no objects."), status=400)
    ids = [f"{number}:{place}" if len(several) > 1 else number for place in range(len(several))]
    return [
        json_drafts.draft_of(each, channel=CHANNEL, external_id=own if number else "")
        for each, own in zip(several, ids, strict=True)
    ]


def _challenge(request: Request, settings: Settings) -> Reply:
    """Some senders first ask whether the address is theirs: what they ask with ``challenge`` is sent back.  Where they
    show a token too, it has to be the secret."""
    words = request.arguments
    told = words.get("challenge") or words.get("hub.challenge", "")
    shown = words.get("hub.verify_token")
    if not told or len(told) > CHALLENGE_MAX:
        raise Refused(N_("Somebody opened the address and asked nothing."), status=404)
    secrets = str(settings.get("secret", "")).split()
    if shown is not None and not any(hmac.compare_digest(shown.encode(), secret.encode()) for secret in secrets):
        raise Refused(N_("The token of the challenge is wrong."), status=403)
    return Reply(body=told)


def _key_of(secret: str) -> bytes:
    """The bytes that sign; none where it is no such secret."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except binascii.Error:
        return b""


@hookimpl
def register_sources() -> list[Source]:
    return [
        Source(
            key="webhook",
            names={"en": "Webhook", "fr": "Webhook"},
            is_listed=False,
            settings_form=WebhookSettings,
            receive=receive,
        )
    ]
