"""`frontdesk check` and `frontdesk recount`: the derived numbers against the messages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from frontdesk.commands.agents import OptionalAgent, find_agents
from frontdesk.commands.setup import start_with_database

if TYPE_CHECKING:
    from frontdesk.agents.models import Agent


def check(agent: OptionalAgent = None) -> None:
    """Compare every derived number with a recount; differences are listed, with exit code 1."""
    start_with_database()
    from frontdesk.ledger import recount as ledger

    found = 0
    for one in find_agents(agent):
        with _progress(one) as advance:
            differences = ledger.check(one, advance)
        found += len(differences)
        for difference in differences:
            typer.echo(f"{one.name}: {difference}")
    if found:
        typer.echo(f"{found} numbers differ; `frontdesk recount` rebuilds them.", err=True)
        raise typer.Exit(1)
    typer.echo("Every number equals its recount.")


def recount(agent: OptionalAgent = None) -> None:
    """Rebuild every derived number from the messages. Recording may go on meanwhile."""
    start_with_database()
    from frontdesk.ledger import recount as ledger

    for one in find_agents(agent):
        with _progress(one) as advance:
            ledger.recount(one, advance)
        typer.echo(f"{one.name}: rebuilt.")


@contextmanager
def _progress(agent: "Agent") -> Iterator[Callable[[int], None]]:
    """A bar on standard error over the agent's users; none where that is no terminal."""
    from django.db.models import Sum
    from rich.console import Console
    from rich.progress import Progress

    from frontdesk.ledger.models import FacetCount

    counts = FacetCount.objects.filter(agent=agent, facet=FacetCount.Facet.PLATFORM)
    users = counts.aggregate(total=Sum("users"))["total"]
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(agent.name, total=users)
        yield lambda done: bar.advance(task, done)
