"""Importing a file of any format, as the command does."""

from pathlib import Path
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.imports.formats import FORMATS
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report


def run_import(
    agent: Agent, file: Path, format_: str, *, dry_run: bool = False, **options: Any
) -> tuple[Report, str]:
    """The report, and the notes shown meanwhile."""
    notes: list[str] = []
    report = Report(show=notes.append, dry_run=dry_run)
    FORMATS[format_].run(agent, file, report, Options(**options))
    return report, "\n".join(notes)
