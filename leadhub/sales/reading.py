"""Answers what plugins ask of leads and sales: ``plugins.api.reading.Reader``.  Nothing here writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from leadhub.leads.aside import Unanswered
from leadhub.leads.reading import HubReader
from leadhub.leads.reading_costs import FIELDS
from leadhub.leads.reading_days import STEPS
from leadhub.leads.reading_slices import Part
from leadhub.plugins.api.reading import Period, Where
from leadhub.plugins.api.sales import Documents, Expected, Loss, Outcome, Stretch
from leadhub.sales import reading_documents, reading_losses, reading_outcomes
from leadhub.sales.reading_leads import ORDERED, QUOTED
from leadhub.sales.reading_outcomes import EVERY

YES = ["yes"]


@dataclass(frozen=True)
class SalesReader(HubReader):
    """The reader of leads, who knows documents too.  Days of documents are the hub's own."""

    def documents(self, event: str, where: Where | None = None, period: Period | None = None) -> Documents:
        _check(event, reading_documents.EVENTS)
        with self._asking(where, None) as asked:
            return reading_documents.documents_of(asked, event, period or Period())

    def documents_over_time(
        self, event: str, step: str, where: Where | None = None, period: Period | None = None
    ) -> Sequence[Stretch]:
        _check(event, reading_documents.EVENTS)
        _check(step, STEPS)
        with self._asking(where, None) as asked:
            return reading_documents.over_time(asked, event, step, period or Period())

    def losses(self, where: Where | None = None, period: Period | None = None) -> Sequence[Loss]:
        with self._asking(where, None) as asked:
            return reading_losses.losses_of(asked, period or Period())

    def outcomes(
        self, field: str = EVERY, where: Where | None = None, period: Period | None = None
    ) -> Sequence[Outcome]:
        _check(field, (EVERY, *FIELDS))
        parts = self._parts_by(field, where, period)[1] if field else [Part(EVERY, "", self.count(where, period))]
        with self._asking(where, period) as asked:
            found = reading_outcomes.outcomes_of(asked, field, parts)
            opens = [asked.told | ({field: [part.word]} if field else {}) for part in parts]
            return [
                replace(
                    each, where=self._where(told), quoted_where=self._where(told | {QUOTED: YES}),
                    ordered_where=self._where(told | {ORDERED: YES}),
                )
                for each, told in zip(found, opens, strict=True)
            ]  # fmt: skip

    def expected(self, where: Where | None = None) -> Sequence[Expected]:
        with self._asking(where, None) as asked:
            return reading_losses.expected_of(asked)


reader_for = SalesReader.of


def _check(word: str, offered: Collection[str]) -> None:
    if word not in offered:
        raise Unanswered(f"{word!r} is none of {', '.join(offered)}")
