"""`frontdesk import …`"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

if TYPE_CHECKING:  # models can be imported only once Django is set up, which is after this module
    from frontdesk.agents.models import Agent
    from frontdesk.imports.report import Report

app = typer.Typer(no_args_is_help=True, help="Bring in conversations from elsewhere.")

AgentOption = Annotated[
    str, typer.Option("--agent", metavar="AGENT", help="The agent's id or name.")
]


@app.command()
def telegram(
    file: Annotated[
        Path, typer.Argument(help="result.json of a chat or a whole account, or its folder.")
    ],
    agent: AgentOption,
    bot: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Who is the agent: name, @username, or from_id. Guessed, and said, if not given.",
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE", help="Zone of times that name none, as in old exports: Europe/Berlin."
        ),
    ] = None,
) -> None:
    """Import an export of Telegram Desktop, in the format “Machine-readable JSON”.

    Running it again adds nothing.
    """
    from frontdesk.imports.telegram.importing import import_telegram

    known_zone = _zone(zone)
    to = _agent(agent)
    _run(lambda report: import_telegram(to, file, bot, known_zone, report))


@app.command()
def jsonl(
    file: Annotated[
        Path, typer.Argument(help="One event a line, as the API takes it; - for stdin.")
    ],
    agent: AgentOption,
) -> None:
    """Import events from JSON lines, gzipped or not.

    Lines that cannot be recorded are kept aside in a file. Running it again adds nothing.
    """
    from frontdesk.imports.jsonl import import_jsonl

    to = _agent(agent)
    path = None if str(file) == "-" else file
    _run(lambda report: import_jsonl(to, path, report))


def _agent(reference: str) -> "Agent":
    from frontdesk.agents.models import Agent

    try:
        return Agent.objects.by_reference(reference)
    except Agent.DoesNotExist:
        problem = f"there is no agent {reference!r}"
    except Agent.MultipleObjectsReturned:
        problem = f"several agents are called {reference!r}: give the id"
    raise typer.BadParameter(problem, param_hint="--agent")


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise typer.BadParameter(
            f"{name!r} is no time zone; use a name such as Europe/Berlin", param_hint="--zone"
        ) from None


def _run(work: Callable[["Report"], None]) -> None:
    """Do the import and say what became of it, however it ends.

    Exits with 0; 1 when the file is damaged or nothing of it could be taken; 130 after Ctrl-C.
    """
    from django.db import Error as DatabaseError

    from frontdesk.imports.errors import ImportFileError
    from frontdesk.imports.report import Report

    report = Report(show=typer.echo)
    problem, status = "", 1
    try:
        work(report)
    except ImportFileError as error:
        problem = str(error)
    except DatabaseError as error:
        problem = f"The database ended the import: {error}. {_SAFE}"
    except KeyboardInterrupt:
        problem, status = f"Stopped. {_SAFE}", 130
    for line in report.summary() if report.tally.read else ():
        typer.echo(line)
    if not problem and report.is_failure:
        problem = "Nothing in the file could be imported."
    if problem:
        typer.echo(problem, err=True)
        raise typer.Exit(status)


_SAFE = "What is recorded stays; the same command goes on from there, and counts nothing twice."
