"""`frontdesk createowner`: an operator with all permissions."""

import os
from typing import Annotated

import typer

from frontdesk.commands.errors import CommandError
from frontdesk.commands.setup import start_with_database

PASSWORD_VARIABLE = "FRONTDESK_OWNER_PASSWORD"  # noqa: S105  # its name, not a password


def createowner(
    username: Annotated[str, typer.Option(help="To sign in with. Prompted for if missing.")] = "",
    email: Annotated[str, typer.Option(help="Also for signing in. Prompted for if missing.")] = "",
) -> None:
    """Create an owner of this installation.

    The password is prompted for, or taken from FRONTDESK_OWNER_PASSWORD.
    """
    start_with_database()
    from frontdesk.accounts.models import Operator
    from frontdesk.console.account.forms import FirstOwnerForm

    username = username or typer.prompt("Username")
    email = email or typer.prompt("E-mail")
    password = os.environ.get(PASSWORD_VARIABLE) or typer.prompt(
        "Password", hide_input=True, confirmation_prompt=True
    )
    # The form of the console's page, so that names and passwords follow the same rules.
    form = FirstOwnerForm(
        {"username": username, "email": email, "password1": password, "password2": password}
    )
    if not form.is_valid():
        raise CommandError.of_fields(form.errors.as_data())
    operator = Operator.objects.create_superuser(
        form.cleaned_data["username"], form.cleaned_data["email"], password
    )
    typer.echo(f"{operator.username} can now sign in.")
