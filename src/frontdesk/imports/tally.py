"""The outcomes of an import: counts by reason, with the first examples of each."""

from dataclasses import dataclass, field

MAX_EXAMPLES = 3
MAX_REASONS = 40
_OTHER = "other reasons"


@dataclass
class Cause:
    """How often something happened, and where it happened first."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


class Causes(dict[str, Cause]):
    """Causes by reason. A file can have any number of reasons; those after the 40th share one."""

    def add(self, reason: str, position: object) -> None:
        if reason not in self and len(self) >= MAX_REASONS:
            reason = _OTHER
        cause = self.setdefault(reason, Cause())
        cause.count += 1
        if len(cause.examples) < MAX_EXAMPLES:
            cause.examples.append(str(position))

    @property
    def total(self) -> int:
        return sum(cause.count for cause in self.values())


@dataclass
class Tally:
    """The outcomes of one import.

    Skipped: not a message of a user or the agent. Rejected: could not be recorded, but should have
    been.
    """

    recorded: int = 0
    duplicates: int = 0
    conflicts: Causes = field(default_factory=Causes)
    skipped: Causes = field(default_factory=Causes)
    rejected: Causes = field(default_factory=Causes)

    @property
    def imported(self) -> int:
        """How many messages of the file are now in the ledger."""
        return self.recorded + self.duplicates + self.conflicts.total

    @property
    def read(self) -> int:
        return self.imported + self.skipped.total + self.rejected.total
