"""What an import may refuse, each with words for the user: a file, a mapping, a row."""

from leadhub.errors import RuleBroken


class UnreadableFile(RuleBroken):
    """The file is no table of leads; nothing of it was read."""


class UnknownColumn(RuleBroken):
    """The mapping names a column or a field that is not there."""


class NothingRecognised(RuleBroken):
    """No lead is recognised in this row, and the message says why.  The rows around it are not touched."""
