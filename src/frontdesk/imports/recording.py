"""Records an import's events batch by batch."""

from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from frontdesk.agents.models import Agent
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.rehearsal import rehearse
from frontdesk.imports.report import Report
from frontdesk.ledger.events import Event, Outcome
from frontdesk.ledger.import_claims import ImportEnded
from frontdesk.ledger.record import record

BATCH = 1_000
BATCH_BYTES = 16 * 1024 * 1024

Position = TypeVar("Position")
"""Where an event is in the file; str() shows it."""


class Recorder(Generic[Position]):
    """Records events in batches, in their order, and counts the outcomes.

    A dry run finds the outcomes and records nothing.

    `on_rejected` is called for each rejected event, in the file's order. As a context manager it
    records the last batch at the end, even if the file turns out to be damaged: what was read
    before the damage is kept.
    """

    def __init__(
        self,
        agent: Agent,
        report: Report,
        on_rejected: Callable[[Position, str], None] = lambda position, reason: None,
    ) -> None:
        self._agent = agent
        self._report = report
        self._tally = report.tally
        self._on_rejected = on_rejected
        self._entries: list[tuple[Position, Event | str]] = []
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, ImportFileError):
            self._flush()

    def add(self, position: Position, event: Event | str, size: int = 0) -> None:
        """Add an event, or the reason why there is none; `size` is its memory in bytes.

        When this completes a batch, it raises what record() raises.
        """
        self._entries.append((position, event))
        if isinstance(event, Event):
            self._report.observe(event)
        self._bytes += size
        if len(self._entries) >= BATCH or self._bytes >= BATCH_BYTES:
            self._flush()

    def _flush(self) -> None:
        entries, self._entries, self._bytes = self._entries, [], 0
        events = [event for _, event in entries if isinstance(event, Event)]
        outcomes = iter(self._write(events))
        for position, event in entries:
            if isinstance(event, Event):
                self._count(position, next(outcomes))
            else:
                self._count(position, Outcome("rejected", event))

        self._report.save_progress()

    def _write(self, events: list[Event]) -> list[Outcome]:
        if self._report.dry_run:
            return rehearse(self._agent, events)
        try:
            return record(self._agent, events, self._report.import_id)
        except ImportEnded:
            raise ImportFileError("This import has been taken back meanwhile") from None

    def _count(self, position: Position, outcome: Outcome) -> None:
        reason = outcome.reason or ""
        match outcome.status:
            case "recorded":
                self._tally.recorded += 1
            case "duplicate":
                self._tally.duplicates += 1
            case "conflict":
                self._tally.conflicts.add(reason, position)
            case "rejected":
                self._tally.rejected.add(reason, position)
                self._on_rejected(position, reason)
