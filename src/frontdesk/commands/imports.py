"""`frontdesk import …`: one command for each format."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from frontdesk.commands.actor import command_line
from frontdesk.commands.agents import AgentOption, find_agent
from frontdesk.commands.errors import CommandError
from frontdesk.commands.setup import start_with_database

if TYPE_CHECKING:
    from frontdesk.imports.report import Report

DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Record nothing; show the outcome and the first messages."),
]

UserOption = Annotated[str, typer.Option("--user", metavar="ID", help="The user of what has none.")]
TimeOption = Annotated[
    datetime | None,
    typer.Option("--time", help="The time (UTC) of what has none; by default the file's."),
]
PlatformOption = Annotated[
    str, typer.Option("--platform", help="Where the users are, such as web or api.")
]
NoPlatform = Annotated[
    str | None,
    typer.Option("--platform", help="Where the users are if no column says it; by default api."),
]
ZoneOption = Annotated[
    str | None,
    typer.Option(
        "--zone", metavar="ZONE", help="Zone of times without one; by default the agent's."
    ),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="FIELD=COLUMN", help="What a column means: --map text=Body. Repeatable."
    ),
]

BotOption = Annotated[
    str | None,
    typer.Option("--bot", metavar="NAME", help="Who the agent is, by name or id."),
]
app = typer.Typer(help="Import conversations and users from elsewhere.", no_args_is_help=True)


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
            help="Who the agent is: name, @username or from_id. By default guessed and shown.",
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE", help="Zone for times without one, as in old exports: Europe/Berlin."
        ),
    ] = None,
    dry_run: DryRun = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Take chats back that were imported with another agent, and redo them.",
        ),
    ] = False,
) -> None:
    """Import an export of Telegram Desktop in the format “Machine-readable JSON”.

    Importing it again adds nothing.
    """
    options = {"bot": bot, "zone": _zone(zone), "replace": replace}
    _import("telegram", file, agent, options, dry_run=dry_run)


@app.command()
def jsonl(
    file: Annotated[
        Path, typer.Argument(help="One event per line, as the API accepts it; - for stdin.")
    ],
    agent: AgentOption,
    dry_run: DryRun = False,
) -> None:
    """Import events from JSON lines, gzipped or not.

    Lines that cannot be recorded are set aside in a file. Importing it again adds nothing.
    """
    _import("jsonl", file, agent, {}, dry_run=dry_run)


@app.command()
def openai(
    file: Annotated[Path, typer.Argument(help="One conversation per line; - for stdin.")],
    agent: AgentOption,
    user: UserOption = "unknown",
    time: TimeOption = None,
    platform: PlatformOption = "api",
    dry_run: DryRun = False,
) -> None:
    """Import conversations in OpenAI's format, {"messages": [...]}, from JSON lines.

    A line may have user, session and time. Importing it again adds nothing.
    """
    options = {"user": user, "time": _utc(time), "platform": platform}
    _import("openai", file, agent, options, dry_run=dry_run)


@app.command()
def whatsapp(
    file: Annotated[Path, typer.Argument(help="The text of an exported chat, or its zip archive.")],
    agent: AgentOption,
    bot: BotOption = None,
    zone: ZoneOption = None,
    date_order: Annotated[
        Literal["dmy", "mdy", "ymd"] | None,
        typer.Option(
            "--date-order",
            help="The order of day, month and year, if the file cannot tell.",
        ),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Import a chat that was exported from WhatsApp, a private one or a group.

    Importing it again, or a longer export of the same chat, adds only what is new.
    """
    options = {"bot": bot, "zone": _zone(zone), "date_order": date_order}
    _import("whatsapp", file, agent, options, dry_run=dry_run)


@app.command()
def chatgpt(
    file: Annotated[Path, typer.Argument(help="conversations.json, or the zip archive with it.")],
    agent: AgentOption,
    user: UserOption = "unknown",
    time: TimeOption = None,
    platform: PlatformOption = "chatgpt",
    dry_run: DryRun = False,
) -> None:
    """Import the conversations of one ChatGPT account, which is one user.

    Importing it again adds only what is new.
    """
    options = {"user": user, "time": _utc(time), "platform": platform}
    _import("chatgpt", file, agent, options, dry_run=dry_run)


@app.command()
def discord(
    file: Annotated[Path, typer.Argument(help="A channel, from DiscordChatExporter as JSON.")],
    agent: AgentOption,
    bot: BotOption = None,
    dry_run: DryRun = False,
) -> None:
    """Import a channel, a thread or direct messages of Discord.

    Importing it again adds only what is new.
    """
    _import("discord", file, agent, {"bot": bot}, dry_run=dry_run)


@app.command()
def langfuse(
    file: Annotated[Path, typer.Argument(help="Traces or observations, as JSON or JSON lines.")],
    agent: AgentOption,
    user: UserOption = "unknown",
    time: TimeOption = None,
    platform: PlatformOption = "api",
    dry_run: DryRun = False,
) -> None:
    """Import traces of Langfuse: what the user asked last, and what the agent answered.

    Importing them again adds nothing.
    """
    options = {"user": user, "time": _utc(time), "platform": platform}
    _import("langfuse", file, agent, options, dry_run=dry_run)


@app.command()
def langsmith(
    file: Annotated[Path, typer.Argument(help="Runs, as JSON lines or JSON.")],
    agent: AgentOption,
    user: UserOption = "unknown",
    time: TimeOption = None,
    platform: PlatformOption = "api",
    dry_run: DryRun = False,
) -> None:
    """Import runs of LangSmith: what the user asked last, and what the agent answered.

    Importing them again adds nothing.
    """
    options = {"user": user, "time": _utc(time), "platform": platform}
    _import("langsmith", file, agent, options, dry_run=dry_run)


@app.command()
def csv(
    file: Annotated[Path, typer.Argument(help="One message in each row; - for stdin.")],
    agent: AgentOption,
    columns: MapOption = None,
    platform: NoPlatform = None,
    zone: ZoneOption = None,
    dry_run: DryRun = False,
) -> None:
    """Import messages from CSV, gzipped or not, with a header.

    Rows that cannot be recorded are set aside in a file. Importing it again adds nothing.
    """
    options = {"columns": tuple(columns or ()), "platform": platform, "zone": _zone(zone)}
    _import("csv", file, agent, options, dry_run=dry_run)


@app.command()
def contacts(
    file: Annotated[Path, typer.Argument(help="One user in each row; - for stdin.")],
    agent: AgentOption,
    columns: MapOption = None,
    platform: NoPlatform = None,
    zone: ZoneOption = None,
    time: TimeOption = None,
    dry_run: DryRun = False,
) -> None:
    """Import users without messages from CSV, gzipped or not, with a header.

    Columns that mean no field become attributes. Importing it again adds nothing.
    """
    options = {"columns": tuple(columns or ()), "platform": platform, "zone": _zone(zone)}
    _import("contacts", file, agent, {**options, "time": _utc(time)}, dry_run=dry_run)


def _import(name: str, file: Path, agent: str, options: dict[str, Any], *, dry_run: bool) -> None:
    start_with_database()
    from frontdesk.imports.formats import FORMATS
    from frontdesk.imports.options import Options

    to, format_ = find_agent(agent), FORMATS[name]
    path = None if str(file) == "-" else file
    _run(lambda report: format_.run(to, path, report, Options(**options)), dry_run=dry_run)


def _utc(time: datetime | None) -> datetime | None:
    return time and time.replace(tzinfo=UTC)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise CommandError(
            f"--zone: {name!r} is not a time zone; use a name such as Europe/Berlin"
        ) from None


def _run(work: Callable[["Report"], None], *, dry_run: bool) -> None:
    """Run the import and print its report, however it ends.

    Raises CommandError if the file is damaged or nothing could be imported. Exits with 130 after
    Ctrl-C.
    """
    from django.db import Error as DatabaseError

    from frontdesk.imports.errors import ImportFileError
    from frontdesk.imports.report import Report

    report = Report(show=typer.echo, dry_run=dry_run, actor=command_line())
    problem, is_stopped = "", False
    try:
        work(report)
    except ImportFileError as error:
        problem = str(error)
    except DatabaseError as error:
        problem = f"the database failed: {error}. {_SAFE}"
    except KeyboardInterrupt:
        is_stopped = True
    for line in report.summary() if report.tally.read else ():
        typer.echo(line)
    if report.import_id:
        typer.echo(f"To take it back: frontdesk imports undo {report.import_id}")
    if is_stopped:
        typer.echo(f"Stopped. Read: {report.tally.read:,}. {_SAFE}", err=True)
        raise typer.Exit(130)
    if problem or report.is_failure:
        raise CommandError(problem or "nothing in the file could be imported")


_SAFE = "What was recorded stays; run the same command to continue. Nothing is counted twice."
