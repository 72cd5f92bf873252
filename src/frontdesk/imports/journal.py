"""Every import is a row, so that it is known later, and can be taken back."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from frontdesk.agents.models import Agent
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.report import Report
from frontdesk.ledger import imports
from frontdesk.ledger.models import Import


@contextmanager
def journaled(agent: Agent, format_: str, file: Path | None, report: Report) -> Iterator[None]:
    """Record what is imported meanwhile as one import; None is standard input.

    An unfinished import of the same file is continued. A dry run has no row.
    """
    if report.dry_run:
        yield
        return
    name = file.name if file else "standard input"
    row = imports.start(report.actor, agent, format_, name, _digest(file) if file else "")
    report.import_id, report.before = row.id, row.recorded
    problem = "stopped"
    try:
        yield
        problem = ""
    except Exception as error:
        problem = str(error)
        raise
    finally:
        _finish(row, report, problem)


def _finish(row: Import, report: Report, problem: str) -> None:
    if report.tally.read or report.before:
        report.save_progress()
        imports.finish(row.id, problem)
    else:  # refused, or an empty file: there is nothing to take back
        row.delete()
        report.import_id = None


def _digest(file: Path) -> str:
    """Raises ImportFileError if the file cannot be read."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise ImportFileError(f"{file} cannot be read: {error.strerror}") from None
