"""What an import invents where a file does not say it: always the same, and always reported."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone

from frontdesk.imports.options import Options
from frontdesk.imports.report import Report


def fallbacks_of(path: Path | None, options: Options) -> "Fallbacks":
    return Fallbacks(options.time or _time_of(path), options.user)


def _time_of(path: Path | None) -> dt.datetime:
    """When the file was last written, in whole seconds; now for standard input."""
    if path is None or not path.exists():
        return timezone.now().replace(microsecond=0)
    return dt.datetime.fromtimestamp(int(path.stat().st_mtime), dt.UTC)


@dataclass
class Fallbacks:
    """The time and the user of what has none. Counts how often they were needed."""

    time: dt.datetime
    user: str
    used: Counter[str] = field(default_factory=Counter)

    def give_time(self) -> dt.datetime:
        self.used["time"] += 1
        return self.time

    def give_user(self) -> str:
        self.used["user"] += 1
        return self.user

    def report(self, report: Report, what: str) -> None:
        """Tell the operator how to get the same again, or something better."""
        if self.used["time"]:
            report.notice(
                f"{self.used['time']:,} {what} have no time and got {self.time:%Y-%m-%dT%H:%M:%SZ},"
                " by default the file's. Say another with --time, and the same one when you import"
                " this file again."
            )
        if self.used["user"]:
            report.notice(
                f"{self.used['user']:,} {what} have no user and got “{self.user}”."
                " Say another id with --user."
            )
