"""Which source fits, from what is known of a lead: one test for each reason."""

import pytest

from leadhub.leads.origins.freemail import company_of
from leadhub.leads.origins.suggestions import (
    DEFAULTS,
    Offered,
    by_campaign,
    by_channel,
    by_domain,
    by_organisation,
    by_traces,
)
from leadhub.leads.origins.traces import host_of, traces_of
from leadhub.lists.models import Source
from leadhub.plugins.builtin.standard_sources import STANDARD

pytestmark = pytest.mark.one_database


def offered(*more, without=()):
    """The sources that every hub begins with, and further names."""
    rows = [Source(key=key, names={"en": name, "fr": french}) for key, name, french, _icon in STANDARD]
    rows += [Source(key=name.lower(), names={"en": name}) for name in more]
    for number, row in enumerate(rows, 1):
        row.id, row.retired = number, row.key in without
    return Offered(rows)


def id_of(key, sources):
    return sources.by_key[key].id


def guess(other, sources=None):
    found = by_traces(traces_of(other), sources or offered())
    return found and (found.source.key, found.reason)


def test_the_defaults_are_those_of_the_bundled_plugin():
    assert {key for key, *_names in STANDARD} == DEFAULTS


@pytest.mark.parametrize(
    ("other", "key", "reason"),
    [
        (
            {"utm_source": "google", "utm_medium": "cpc"},
            "advertising",
            "utm_source is google, utm_medium is cpc",
        ),
        ({"UTM Source": "Bing", "UTM Medium": "PPC"}, "advertising", "utm_source is Bing, utm_medium is PPC"),
        (
            {"utm_source": "facebook", "utm_medium": "paid-social"},
            "social-advertising",
            "utm_source is facebook, utm_medium is paid-social",
        ),
        (
            {"utm_source": "linkedin", "utm_medium": "cpc"},
            "social-advertising",
            "utm_source is linkedin, utm_medium is cpc",
        ),
        ({"utm_source": "LinkedIn"}, "linkedin", "utm_source is LinkedIn"),
        ({"utm_source": "whatsapp"}, "whatsapp", "utm_source is whatsapp"),
        (
            {"utm_source": "news-november", "utm_medium": "email"},
            "marketing-campaign",
            "utm_source is news-november, utm_medium is email",
        ),
        ({"utm_source": "newsletter"}, "marketing-campaign", "utm_source is newsletter"),
        ({"gclid": "abc"}, "advertising", "it came by a click at Google (gclid)"),
        ({"fbclid": "abc"}, "social-advertising", "it came by a click at Facebook (fbclid)"),
        ({"HTTP Referer": "https://www.linkedin.com/feed"}, "linkedin", "the page before was at linkedin.com"),
        ({"referrer": "https://fr.europages.fr/x"}, "directory", "the page before was at fr.europages.fr"),
        ({"referrer": "blog.example.net"}, "website", "the page before was at blog.example.net"),
        (
            {"landing_page": "https://acme.fr/?utm_source=google&utm_medium=cpc"},
            "advertising",
            "utm_source is google, utm_medium is cpc",
        ),
        (
            {"utm_source": "partner.fr", "utm_medium": "referral"},
            "website",
            "utm_source is partner.fr, utm_medium is referral",
        ),
    ],
)
def test_what_came_along_says_where_from(context, other, key, reason):
    assert guess(other) == (key, reason)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"Message": "Hello"},
        {"utm_source": "unheard-of"},
        {"utm_campaign": "spring"},
        {"utm_source": "facebook", "utm_medium": "social", "fbclid": "abc"},  # nobody paid for it
        {"referrer": "https://m.facebook.com/"},
        {"referrer": "http://[broken"},
        {"gclid": ""},
        {"url": "http://[broken"},
        {"utm_source": ["a"], "gclid": None},
    ],
)
def test_what_says_nothing_suggests_nothing(context, other):
    assert guess(other) is None


def test_a_source_of_the_teams_own_goes_before_the_usual_ones(context):
    assert guess({"utm_source": "Google  ADS", "utm_medium": "cpc"}, offered("Google Ads"))[0] == "google ads"


def test_what_is_no_longer_offered_is_not_suggested(context):
    sources = offered(without=["advertising", "marketing-campaign", "linkedin"])

    assert guess({"utm_source": "google", "utm_medium": "cpc"}, sources) is None
    assert guess({"utm_source": "linkedin"}, sources) is None
    assert guess({"utm_medium": "email"}, sources) == ("e-mail", "utm_medium is email")


def test_a_long_value_is_cut_in_the_reason(context):
    reason = guess({"utm_source": "x" * 500, "utm_medium": "cpc"})[1]

    assert len(reason) < 120
    assert "…" in reason


@pytest.mark.parametrize(
    ("channel", "key"),
    [("source:web-form", "web-form"), ("whatsapp", "whatsapp"), ("source:webhook", None), ("form", None), ("", None)],
)
def test_the_way_in_suggests_its_source(context, channel, key):
    found = by_channel(channel, "Door", offered("Form"))

    assert (found and found.source.key) == key
    assert found is None or found.reason == "it came in by “Door”"


@pytest.mark.parametrize(
    ("linkedin", "referral", "key"),
    [(3, 2, "linkedin"), (2, 0, None), (3, 3, None), (59, 41, None), (60, 40, "linkedin")],
)
def test_a_campaign_suggests_what_most_of_it_have(context, linkedin, referral, key):
    sources = offered()
    tally = {id_of("linkedin", sources): linkedin, id_of("referral", sources): referral}

    found = by_campaign("Spring", tally, sources)

    assert (found and found.source.key) == key
    if key:
        told = f"{linkedin} of {linkedin + referral} leads of the campaign “Spring” have it"
        assert found.reason == told


def test_retired_sources_of_a_campaign_still_count_as_other_ones(context):
    sources = offered(without=["referral"])

    assert by_campaign("Spring", {id_of("linkedin", sources): 3, 8: 30}, sources) is None


def test_others_of_an_organisation_and_of_a_domain_suggest_theirs(context):
    sources = offered()
    tally = {id_of("linkedin", sources): 2, id_of("referral", sources): 1}

    organisation, domain = by_organisation("Acme", tally, sources), by_domain("acme.fr", {1: 1}, sources)

    assert (organisation.source.key, organisation.reason) == ("linkedin", "2 other leads of “Acme” have it")
    assert (domain.source.key, domain.reason) == ("web-form", "another lead with an e-mail at acme.fr has it")
    assert by_domain("acme.fr", {999: 5}, sources) is None


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ada@acme.fr", "acme.fr"),
        ("ada@sub.acme.co.uk", "sub.acme.co.uk"),
        *((f"ada@{it}", "") for it in ("gmail.com", "orange.fr", "free.fr", "outlook.fr", "yahoo.co.uk", "live.be")),
        ("ada@localhost", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_domain_that_everybody_can_have_is_none_of_a_company(email, domain):
    assert company_of(email) == domain


@pytest.mark.parametrize(
    ("text", "host"),
    [("https://www.acme.fr:8080/x?y", "acme.fr"), ("acme.fr/x", "acme.fr"), ("direct", ""), ("", ""), ("//[", "")],
)
def test_the_host_of_a_referrer(text, host):
    assert host_of(text) == host
