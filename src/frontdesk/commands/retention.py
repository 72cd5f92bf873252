"""`frontdesk retention`: removes texts whose retention period is over."""

import typer

from frontdesk.commands.agents import OptionalAgent, find_agents
from frontdesk.commands.progress import progress_bar
from frontdesk.commands.setup import start_with_database


def retention(agent: OptionalAgent = None) -> None:
    """Remove the texts that agents no longer keep, as the worker does every night."""
    start_with_database()
    from django.utils import timezone

    from frontdesk.ledger.retention import redact_texts

    for one in find_agents(agent):
        with progress_bar(one.name, None) as advance:
            removed = redact_texts(one, timezone.now(), advance)
        typer.echo(f"{one.name}: {removed:,} texts removed.")
