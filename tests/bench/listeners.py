"""How much longer it takes to create a lead while fifty plugins listen.  The bar: 1.3 times.

``python -m tests.bench.listeners``: median of five rounds of 200 leads each, on SQLite, in turns.
"""

import statistics
import tempfile
import time
from pathlib import Path

from leadhub.app import create_app
from leadhub.extensions import db
from leadhub.leads.services import create_lead
from leadhub.plugins.api import LeadDraft, hookimpl
from tests import databases

ROUNDS, LEADS, LISTENERS = 5, 200, 50


class Ear:
    @hookimpl
    def lead_created(self, news, context):
        pass

    @hookimpl
    def lead_changed(self, news, context):
        pass


def seconds(app, begin):
    with app.app_context():
        began = time.perf_counter()
        for number in range(LEADS):
            create_lead(
                LeadDraft(channel="form", last_name=f"Lead {begin + number}", email="lead@example.org"), by=None
            )
            db.session.commit()
        return time.perf_counter() - began


def main():
    with tempfile.TemporaryDirectory() as folder:
        settings = databases.settings_for(Path(folder))
        databases.fill_template(settings)
        apps = {
            0: create_app(settings),
            LISTENERS: create_app(settings, plugins=[(f"ear{n}", Ear()) for n in range(LISTENERS)]),
        }
        for app in apps.values():
            seconds(app, 0)
        times = {count: [] for count in apps}
        for _round in range(ROUNDS):
            for count, app in apps.items():
                times[count].append(seconds(app, 0))
        none, many = (statistics.median(times[count]) * 1000 / LEADS for count in apps)
        print(f"no listener {none:.2f} ms a lead, {LISTENERS} listeners {many:.2f} ms: {many / none:.2f} times")


if __name__ == "__main__":
    main()
