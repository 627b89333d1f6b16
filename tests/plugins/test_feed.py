"""The bundled feed: what it asks, what it reads, and when it says that something is wrong."""

import json
from types import SimpleNamespace

import pytest

from leadhub.plugins.api import Failed
from leadhub.plugins.builtin.feed import poll

SETTINGS = {"url": "https://example.org/leads?all=1", "header": "Authorization", "token": "Bearer s3cr3t"}


def asks(told, status=200):
    """A context whose way out answers with this, and what was asked of it."""
    seen = []

    def http(method, url, *, headers):
        seen.append((method, url, headers))
        return SimpleNamespace(status=status, body=told if isinstance(told, bytes) else json.dumps(told).encode())

    return SimpleNamespace(http=http), seen


def test_a_list_is_read_and_the_token_sent():
    context, seen = asks([{"id": 7, "name": "Dupont"}, {"name": "Dupré"}])

    told = poll("", SETTINGS, context)

    headers = {"Accept": "application/json", "Authorization": "Bearer s3cr3t"}
    assert seen == [("GET", SETTINGS["url"], headers)]
    assert [draft.last_name for draft in told.drafts] == ["Dupont", "Dupré"]
    assert (told.drafts[0].external_id, len(told.drafts[1].external_id)) == ("7", 32)
    assert (told.cursor, told.has_more) == ("", False)
    assert poll("", SETTINGS, context).drafts == told.drafts  # the same ids, so that nothing doubles


def test_a_page_says_where_the_next_one_begins():
    context, seen = asks({"leads": [{"name": "A"}], "cursor": 9, "has_more": True})

    told = poll("8", SETTINGS, context)

    assert seen[0][1] == "https://example.org/leads?all=1&cursor=8"
    assert (told.cursor, told.has_more) == ("9", True)
    assert not poll("9", SETTINGS, context).has_more  # a place that does not move on is asked no more


@pytest.mark.parametrize(
    ("told", "status"), [([], 500), ([], 204), (b"{", 200), ({}, 200), ([5], 200), ("text", 200), ({"leads": 5}, 200)]
)
def test_anything_else_is_said(told, status):
    with pytest.raises(Failed):
        poll("", SETTINGS, asks(told, status)[0])
