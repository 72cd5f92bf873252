"""What became of what an import read: counts by reason, with the first examples of each."""

from dataclasses import dataclass, field

_EXAMPLES = 3
_REASONS = 40
_OTHER = "other reasons"


@dataclass
class Cause:
    """How often something happened, and where it did first."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


class Causes(dict[str, Cause]):
    """Causes by reason. A file can name any number of reasons: those past the 40th share one."""

    def add(self, reason: str, place: object) -> None:
        if reason not in self and len(self) >= _REASONS:
            reason = _OTHER
        cause = self.setdefault(reason, Cause())
        cause.count += 1
        if len(cause.examples) < _EXAMPLES:
            cause.examples.append(str(place))

    @property
    def total(self) -> int:
        return sum(cause.count for cause in self.values())


@dataclass
class Tally:
    """The outcomes of one import.

    Skipped is what was never meant to be a message of a user or the agent; rejected is what should
    have been recorded and could not be.
    """

    recorded: int = 0
    duplicates: int = 0
    conflicts: Causes = field(default_factory=Causes)
    skipped: Causes = field(default_factory=Causes)
    rejected: Causes = field(default_factory=Causes)

    @property
    def taken(self) -> int:
        """How many messages of the file are known to the ledger now."""
        return self.recorded + self.duplicates + self.conflicts.total

    @property
    def read(self) -> int:
        return self.taken + self.skipped.total + self.rejected.total
