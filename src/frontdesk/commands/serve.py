"""`frontdesk serve`: the production server."""

from typing import Annotated

import typer

from frontdesk.commands.errors import CommandError
from frontdesk.commands.setup import start_with_database

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all networks.")]
Port = Annotated[int, typer.Option(min=1, max=65535, envvar="PORT", help="Port to listen on.")]

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes.")] = 1,
    worker: Annotated[
        bool, typer.Option(help="Run the background worker beside the server.")
    ] = True,
) -> None:
    """Serve the console and the API until Ctrl-C or SIGTERM."""
    environment = start_with_database()
    from django.conf import settings

    from frontdesk.commands.migrate import static_files_are_current
    from frontdesk.commands.server import Server, require_free_port

    if not static_files_are_current():
        raise CommandError(
            "the static files are missing or from another version: run `frontdesk migrate`"
        )
    require_free_port(host, port)
    server = Server(host, port, workers, environment.threads, background_worker=worker)
    url = environment.public_url or server.url
    invitation = _first_owner_link(url)

    def announce() -> None:
        typer.echo(f"Frontdesk serves {url} (press Ctrl-C to stop)")
        if host not in LOOPBACK:
            typer.echo(f"Allowed host names: {', '.join(settings.ALLOWED_HOSTS)}")
        if invitation:
            typer.echo(
                "There is no operator yet. Open this link within 24 hours to become the owner:"
            )
            typer.echo(invitation)

    server.run(announce)


def _first_owner_link(url: str) -> str | None:
    from frontdesk.console.account.links import first_owner_link

    return first_owner_link(url)
