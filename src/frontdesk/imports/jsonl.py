"""JSON lines: one event per line, as the API accepts it."""

from pathlib import Path

from frontdesk.agents.models import Agent
from frontdesk.imports.lenient import read_event
from frontdesk.imports.lines import Line, import_lines
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.ledger.events import Event, EventError

MAX_LINE = 2 * 1024 * 1024
"""In bytes. The longest possible event, with every character escaped, has fewer."""


def import_jsonl(agent: Agent, path: Path | None, report: Report, _: Options) -> None:
    """Record the events of a file, or of standard input for None, in constant memory.

    Lines that cannot be recorded are set aside; see set_aside. Raises ImportFileError.
    """
    import_lines(agent, path, report, "jsonl", lambda line: [_event(line)], MAX_LINE)


def _event(line: Line) -> Event | str:
    """The event, or what is wrong with it."""
    try:
        return read_event(line.raw)
    except EventError as error:
        return error.reason
