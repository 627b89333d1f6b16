"""Which source a lead may have come from, with the reason in words.  Pure: what is known of others is handed in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from leadhub.folding import fold
from leadhub.leads.origins.traces import SIGNS, host_of
from leadhub.lists.models import Source

DEFAULTS = frozenset({
    "web-form", "website", "directory", "trade-fair", "advertising", "social-advertising", "marketing-campaign",
    "referral", "phone-call", "e-mail", "whatsapp", "livechat", "linkedin",
})  # fmt: skip
"""Keys of the sources that every hub begins with; one of the team's own says more than they do."""
CLICKS = {
    "gclid": ("advertising", "Google"),
    "gbraid": ("advertising", "Google"),
    "wbraid": ("advertising", "Google"),
    "msclkid": ("advertising", "Microsoft"),
    "li_fat_id": ("social-advertising", "LinkedIn"),
    "ttclid": ("social-advertising", "TikTok"),
    "fbclid": ("social-advertising", "Facebook"),
}
"""Marks that advertising networks put on a click; the last, on clicks that nobody paid for too."""
NETWORKS = frozenset({
    "facebook", "fb", "instagram", "ig", "meta", "linkedin", "tiktok", "twitter", "x", "pinterest", "snapchat",
    "reddit", "facebookads", "instagramads",
})  # fmt: skip
PAID = frozenset({
    "cpc", "ppc", "cpm", "cpv", "cpa", "paid", "ads", "ad", "adwords", "display", "banner", "sem", "retargeting",
    "remarketing", "paidsearch", "paidsocial", "socialads", "socialpaid", "paidmedia",
})  # fmt: skip
MAILED = frozenset({"email", "mail", "newsletter", "mailing", "emailing"})
LINKED = frozenset({"referral", "organic"})
DIRECTORIES = frozenset({
    "pagesjaunes.fr", "yelp.com", "yelp.fr", "yellowpages.com", "yell.com", "europages.fr", "europages.com",
    "kompass.com", "capterra.com", "capterra.fr", "g2.com", "trustpilot.com", "local.ch", "gelbeseiten.de",
})  # fmt: skip
HOSTS = {
    "linkedin.com": ("linkedin",),
    "lnkd.in": ("linkedin",),
    "whatsapp.com": ("whatsapp",),
    "wa.me": ("whatsapp",),
    **dict.fromkeys(DIRECTORIES, ("directory",)),
    "mail.google.com": ("e-mail",),
    "outlook.live.com": ("e-mail",),
    "outlook.office.com": ("e-mail",),
    "mail.yahoo.com": ("e-mail",),
    **dict.fromkeys(("facebook.com", "instagram.com", "t.co", "twitter.com", "x.com", "tiktok.com"), ()),
}
"""Host of a referrer, subdomains in it -> keys; none: it does not say what brought somebody."""
NO_DOOR = frozenset({"form", "import", "sample", "csv"})  # channels that say nothing of where a lead comes from
CAMPAIGN_LEAST, CAMPAIGN_SHARE = 3, 0.6
SHOWN_MAX = 60  # characters of a value in a reason
Tally = Mapping[int, int]  # id of a source -> leads that have it


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``reason``: why, in words, as the second half of a sentence."""

    source: Source
    reason: str


class Offered:
    """The sources that can still be chosen, in their order."""

    def __init__(self, rows: Iterable[Source]) -> None:
        self.rows = [row for row in rows if not row.retired]
        self.by_key = {row.key: row for row in self.rows}
        self.by_id = {row.id: row for row in self.rows}
        self._by_word: dict[str, Source] = {}
        for row in self.rows:
            for word in (*row.names.values(), row.key):
                self._by_word.setdefault(fold(str(word)), row)

    def named(self, word: str) -> Source | None:
        """The one that is called so, in any language."""
        return self._by_word.get(fold(word)) if word else None

    def first(self, keys: Iterable[str]) -> Source | None:
        return next((self.by_key[key] for key in keys if key in self.by_key), None)

    def most_of(self, tally: Tally) -> Source | None:
        """The one that most have; of several the first in the list."""
        return max((row for row in self.rows if tally.get(row.id)), key=lambda row: tally[row.id], default=None)


def by_traces(traces: Mapping[str, str], offered: Offered) -> Suggestion | None:
    """By what came along with the lead: words of a campaign link, a mark of a click, the page before."""
    for row, reason in _guesses(traces, offered):
        if row:
            return Suggestion(row, reason)
    return None


def by_channel(channel: str, door: str, offered: Offered) -> Suggestion | None:
    """By the way it came in; ``door`` is how that reads."""
    word = channel.rpartition(":")[2]
    row = None if channel in NO_DOOR else offered.by_key.get(word) or offered.named(word)
    return Suggestion(row, _("it came in by “%(door)s”", door=door)) if row else None


def by_campaign(campaign: str, tally: Tally, offered: Offered) -> Suggestion | None:
    """By what most leads of its campaign have."""
    row, everything = offered.most_of(tally), sum(tally.values())
    if row is None or tally[row.id] < CAMPAIGN_LEAST or tally[row.id] < everything * CAMPAIGN_SHARE:
        return None
    told = {"count": tally[row.id], "all": everything, "campaign": campaign}
    return Suggestion(row, _("%(count)s of %(all)s leads of the campaign “%(campaign)s” have it", **told))


def by_organisation(organisation: str, tally: Tally, offered: Offered) -> Suggestion | None:
    """By what others of the same organisation have."""
    row = offered.most_of(tally)
    if row is None:
        return None
    told = ngettext(
        "another lead of “%(name)s” has it", "%(num)d other leads of “%(name)s” have it", tally[row.id],
        name=_short(organisation),
    )  # fmt: skip
    return Suggestion(row, told)


def by_domain(domain: str, tally: Tally, offered: Offered) -> Suggestion | None:
    """By what others with an e-mail at the same company have."""
    row = offered.most_of(tally)
    if row is None:
        return None
    told = ngettext(
        "another lead with an e-mail at %(domain)s has it", "%(num)d other leads with an e-mail at %(domain)s have it",
        tally[row.id], domain=_short(domain),
    )  # fmt: skip
    return Suggestion(row, told)


def _guesses(traces: Mapping[str, str], offered: Offered) -> Iterable[tuple[Source | None, str]]:
    source, medium = (traces.get(name, "") for name in ("utm_source", "utm_medium"))
    way, means = (SIGNS.sub("", fold(word)) for word in (source, medium))
    both = _told(utm_source=source, utm_medium=medium)
    own = offered.named(source)
    yield (own if own and own.key not in DEFAULTS else None), _told(utm_source=source)
    if means in PAID:
        yield offered.first(["social-advertising" if way in NETWORKS else "advertising"]), both
    yield own, _told(utm_source=source)
    if means in MAILED or way in MAILED:
        yield offered.first(["marketing-campaign", "e-mail"]), both
    if not means or means in PAID:  # else somebody wrote down that it was no advertisement
        for name in filter(traces.get, CLICKS):
            key, network = CLICKS[name]
            yield offered.first([key]), _("it came by a click at %(network)s (%(name)s)", network=network, name=name)
    if host := host_of(traces.get("referrer", "")):
        yield offered.first(_keys_of(host)), _("the page before was at %(host)s", host=_short(host))
    if means in LINKED:
        yield offered.first(["website"]), both


def _keys_of(host: str) -> Iterable[str]:
    """Of the host itself, else of the site that it is a part of."""
    parts = host.split(".")
    for start in range(len(parts) - 1):
        if (name := ".".join(parts[start:])) in HOSTS:
            return HOSTS[name]
    return ["website"]


def _told(**words: str) -> str:
    said = [_("%(name)s is %(value)s", name=name, value=_short(value)) for name, value in words.items() if value]
    return ", ".join(said)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"
