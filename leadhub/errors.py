"""Errors that a user may see.  The message is for the user, in the user's language; ``web`` knows how to show it."""


class UserError(Exception):
    """Something that the person (or the command's caller) can put right."""

    status = 400
    retry_after = 0  # seconds; 0: there is no use in waiting


class RuleBroken(UserError):
    """What was asked breaks a rule of the hub; nothing was changed."""

    status = 409


class NotAllowed(UserError):
    """The person's role does not reach that far."""

    status = 403


class SettingError(UserError):
    """A wrong value in the server's settings: one line, and the hub does not start."""
