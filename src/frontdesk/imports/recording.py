"""Records an import's events batch by batch."""

import copy
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

from frontdesk.agents.models import Agent
from frontdesk.imports.errors import ImportFileError, Skipped, shorten
from frontdesk.imports.rehearsal import Rehearsal
from frontdesk.imports.repeats import settle_repeats
from frontdesk.imports.report import Report, identity_of, preview_line
from frontdesk.ledger.events import Event, Outcome
from frontdesk.ledger.import_claims import ImportEnded
from frontdesk.ledger.profiles import preview_profiles, put_profiles
from frontdesk.ledger.record import record

BATCH = 1_000
BATCH_BYTES = 16 * 1024 * 1024


class Entry(NamedTuple):
    """What is at one place of a file: an event, or the reason why there is none.

    `position` is shown by str(); `size` is the event's memory in bytes.
    """

    position: object
    event: Event | Skipped | str
    size: int = 0


OnRejected = Callable[[Entry, str], None]
"""Called with each rejected entry, and why."""


def nothing(entry: Entry, reason: str) -> None:
    """For imports that do not set rejected entries aside."""


class Recorder:
    """Records events in batches, in their order, and counts the outcomes.

    A dry run finds the outcomes and records nothing. `repeats`: see settle_repeats.

    `on_rejected` is called for each rejected event, in the file's order. As a context manager it
    records the last batch at the end, even if the file turns out to be damaged: what was read
    before the damage is kept.
    """

    def __init__(
        self,
        agent: Agent,
        report: Report,
        on_rejected: OnRejected = nothing,
        *,
        repeats: bool = False,
    ) -> None:
        self._agent = agent
        self._report = report
        self._tally = report.tally
        self._rehearsal = Rehearsal(agent)
        self._on_rejected = on_rejected
        self._repeats = repeats
        self._entries: list[Entry] = []
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, ImportFileError):
            self._flush()

    def add(self, entry: Entry) -> None:
        """Add an entry. When this completes a batch, it raises what record() raises."""
        if isinstance(entry.event, Skipped):
            self._tally.skipped.add(str(entry.event), entry.position)
            return
        self._entries.append(entry)
        if isinstance(entry.event, Event):
            self._report.observe(entry.event, self.preview)
        self._bytes += entry.size
        if len(self._entries) >= BATCH or self._bytes >= BATCH_BYTES:
            self._flush()

    def _flush(self) -> None:
        entries, self._entries, self._bytes = self._entries, [], 0
        events = [entry.event for entry in entries if isinstance(entry.event, Event)]
        outcomes = iter(self._write(events))
        for entry in entries:
            is_event = isinstance(entry.event, Event)
            self._count(entry, next(outcomes) if is_event else _rejected(str(entry.event)))
        self._report.save_progress()

    def _write(self, events: list[Event]) -> list[Outcome]:
        if self._repeats:
            settle_repeats(self._agent, events)
        if self._report.dry_run:
            return self.rehearse(events)
        try:
            return self.record(events)
        except ImportEnded:
            raise ImportFileError("This import has been taken back meanwhile") from None

    def record(self, events: list[Event]) -> list[Outcome]:
        return record(self._agent, events, self._report.import_id)

    def rehearse(self, events: list[Event]) -> list[Outcome]:
        """The outcomes that recording would have."""
        return self._rehearsal.outcomes(events)

    def preview(self, event: Event) -> str:
        """One line about what would be recorded."""
        return preview_line(event)

    def _count(self, entry: Entry, outcome: Outcome) -> None:
        reason = outcome.reason or ""
        match outcome.status:
            case "recorded":
                self._tally.recorded += 1
            case "duplicate":
                self._tally.duplicates += 1
            case "conflict":
                self._tally.conflicts.add(reason, entry.position)
            case "rejected":
                self._tally.rejected.add(reason, entry.position)
                self._on_rejected(entry, reason)


class ContactRecorder(Recorder):
    """Records profiles without messages."""

    def record(self, events: list[Event]) -> list[Outcome]:
        return put_profiles(self._agent, events, self._report.import_id)

    def rehearse(self, events: list[Event]) -> list[Outcome]:
        return preview_profiles(self._agent, [copy.copy(event) for event in events])

    def preview(self, event: Event) -> str:
        names = [event.name, event.username and f"@{event.username}", event.email]
        shown = shorten(", ".join(name for name in names if name))
        return f"  {identity_of(event)}  {shown}"


def _rejected(reason: str) -> Outcome:
    return Outcome("rejected", reason)
