"""The `frontdesk` command; frontdesk.commands has its parts.

Django is imported only when a command runs, so that `--help` is fast and works with wrong settings.
"""

import sys
from typing import Annotated

import typer

from frontdesk import __version__
from frontdesk.commands import (
    agents,
    demo,
    housekeeping,
    import_log,
    imports,
    keys,
    migrate,
    numbers,
    owners,
    receipts,
    retention,
    serve,
    worker,
)
from frontdesk.commands.errors import CommandError

app = typer.Typer(
    name="frontdesk",
    help="The front desk of your AI agents.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"frontdesk {__version__}")
        raise typer.Exit


@app.callback()
def frontdesk(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """The front desk of your AI agents. Settings come from the environment: docs/settings.md."""


app.command()(demo.demo)
app.command()(migrate.migrate)
app.command()(serve.serve)
app.command()(worker.worker)
app.command()(housekeeping.housekeeping)
app.command()(owners.createowner)
app.add_typer(agents.app, name="agents")
app.add_typer(keys.app, name="keys")
app.command()(numbers.check)
app.command()(numbers.recount)
app.command()(retention.retention)
app.add_typer(receipts.app, name="receipts")
app.add_typer(imports.app, name="import")
app.add_typer(import_log.app, name="imports")


def main() -> None:
    """Run a command. CommandError: one line on standard error, exit code 1. Wrong usage: 2."""
    try:
        app(prog_name="frontdesk")
    except CommandError as error:
        typer.echo(f"frontdesk: {error}", err=True)
        sys.exit(1)
