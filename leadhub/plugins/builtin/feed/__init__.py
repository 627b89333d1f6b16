"""Fetches leads from an address that answers with JSON, every five minutes."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField
from wtforms.validators import DataRequired, Length, Regexp

from leadhub.plugins.api import Context, Failed, Polled, SecretField, Source, hookimpl
from leadhub.plugins.api.sources import Settings
from leadhub.plugins.builtin import json_drafts

PURPOSE = {
    "en": "Fetches leads from an address that answers with JSON.",
    "fr": "Va chercher des pistes à une adresse qui répond en JSON.",
}
CHANNEL = "feed"


class FeedSettings(Form):
    url = StringField(
        _l("Address"),
        [
            DataRequired(),
            Length(max=1000),
            Regexp(r"^https?://", message=_l("Give an address that begins with http:// or https://.")),
        ],
        description=_l("It answers with a list of objects, or with an object that has it under “leads”."),
    )
    header = StringField(
        _l("Header of the token"),
        [DataRequired(), Regexp(r"^[A-Za-z0-9-]{1,60}$", message=_l("Only letters, digits and hyphens."))],
        default="Authorization",
    )
    token = SecretField(
        _l("Token"), [Length(max=2000)], description=_l("Sent as it stands here, with “Bearer” before it if need be.")
    )


def poll(cursor: str, settings: Settings, context: Context) -> Polled:
    headers = {"Accept": "application/json"}
    if settings.get("token"):
        headers[settings["header"]] = settings["token"]
    answer = context.http("GET", _with_cursor(settings["url"], cursor), headers=headers)
    if answer.status != 200:
        raise Failed(_("The address did not answer with 200."))
    try:
        told = json_drafts.read(answer.body)
    except ValueError:
        raise Failed(_("The answer is no JSON, or longer than 64 KiB.")) from None
    page: Mapping[str, Any] = told if isinstance(told, dict) else {"leads": told}
    found = page.get("leads")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Failed(_("The answer holds no list of objects."))
    drafts = [json_drafts.draft_of(each, channel=CHANNEL, external_id=_print_of(each)) for each in found]
    after = str(page.get("cursor") or cursor)
    return Polled(drafts=drafts, cursor=after, has_more=page.get("has_more") is True and after != cursor)


def _with_cursor(url: str, cursor: str) -> str:
    """The address, with ``cursor=`` behind it once there is one."""
    if not cursor:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), ("cursor", cursor)])))


def _print_of(told: Any) -> str:
    """Stands for an object that names no id: the same object again is the same lead."""
    return hashlib.sha256(json.dumps(told, default=str, sort_keys=True).encode()).hexdigest()[:32]


@hookimpl
def register_sources() -> list[Source]:
    names = {"en": "JSON feed", "fr": "Flux JSON"}
    return [Source(key="feed", names=names, is_listed=False, settings_form=FeedSettings, poll=poll)]
