"""What an import reports to the operator."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from frontdesk.imports.errors import printable
from frontdesk.imports.tally import Causes, Tally


@dataclass
class Report:
    """Filled while an import runs, so that a stopped import has a report too.

    `show` prints a line that the operator should read at once.
    """

    show: Callable[[str], None]
    tally: Tally = field(default_factory=Tally)

    def notice(self, text: str) -> None:
        self.show(printable(text))

    @property
    def is_failure(self) -> bool:
        """Whether there was something to import, but none of it could be imported."""
        return self.tally.read > 0 and self.tally.imported == 0

    def summary(self) -> Iterator[str]:
        """The outcome of everything that was read, as lines for a terminal."""
        tally = self.tally
        yield _counted(tally.recorded, "recorded")
        yield _counted(tally.duplicates, "duplicates: already known; nothing changed")
        yield from _section("conflicts: known with different content, which stays", tally.conflicts)
        yield from _section("skipped: not a message of a user or the agent", tally.skipped)
        yield from _section("rejected", tally.rejected)


def _section(title: str, causes: Causes) -> Iterator[str]:
    if causes:
        yield _counted(causes.total, title)
    for reason, cause in sorted(causes.items(), key=lambda item: -item[1].count):
        more = ", …" if cause.count > len(cause.examples) else ""
        yield printable(f"{cause.count:>18,}  {reason}: {', '.join(cause.examples)}{more}")


def _counted(number: int, what: str) -> str:
    return f"{number:>12,}  {what}"
