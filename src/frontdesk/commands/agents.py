"""`frontdesk agents …`."""

import difflib
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.commands.errors import CommandError
from frontdesk.commands.setup import start_with_database

if TYPE_CHECKING:
    from frontdesk.agents.models import Agent

app = typer.Typer(help="Create and list agents.", no_args_is_help=True)

AgentOption = Annotated[str, typer.Option("--agent", metavar="ID|NAME", help="Which agent.")]
OptionalAgent = Annotated[
    str | None, typer.Option("--agent", metavar="ID|NAME", help="This agent only.")
]


@app.command()
def create(
    name: str,
    time_zone: Annotated[str, typer.Option(help="Time zone of the agent's days.")] = "UTC",
    session_timeout: Annotated[
        int, typer.Option(help="Seconds without a message that end a session.")
    ] = 30 * 60,
    description: Annotated[str, typer.Option(help="What it does, and who it is for.")] = "",
    avatar: Annotated[str, typer.Option(help="One emoji.")] = "",
) -> None:
    """Create an agent and print its id."""
    start_with_database()
    from django.core.exceptions import ValidationError

    from frontdesk.agents import actions
    from frontdesk.agents.models import Agent
    from frontdesk.audit import SYSTEM

    agent = Agent(
        name=name.strip(),
        time_zone=time_zone,
        session_timeout=session_timeout,
        description=description,
        avatar=avatar,
    )
    try:
        agent.full_clean()
    except ValidationError as error:
        raise CommandError.of_fields(error.error_dict) from None
    actions.create_agent(SYSTEM, agent)
    typer.echo(agent.id)


@app.command("list")
def list_agents() -> None:
    """Print one line for each agent: id, name, and whether it is archived."""
    start_with_database()
    from frontdesk.agents.models import Agent

    for agent in Agent.objects.all():
        archived = "\tarchived" if agent.archived_at else ""
        typer.echo(f"{agent.id}\t{agent.name}{archived}")


def find_agent(reference: str) -> "Agent":
    """The agent with this id or exact name. Raises CommandError if there are none or several."""
    from frontdesk.agents.models import Agent

    try:
        return Agent.objects.by_reference(reference)
    except Agent.MultipleObjectsReturned:
        same = Agent.objects.filter(name=reference).values_list("id", flat=True)
        ids = ", ".join(map(str, same))
        raise CommandError(f"several agents are named “{reference}”; use an id: {ids}") from None
    except Agent.DoesNotExist:
        names = list(Agent.objects.values_list("name", flat=True))
        raise CommandError(
            f"there is no agent “{reference}”. {_suggestion(reference, names)}"
        ) from None


def find_agents(reference: str | None) -> "list[Agent]":
    """The requested agent, or all agents, including archived ones."""
    from frontdesk.agents.models import Agent

    return list(Agent.objects.all()) if reference is None else [find_agent(reference)]


def _suggestion(reference: str, names: list[str]) -> str:
    if not names:
        return "Create one: frontdesk agents create NAME"
    by_folded = {name.casefold(): name for name in names}
    similar = difflib.get_close_matches(reference.casefold(), by_folded, n=3, cutoff=0.4)
    if similar:
        return f"Similar: {', '.join(by_folded[name] for name in similar)}"
    return "`frontdesk agents list` shows all agents."
