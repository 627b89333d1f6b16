"""What tests of doors share: a plugin whose every answer a test decides, and signatures as senders make them."""

import base64
import hashlib
import hmac
import json
import time

from wtforms import Form, StringField
from wtforms.validators import DataRequired

from leadhub.plugins.api import LeadDraft, PublicForm, SecretField, Source, hookimpl

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class RadioSettings(Form):
    station = StringField("Station", [DataRequired()])
    key = SecretField("Key", [DataRequired()])


class Radio:
    """``receive``, ``poll`` and ``form`` are what a test says; ``asked`` is what they were called with."""

    def __init__(self, **does):
        self.does = does
        self.asked = []

    def called(self, name):
        def call(*arguments):
            self.asked.append(arguments)
            return self.does[name](*arguments)

        return call if name in self.does else None

    @hookimpl
    def register_sources(self):
        calls = {name: self.called(name) for name in ("receive", "poll", "form")}
        return [Source(key="radio", names={"en": "Radio", "fr": "Radio FR"}, settings_form=RadioSettings, **calls)]


class Wishes(Form):
    last_name = StringField("Last name", [DataRequired()])


def radio_form(settings, context):
    return PublicForm(
        title="Call us", fields=Wishes, draft=lambda told: LeadDraft(channel="", last_name=told["last_name"])
    )


def drafts(*names):
    return [LeadDraft(channel="radio", last_name=name, external_id=name) for name in names]


def signed(body, number="msg_1", at=None, secret=SECRET):
    """Headers of Standard Webhooks."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    moment = str(int(time.time()) if at is None else at)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    print_ = hmac.digest(key, f"{number}.{moment}.".encode() + raw, hashlib.sha256)
    words = {
        "webhook-id": number,
        "webhook-timestamp": moment,
        "webhook-signature": "v1," + base64.b64encode(print_).decode(),
    }
    return {"data": raw, "headers": words, "content_type": "application/json"}
