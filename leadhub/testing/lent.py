"""What the hub lends to plugins, as a test gives it: nothing of it needs a database or a network."""

import json as json_text
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from leadhub.leads.reading_words import words_of
from leadhub.outgoing import Answer
from leadhub.plugin_settings.store import KEY_MAX, OF_LEAD_MAX, OWN_MAX, VALUE_MAX
from leadhub.plugin_settings.translations import translated
from leadhub.plugins.api import (
    Documents,
    Efficiency,
    Exits,
    Expected,
    LeadSnapshot,
    Loss,
    Outcome,
    Period,
    Reached,
    Responses,
    Slice,
    Stagnating,
    Stretch,
    Visits,
)
from leadhub.plugins.api.reading import Where

NOW = datetime(2026, 11, 22, 8, 5, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")  # as the hub of the fixture has it
ANY = "*"


def sample_lead() -> LeadSnapshot:
    return LeadSnapshot(
        id=7, version=1, title="Jeanne Dupont", status="open", first_name="Jeanne", last_name="Dupont",
        organisation="Acme", job_title="Buyer", email="jeanne@acme.example", phone="+33612345678",
        website="https://acme.example", language="fr", source="web-form", owner="bob@example.org",
        expected_value=Decimal("1200.00"), currency="EUR", received_at=NOW, status_since=NOW,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that a plugin made."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    json: Any = None


@dataclass
class Answers:
    """The way out, which leads nowhere: ``answers`` says what comes back, ``calls`` what was asked.

    A key of ``answers`` is an address, with a method before it where that matters (``"POST https://…"``), or ``"*"``
    for any other.  A value is a status, a text or bytes, what is sent as JSON, an ``Answer`` of them all, or an error
    that is raised.  Where nothing is recorded ``LookupError`` is.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        json: object = None,
        **options: Any,
    ) -> Answer:
        self.calls.append(Call(method=method, url=url, headers=dict(headers or {}), body=body, json=json))
        for key in (f"{method} {url}", url, ANY):
            if key in self.answers:
                return _answer(self.answers[key])
        raise LookupError(f"no answer is recorded for {method} {url}")


def _answer(told: Any) -> Answer:
    if isinstance(told, Exception):
        raise told
    if isinstance(told, Answer):
        return told
    if isinstance(told, int):
        return Answer(status=told, headers={}, body=b"")
    if isinstance(told, str | bytes):
        return Answer(status=200, headers={}, body=told.encode() if isinstance(told, str) else told)
    return Answer(status=200, headers={"content-type": "application/json"}, body=json_text.dumps(told).encode())


@dataclass
class GivenStore:
    """A dictionary with the limits of the hub's own; ``values`` is by (id of a lead or None, key)."""

    values: dict[tuple[int | None, str], str] = field(default_factory=dict)

    def get(self, key: str, default: Any = None, *, lead_id: int | None = None) -> Any:
        told = self.values.get((lead_id, key))
        return default if told is None else json_text.loads(told)

    def set(self, key: str, value: Any, *, lead_id: int | None = None) -> None:
        if not isinstance(key, str) or not 0 < len(key) <= KEY_MAX:
            raise ValueError(f"a key is a text of at most {KEY_MAX} characters")
        told = json_text.dumps(value, allow_nan=False)
        if len(told) > VALUE_MAX:
            raise ValueError(f"a value has at most {VALUE_MAX:,} bytes as JSON")
        most = OWN_MAX if lead_id is None else OF_LEAD_MAX
        if len({*self.all(lead_id=lead_id), key}) > most:
            raise ValueError(f"at most {most:,} values are kept")
        self.values[lead_id, key] = told

    def delete(self, key: str, *, lead_id: int | None = None) -> None:
        self.values.pop((lead_id, key), None)

    def all(self, *, lead_id: int | None = None) -> Mapping[str, Any]:
        return {
            key: json_text.loads(told) for (lead, key), told in sorted(self.values.items(), key=str) if lead == lead_id
        }


@dataclass(frozen=True)
class Question:
    """What a plugin wanted to know: ``what`` is a field, a step, or empty."""

    what: str
    where: Where | None
    period: Period | None = None


By = Mapping[str, Mapping[str, int]] | Callable[[str, Where | None], Mapping[str, int]]


@dataclass
class GivenReader:
    """Tells what it was given, whatever it is asked for; ``asked`` is what that was.

    ``total`` is the answer to ``count``; ``by``: field -> key -> number, or a function that gets field and ``where``
    and gives key -> number; ``over_time``: label -> number; ``found`` are the leads.  A slice has its key for a label,
    and in its ``where`` all that was asked, as the hub's have.  ``figures``: name of another method, such as
    ``reached``, -> its answer, empty where nothing is said.
    """

    total: int = 0
    by: By = field(default_factory=dict)
    over_time: dict[str, int] = field(default_factory=dict)
    found: list[LeadSnapshot] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    language: str = "en"
    figures: Mapping[str, Any] = field(default_factory=dict)
    currency: str = "EUR"

    def count(self, where: Where | None = None, period: Period | None = None) -> int:
        self.asked.append(Question("", where, period))
        return self.total

    def leads_by(self, field: str, where: Where | None = None, period: Period | None = None) -> Sequence[Slice]:
        self.asked.append(Question(field, where, period))
        told = self.by(field, where) if callable(self.by) else self.by.get(field, {})
        return [
            Slice(label=key, value=value, where={**_asked(where, period), field: key}) for key, value in told.items()
        ]

    def leads_over_time(self, step: str, where: Where | None = None, period: Period | None = None) -> Sequence[Slice]:
        if step not in ("day", "week", "month"):
            raise ValueError(f"{step!r} is none of day, week, month")
        self.asked.append(Question(step, where, period))
        return [Slice(label=label, value=value, where=_asked(where, period)) for label, value in self.over_time.items()]

    def opens(self, where: Where | None = None, period: Period | None = None) -> Where:
        return _asked(where, period)

    def leads(self, where: Where | None = None, limit: int = 50) -> Sequence[LeadSnapshot]:
        self.asked.append(Question("", where))
        return self.found[:limit]

    def label(self, field: str) -> str:
        return field

    def reached(
        self, pipeline: str = "", where: Where | None = None, period: Period | None = None
    ) -> Sequence[Reached]:
        return self._figures("reached", pipeline, where, period, [])

    def exits(self, pipeline: str = "", where: Where | None = None, period: Period | None = None) -> Sequence[Exits]:
        return self._figures("exits", pipeline, where, period, [])

    def visits(self, pipeline: str = "", where: Where | None = None, period: Period | None = None) -> Sequence[Visits]:
        return self._figures("visits", pipeline, where, period, [])

    def stagnating(self, where: Where | None = None, limit: int = 20) -> Sequence[Stagnating]:
        return self._figures("stagnating", "", where, None, [])[:limit]

    def efficiency(self, field: str, where: Where | None = None, period: Period | None = None) -> Sequence[Efficiency]:
        return self._figures("efficiency", field, where, period, [])

    def responses(self, where: Where | None = None, period: Period | None = None) -> Responses:
        return self._figures("responses", "", where, period, Responses(within=(), later=0, waiting=0))

    def documents(self, event: str, where: Where | None = None, period: Period | None = None) -> Documents:
        """``figures["documents"]`` may be a mapping of events to answers."""
        told = self._figures("documents", event, where, period, {})
        return told.get(event, Documents()) if isinstance(told, Mapping) else told

    def documents_over_time(
        self, event: str, step: str, where: Where | None = None, period: Period | None = None
    ) -> Sequence[Stretch]:
        return self._figures("documents_over_time", event, where, period, [])

    def losses(self, where: Where | None = None, period: Period | None = None) -> Sequence[Loss]:
        return self._figures("losses", "", where, period, [])

    def outcomes(self, field: str = "", where: Where | None = None, period: Period | None = None) -> Sequence[Outcome]:
        return self._figures("outcomes", field, where, period, [] if field else [Outcome()])

    def expected(self, where: Where | None = None) -> Sequence[Expected]:
        return self._figures("expected", "", where, None, [])

    def _figures(self, name: str, what: str, where: Where | None, period: Period | None, nothing: Any) -> Any:
        self.asked.append(Question(what, where, period))
        return self.figures.get(name, nothing)


def _asked(where: Where | None, period: Period | None) -> dict[str, str | Sequence[str]]:
    """All of it in the words of an address."""
    told = words_of(where, period)
    return {name: values[0] if len(values) == 1 else tuple(values) for name, values in told.items()}


@dataclass
class GivenLog:
    """``lines``: (level, event, words)."""

    lines: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def info(self, event: str, **words: Any) -> None:
        self.lines.append(("info", event, words))

    def warning(self, event: str, **words: Any) -> None:
        self.lines.append(("warning", event, words))


@dataclass
class GivenContext:
    """Answers ``plugins.api.Context``.  ``folder`` is that of the plugin's code, for its translations; ``zone`` the
    hub's, by which ``today`` is told."""

    http: Answers = field(default_factory=Answers)
    log: GivenLog = field(default_factory=GivenLog)
    store: GivenStore = field(default_factory=GivenStore)
    reader: GivenReader = field(default_factory=GivenReader)
    settings: dict[str, Any] = field(default_factory=dict)
    run_id: str = "run-1"
    is_dry_run: bool = False
    folder: Path | None = None
    language: str = "en"
    moment: datetime = NOW
    zone: ZoneInfo = ZONE

    def now(self) -> datetime:
        return self.moment

    def today(self) -> date:
        return self.moment.astimezone(self.zone).date()

    def _(self, text: str, **words: Any) -> str:
        return translated(self.folder, self.language, text, **words)
