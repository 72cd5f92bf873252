"""What an import reports to the operator."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from frontdesk.audit import SYSTEM, Actor
from frontdesk.imports.errors import printable, shorten
from frontdesk.imports.tally import Causes, Tally
from frontdesk.ledger import imports
from frontdesk.ledger.events import Event

MAX_FIRST = 5


@dataclass
class Report:
    """Filled while an import runs, so that a stopped import has a report too.

    `show` prints a line that the operator should read at once. In a dry run nothing is recorded;
    the summary says what would be, and begins with the first messages. `before` is what an import
    that is continued had recorded earlier.
    """

    show: Callable[[str], None]
    tally: Tally = field(default_factory=Tally)
    dry_run: bool = False
    first: list[str] = field(default_factory=list)
    actor: Actor = SYSTEM
    import_id: uuid.UUID | None = None
    before: int = 0

    def save_progress(self) -> None:
        """Save the counts in the import's row."""
        if self.import_id is not None:
            imports.save_progress(self.import_id, self.counts(), self.reasons())

    def counts(self) -> dict[str, int]:
        """How many messages had each outcome, those of an import that is continued included."""
        return {
            "recorded": self.before + self.tally.recorded,
            "duplicates": max(0, self.tally.duplicates - self.before),
            **{name: causes.total for name, causes in self._causes()},
        }

    def reasons(self) -> dict[str, dict[str, int]]:
        """By outcome: messages by reason."""
        return {
            name: {reason: cause.count for reason, cause in causes.items()}
            for name, causes in self._causes()
        }

    def _causes(self) -> Iterator[tuple[str, Causes]]:
        for name in ("conflicts", "skipped", "rejected"):
            yield name, getattr(self.tally, name)

    def observe(self, event: Event, preview: Callable[[Event], str]) -> None:
        """Keep the first messages or contacts, for the dry run."""
        if len(self.first) < MAX_FIRST:
            self.first.append(preview(event))

    def notice(self, text: str) -> None:
        self.show(printable(text))

    @property
    def is_failure(self) -> bool:
        """Whether there was something to import, but none of it could be imported."""
        return self.tally.read > 0 and self.tally.imported == 0

    def summary(self) -> Iterator[str]:
        """The outcome of everything that was read, as lines for a terminal."""
        tally = self.tally
        if self.dry_run:
            yield "It begins with:"
            yield from self.first
            yield "Nothing is recorded. Without --dry-run:"
        yield _counted(tally.recorded, "recorded")
        yield _counted(tally.duplicates, "duplicates: already known; nothing changed")
        yield from _section("conflicts: known with different content, which stays", tally.conflicts)
        yield from _section("skipped: not a message of a user or the agent", tally.skipped)
        yield from _section("rejected", tally.rejected)


def preview_line(event: Event) -> str:
    """One message, as it would be recorded."""
    sender = f"{identity_of(event)}  {event.role}"
    return f"  {event.time:%Y-%m-%d %H:%M}  {sender}: {shorten(event.text)}"


def identity_of(event: Event) -> str:
    return f"{event.platform}:{shorten(event.external_id, 30)}"


def _section(title: str, causes: Causes) -> Iterator[str]:
    if causes:
        yield _counted(causes.total, title)
    for reason, cause in sorted(causes.items(), key=lambda item: -item[1].count):
        more = ", …" if cause.count > len(cause.examples) else ""
        yield printable(f"{cause.count:>18,}  {reason}: {', '.join(cause.examples)}{more}")


def _counted(number: int, what: str) -> str:
    return f"{number:>12,}  {what}"
