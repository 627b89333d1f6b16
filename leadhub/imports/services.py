"""Takes a file of leads in through the door, a block at a time.  Commits nothing: the caller commits each block."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from flask_babel import gettext as _

from leadhub.accounts.models import User
from leadhub.accounts.queries import active_users
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.fields.queries import catalogue
from leadhub.folding import fold
from leadhub.hub.queries import hub, time_zone
from leadhub.imports.dates import DateOrder
from leadhub.imports.files import Row, Table, open_table
from leadhub.imports.mapping import Mapping, NothingRecognised
from leadhub.imports.targets import Targets
from leadhub.leads.blocks import BLOCK
from leadhub.leads.outcomes import Outcome
from leadhub.leads.services import create_leads
from leadhub.plugins.api.leads import LeadDraft

ERRORS_KEPT = 1000
MONTH_FIRST = ("US", "PH", "FM", "MH", "PW")  # where 03/04 is the fourth of March


@dataclass(frozen=True, slots=True)
class FileImport:
    """A recognised file and what its columns mean; ``size`` is its number of rows."""

    table: Table
    mapping: Mapping
    size: int
    order_word: str


@dataclass(slots=True)
class Report:
    """What became of the rows so far.  The first thousand refusals are kept with their lines."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: list[dict[str, int | str]] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.created + self.updated + self.unchanged + self.refused

    def count(self, row: Row, outcome: Outcome) -> None:
        if outcome.refusal:
            self.refuse(row, str(outcome.refusal))
        else:
            setattr(self, outcome.result, getattr(self, outcome.result) + 1)

    def refuse(self, row: Row, reason: str) -> None:
        self.refused += 1
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append({"line": row.line, "reason": reason})

    def as_dict(self) -> dict[str, object]:
        counts = {name: getattr(self, name) for name in ("read", "created", "updated", "unchanged", "refused")}
        return counts | {"errors": self.errors}


def forced_fields(pairs: Iterable[str]) -> dict[str, str]:
    """``Column=field`` pairs as a mapping.  Raises ``RuleBroken`` for what is no pair."""
    forced = {}
    for pair in pairs:
        column, sign, name = pair.rpartition("=")
        if not sign or not column.strip() or not name.strip():
            raise RuleBroken(_("“%(pair)s” is not of the form Column=field.", pair=pair))
        forced[column.strip()] = name.strip()
    return forced


def recognise(path: Path, forced: dict[str, str], id_column: str | None) -> FileImport:
    """Recognise the file.  Raises ``UnreadableFile`` or ``UnknownColumn`` in words for the person.

    Ends the session's transaction: a long file is read through, and nobody's turn to write should wait for that.
    """
    country, zone, currency = hub().country, time_zone(), hub().currency
    targets, people = Targets.of(catalogue()), _people()
    db.session.rollback()
    table = open_table(path)
    order = DateOrder.MDY if country in MONTH_FIRST else DateOrder.DMY
    mapping = Mapping.of(table, forced, id_column, order, zone, targets=targets, people=people, currency=currency)
    word = "month/day" if order is DateOrder.MDY else "day/month"
    return FileImport(table, mapping, mapping.rows, word)


def blocks(file: FileImport, done: int = 0) -> Iterator[list[Row]]:
    """The rows, five hundred at a time, but for the first ``done``."""
    rows = islice(file.table.rows(), done, None)
    while block := list(islice(rows, BLOCK)):
        yield block


def take_in(file: FileImport, block: Iterable[Row], report: Report, *, by: User | None = None) -> None:
    """One block through the door, counted into the report.  A row that can't be read costs itself alone."""
    read = [(row, _draft_or_reason(file, row)) for row in block]
    outcomes = iter(create_leads([draft for _row, draft in read if isinstance(draft, LeadDraft)], by=by))
    for row, draft in read:
        if isinstance(draft, LeadDraft):
            report.count(row, next(outcomes))
        else:
            report.refuse(row, draft)


def _people() -> dict[str, str]:
    """Folded name or e-mail of a user -> e-mail; a name that two people have is nobody's."""
    users = active_users()
    names = Counter(fold(user.name) for user in users)
    told = {fold(user.name): user.email for user in users if fold(user.name) and names[fold(user.name)] == 1}
    return told | {fold(user.email): user.email for user in users}


def _draft_or_reason(file: FileImport, row: Row) -> LeadDraft | str:
    try:
        return file.mapping.draft(row)
    except NothingRecognised as error:
        return str(error)
