"""A board with leads on it, and the moves that a browser sends."""

import re

import pytest

from leadhub.extensions import db
from leadhub.pipelines.models import Stage

FIRST, SECOND, THIRD, WON, LOST = (
    f"sales.{name}" for name in ("first-contact", "in-evaluation", "in-negotiation", "converted", "lost")
)
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def stage_id(app):
    """``stage_id("sales.lost")``."""

    def find(key):
        with app.app_context():
            return db.session.scalar(db.select(Stage.id).where(Stage.key == key))

    return find


@pytest.fixture
def move(client):
    """``move(lead_id, SECOND)``: the answer to a card that is dropped there; ``after``: id of the one above."""

    def move(lead_id, stage, *, version=1, after=0, browser=client, headers=PARTIAL, address="", **beside):
        form = {"stage": stage, "version": version, "after": after, **beside}
        return browser.post(f"/leads/board/leads/{lead_id}/stage{address}", data=form, headers=headers)

    return move


@pytest.fixture
def shown(client):
    """``shown()``: key of a stage -> ids of its cards, as the board shows them."""

    def read(address="/leads/board/", browser=client):
        page = browser.get(address)
        assert page.status_code == 200
        return columns_in(page.text)

    return read


def columns_in(html):
    columns = re.split(r'<section class="board-column"', html)[1:]
    keys = [re.search(r'data-stage="([^"]*)"', column)[1] for column in columns]
    return {
        key: [int(it) for it in re.findall(r'id="card-(\d+)"', column)]
        for key, column in zip(keys, columns, strict=True)
    }


def figures_in(html, stage_id):
    """The words at the head of a column."""
    told = re.search(rf'id="figures-{stage_id}"[^>]*>(.*?)</p>', html, re.DOTALL)[1]
    return " ".join(re.sub(r"<[^>]*>", "", told).split())
