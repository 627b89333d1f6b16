"""What the other data of a lead says of its way here: the words that links of campaigns, browsers and advertising
networks leave behind.  Pure: nothing here knows a database."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from leadhub.folding import fold

SIGNS = re.compile(r"[^a-z0-9]+")
NAMES = {
    "utmsource": "utm_source",
    "utmmedium": "utm_medium",
    "utmcampaign": "utm_campaign",
    "referrer": "referrer",
    "referer": "referrer",
    "httpreferrer": "referrer",
    "httpreferer": "referrer",
    "documentreferrer": "referrer",
    "referrerurl": "referrer",
    "referringsite": "referrer",
    "gclid": "gclid",
    "gbraid": "gbraid",
    "wbraid": "wbraid",
    "msclkid": "msclkid",
    "fbclid": "fbclid",
    "lifatid": "li_fat_id",
    "ttclid": "ttclid",
}
"""How a column or a key is called, without its signs -> what it is."""
LANDINGS = frozenset({"landingpage", "landingurl", "landingpageurl", "pageurl", "formurl", "sourceurl", "url", "page"})
"""The page that somebody was on: its address has words of the same names."""
VALUE_MAX = 2000


def traces_of(other: Mapping[str, Any]) -> dict[str, str]:
    """Name of a trace -> what it says.  What is told by itself goes before what an address holds."""
    told = {SIGNS.sub("", fold(name)): str(value).strip()[:VALUE_MAX] for name, value in other.items() if value}
    found: dict[str, str] = {}
    for name, value in told.items():
        if name in NAMES and value:
            found.setdefault(NAMES[name], value)
    for name in LANDINGS & told.keys():
        for key, value in parse_qsl(_query_of(told[name])):
            if (plain := SIGNS.sub("", fold(key))) in NAMES and value.strip():
                found.setdefault(NAMES[plain], value.strip())
    return found


def host_of(referrer: str) -> str:
    """Of an address, without ``www.``; a bare host is one too.  Empty for none."""
    try:
        host = urlsplit(referrer if "//" in referrer else f"//{referrer}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.") if "." in host else ""


def _query_of(address: str) -> str:
    try:
        return urlsplit(address).query
    except ValueError:
        return ""
