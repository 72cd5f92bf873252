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
        typer.FileBinaryRead, typer.Argument(help="A receipt as downloaded; - for stdin.")
    ],
) -> None:
    """Verify that this installation issued a receipt and that it is unchanged; else exit code 1."""
    start_django()
    from frontdesk.ledger.receipts import verify_receipt

    try:
        receipt = verify_receipt(file.read())
    except ValueError as error:
        raise CommandError(f"{file.name}: {error}") from None
    typer.echo(
        f"Genuine: {receipt['kind']} of agent {receipt['agent']} at {receipt['finishedAt']},"
        f" requested by {receipt['requestedBy']}; {receipt['rows']:,} rows."
    )
