"""`frontdesk imports …`: what was imported, and taking it back."""

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.commands.actor import command_line
from frontdesk.commands.agents import OptionalAgent, find_agents
from frontdesk.commands.errors import CommandError
from frontdesk.commands.setup import start_with_database

if TYPE_CHECKING:
    from frontdesk.ledger.models import Import

app = typer.Typer(help="List imports, and take one back.", no_args_is_help=True)


@app.command("list")
def list_imports(agent: OptionalAgent = None) -> None:
    """Print each import, the newest first: id, time, state, who, file, and what became of it."""
    start_with_database()
    from frontdesk.ledger.models import Import

    rows = Import.objects.filter(agent__in=find_agents(agent)).select_related("agent")
    for row in rows.iterator():
        for line in _described(row):
            typer.echo(line)


def _described(row: "Import") -> Iterator[str]:
    from frontdesk.imports.errors import printable

    yield printable(
        f"{row.id}  {row.started_at:%Y-%m-%d %H:%M} UTC  {row.state}  {row.format}"
        f" {row.file_name} to {row.agent.name}, by {row.started_by}"
    )
    counts = ("recorded", "duplicates", "conflicts", "skipped", "rejected")
    yield "  " + ", ".join(f"{getattr(row, name):,} {name}" for name in counts)
    for reason, count in row.reasons.get("rejected", {}).items():
        yield printable(f"  rejected {count:,}: {reason}")
    if row.digest:
        yield f"  SHA-256 {row.digest}"
    if row.problem:
        yield printable(f"  {row.problem}")


@app.command()
def undo(import_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Take back what only this import brought. If it is interrupted, run it again.

    What another import or a report brought too stays.
    """
    start_with_database()
    from frontdesk.ledger import imports
    from frontdesk.ledger.models import Import

    try:
        row = imports.undo(command_line(), uuid.UUID(import_id))
    except (ValueError, Import.DoesNotExist):
        raise CommandError(
            f"there is no import {import_id}; `frontdesk imports list` shows all of them"
        ) from None
    typer.echo(f"Taken back: {row.removed_messages:,} messages, {row.removed_users:,} users.")
    if row.kept_messages:
        typer.echo(f"Kept: {row.kept_messages:,} messages that another import brought too.")
    if row.kept_users:
        typer.echo(
            f"Kept without messages: {row.kept_users:,} users to whom something else refers,"
            " such as a note."
        )
