"""Records the entries of a file, whatever its format."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from frontdesk.agents.models import Agent
from frontdesk.imports.journal import journaled
from frontdesk.imports.progress import progress_bar
from frontdesk.imports.recording import Entry, OnRejected, Recorder, nothing
from frontdesk.imports.report import Report
from frontdesk.imports.source import Source, open_source


def import_file(
    agent: Agent,
    path: Path | None,
    report: Report,
    format_: str,
    read: Callable[[Source], Iterable[Entry]],
    *,
    members: re.Pattern[str] | None = None,
    repeats: bool = False,
) -> None:
    """Record what `read` finds in a file, or in standard input for None. Raises ImportFileError.

    `members`: see open_source. `repeats`: see settle_repeats.

    An ImportFileError of `read` ends the import; what was read before it is recorded.
    """
    with open_source(path, members) as source, journaled(agent, format_, path, report):
        record_entries(agent, source, read(source), report, repeats=repeats)


def record_entries(
    agent: Agent,
    source: Source,
    entries: Iterable[Entry],
    report: Report,
    on_rejected: OnRejected = nothing,
    recorder_of: type[Recorder] = Recorder,
    *,
    repeats: bool = False,
) -> None:
    """Record entries that are being read from `source`, and show how much of it has been read."""
    with (
        progress_bar("Recording", source) as show,
        recorder_of(agent, report, on_rejected, repeats=repeats) as recorder,
    ):
        for number, entry in enumerate(entries):
            recorder.add(entry)
            if number % 1_000 == 0:
                show()
