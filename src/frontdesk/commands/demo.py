"""`frontdesk demo`: invented people, a server, and how to sign in."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from frontdesk.commands.errors import CommandError
from frontdesk.commands.progress import progress_bar
from frontdesk.commands.serve import Host, Port
from frontdesk.commands.setup import start_django

if TYPE_CHECKING:
    from frontdesk.demo.home import DemoHome


def demo(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Create a demo with invented people in its own home, and serve it until Ctrl-C."""
    from frontdesk.commands.server import Server, require_free_port
    from frontdesk.demo.home import choose_folder

    require_free_port(host, port)
    home = _open_home(choose_folder())
    environment = start_django()

    from frontdesk.commands.migrate import prepare
    from frontdesk.demo.live import LiveTraffic
    from frontdesk.demo.make import make

    if not home.is_made:
        typer.echo(f"Creating the demo in {home.folder}: two agents, 1,500 invented people.")
    prepare()
    home = make(home, progress_bar)
    server = Server(host, port, 1, environment.threads, background_worker=True)
    server.run_beside(LiveTraffic())
    server.run(lambda: _announce(server.url, home.password))


def _open_home(folder: Path) -> "DemoHome":
    """Open the demo's home, and make this process use it instead of the environment's."""
    from frontdesk.demo.home import NotADemoError, open_home

    os.environ["FRONTDESK_HOME"] = str(folder)
    # The demo never writes to a real installation's database, and is served over plain HTTP.
    for variable in ("DATABASE_URL", "FRONTDESK_PUBLIC_URL"):
        os.environ.pop(variable, None)
    try:
        return open_home(folder)
    except NotADemoError:
        raise CommandError(
            f"{folder} contains a real installation; choose another FRONTDESK_HOME"
        ) from None
    except OSError as error:
        raise CommandError(f"cannot write to the home {folder}: {error.strerror}") from None


def _announce(url: str, password: str) -> None:
    from django.urls import reverse

    from frontdesk.demo.home import OWNER
    from frontdesk.demo.make import SCRIPTS, find_agent

    typer.echo("\nFrontdesk is ready. All people in it are invented.\n")
    typer.echo(f"Console  {url}")
    typer.echo(f"Sign in  {OWNER} / {password}")
    typer.echo(f"Chat     {url}{reverse('web:chat', args=[find_agent(SCRIPTS[0]).id])}")
    typer.echo("         Talk to it, and watch yourself appear in Users.")
    typer.echo("\nPress Ctrl-C to stop. Your changes are kept for next time.")
