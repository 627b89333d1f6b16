"""What is read of single leads, and of those in the bin."""

import pytest

from leadhub.accounts.models import User
from leadhub.leads import queries
from leadhub.leads.queries import Place

pytestmark = pytest.mark.usefixtures("context")


@pytest.mark.one_database
@pytest.mark.parametrize("text", ["", "17", "x-1", "1-x", "9" * 40 + "-1", "-1-1;"])
def test_what_is_no_place_is_the_beginning(text):
    assert Place.read(text) is None


def test_nobody_sees_nothing(make_lead):
    lead_id = make_lead()

    assert queries.lead_seen_by(None, lead_id) is None
    assert queries.lead_seen_by(User(active=False), lead_id) is None
