"""Why a call out was refused or failed: a key for the program, a sentence for the person."""

from flask_babel import lazy_gettext as _l

from leadhub.errors import UserError
from leadhub.plugins.api.context import NoAnswer

WORDS = {
    "address": _l("This is not an address that begins with http:// or https://."),
    "credentials": _l("The address holds a user name or a password: leave it out."),
    "port": _l("Only the ports 80, 443 and 8443 may be called."),
    "private": _l("This address leads into a private network. LEADHUB_OUTGOING_HOSTS can allow its host."),
    "unknown_host": _l("No machine was found under this address."),
    "no_answer": _l("The other side gave no answer that can be understood."),
    "timeout": _l("The other side took too long."),
    "certificate": _l("The other side could not show a certificate for its name."),
    "redirect": _l("The other side sent us to another address, and LeadHub does not follow."),
    "too_long": _l("The other side said too much."),
}


class OutgoingError(UserError, NoAnswer):
    """No answer that can be used.  ``reason`` is a key of ``WORDS``; nothing of the other side's words is told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(WORDS[self.reason])


class OutgoingRefused(OutgoingError):
    """The hub does not call this address; nothing was sent."""

    status = 422


class OutgoingFailed(OutgoingError):
    """The call was tried, and there is no whole answer; the other side may have acted on it all the same."""

    status = 502
