"""`frontdesk receipts …`: receipts of erasures."""

from typing import Annotated

import typer

from frontdesk.commands.errors import CommandError
from frontdesk.commands.setup import start_django

app = typer.Typer(help="Check receipts of erasures.", no_args_is_help=True)


@app.callback()
def receipts() -> None:
    """Check receipts of erasures."""


@app.command()
def verify(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(help="A receipt as it was downloaded; - for stdin.")
    ],
) -> None:
    """Say whether this installation made a receipt, and that it is unchanged; else exit code 1."""
    start_django()
    from frontdesk.ledger.receipts import verify_receipt

    try:
        told = verify_receipt(file.read())
    except ValueError as error:
        raise CommandError(f"{file.name}: {error}") from None
    typer.echo(
        f"Genuine: {told['kind']} of agent {told['agent']} at {told['finishedAt']},"
        f" asked for by {told['requestedBy']}; {told['rows']:,} rows."
    )
