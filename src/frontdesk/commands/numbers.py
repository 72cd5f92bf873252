"""`frontdesk check` and `frontdesk recount`: compare or rebuild all derived numbers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import typer

from frontdesk.commands.agents import OptionalAgent, find_agents
from frontdesk.commands.progress import progress_bar
from frontdesk.commands.setup import start_with_database

if TYPE_CHECKING:
    from frontdesk.agents.models import Agent


def check(agent: OptionalAgent = None) -> None:
    """Compare every derived number with a recount; list differences, with exit code 1."""
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
    """Rebuild every derived number from the messages. Recording may continue meanwhile."""
    start_with_database()
    from frontdesk.ledger import recount as ledger

    for one in find_agents(agent):
        with _progress(one) as advance:
            ledger.recount(one, advance)
        typer.echo(f"{one.name}: rebuilt.")


def _progress(agent: "Agent") -> AbstractContextManager[Callable[[int], None]]:
    """A progress bar of the agent's users."""
    from django.db.models import Sum

    from frontdesk.ledger.models import FacetCount

    counts = FacetCount.objects.filter(agent=agent, facet=FacetCount.Facet.PLATFORM)
    return progress_bar(agent.name, counts.aggregate(total=Sum("users"))["total"])
