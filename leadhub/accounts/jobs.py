"""What the worker does for accounts: forgets what nobody needs any more."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from leadhub.accounts.audit import purge_audit
from leadhub.accounts.failures import purge_failures
from leadhub.accounts.links import purge_links
from leadhub.accounts.once import purge_posts
from leadhub.accounts.sessions import purge_sessions
from leadhub.jobs.registry import Handler, Payload, Periodic

PURGE = "accounts.purge"


def _purge(payload: Payload) -> None:
    purge_sessions()
    purge_links()
    purge_failures()
    purge_audit()
    purge_posts()


HANDLERS = {PURGE: Handler(run=_purge, label=_l("Forget ended sessions, spent links and old lines of the audit log"))}
PERIODIC = [Periodic(kind=PURGE, every=timedelta(hours=1))]
