"""`frontdesk demo`: invented people, a server, and how to sign in."""

import os

import typer

from frontdesk.commands.errors import CommandError
from frontdesk.commands.progress import progress_bar
from frontdesk.commands.serve import Host, Port
from frontdesk.commands.setup import start_django


def demo(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Make a demo of invented people in a home of its own, and serve it until Ctrl-C."""
    from frontdesk.commands.server import Server, require_free_port
    from frontdesk.demo.home import OWNER, NotADemoError, choose_folder, open_home

    require_free_port(host, port)
    folder = choose_folder()
    os.environ["FRONTDESK_HOME"] = str(folder)
    # The demo never writes into a database that somebody uses, and is asked by plain http.
    for variable in ("DATABASE_URL", "FRONTDESK_PUBLIC_URL"):
        os.environ.pop(variable, None)
    try:
        home = open_home(folder)
    except NotADemoError:
        raise CommandError(
            f"{folder} holds a real installation; choose another FRONTDESK_HOME"
        ) from None
    except OSError as error:
        raise CommandError(f"cannot write to the home {folder}: {error.strerror}") from None
    environment = start_django()
    from django.urls import reverse

    from frontdesk.commands.migrate import prepare
    from frontdesk.demo.live import LiveTraffic
    from frontdesk.demo.make import SCRIPTS, find_agent, make

    if not home.is_made:
        typer.echo(f"Making the demo in {folder}: two agents, 1,500 invented people.")
    prepare()
    home = make(home, progress_bar)
    server = Server(host, port, 1, environment.threads, background_worker=True)
    server.run_beside(LiveTraffic())

    def announce() -> None:
        typer.echo("\nFrontdesk is ready. Nobody in it is real.\n")
        typer.echo(f"Console  {server.url}")
        typer.echo(f"Sign in  {OWNER} / {home.password}")
        typer.echo(f"Chat     {server.url}{reverse('web:chat', args=[find_agent(SCRIPTS[0]).id])}")
        typer.echo("         Talk to it, and watch yourself appear in Users.")
        typer.echo("\nCtrl-C ends it; your changes are kept for the next time.")

    server.run(announce)
