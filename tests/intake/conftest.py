"""A hub with a plugin behind its doors, and a way to open one."""

import pytest

from leadhub.accounts.queries import user_by_email
from leadhub.extensions import db
from leadhub.intake import services
from leadhub.intake.queries import door_offers
from leadhub.lists.models import Source as SourceRow
from leadhub.plugin_settings.stored import Stored, sealed
from leadhub.plugins.api import Polled, Received
from leadhub.plugins.host import current_host
from tests.doors import Radio, drafts


@pytest.fixture
def radio():
    return Radio(
        receive=lambda request, settings, context: Received(drafts=drafts("Dupont")),
        poll=lambda cursor, settings, context: Polled(drafts=drafts("Dupré"), cursor="7"),
    )


@pytest.fixture
def app(make_app, radio):
    return make_app([("radio", radio)])


@pytest.fixture
def open_door(app):
    """``open_door("radio", source="web-form", **settings)``: (id, address) of a door that is on."""

    def open_door(key="radio", source="web-form", secrets=None, **settings):
        with app.app_context():
            row = db.session.scalar(db.select(SourceRow).where(SourceRow.key == source)) if source else None
            offer = door_offers(current_host())[key]
            stored = Stored(settings, sealed(secrets or {}))
            ada = user_by_email("ada@example.org")
            door = services.add_door(offer, f"My {key}", row.id if row else None, stored, by=ada)
            db.session.commit()
            return door.id, f"/in/{door.token}"

    return open_door


@pytest.fixture
def stranger(client_of):
    return client_of()
