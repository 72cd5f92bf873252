"""`frontdesk keys …`: API keys."""

import enum
from typing import Annotated

import typer

from frontdesk.commands.agents import AgentOption, OptionalAgent, find_agent, find_agents
from frontdesk.commands.errors import CommandError
from frontdesk.commands.setup import start_with_database

app = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)


class Scope(enum.StrEnum):
    """ApiKey.Scope, which cannot be imported before Django is set up."""

    INGEST = "ingest"
    READ = "read"
    MANAGE = "manage"


@app.command()
def create(
    agent: AgentOption,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do; may be repeated; default: ingest.")
    ] = None,
    name: Annotated[str, typer.Option(help="What it is for.")] = "command line",
) -> None:
    """Create a key and print it. It cannot be shown again."""
    start_with_database()
    from frontdesk.agents import actions
    from frontdesk.audit import SYSTEM

    found = find_agent(agent)
    if not 0 < len(name.strip()) <= 100:
        raise CommandError("--name: 1 to 100 characters")
    key, token = actions.issue_key(SYSTEM, found, name.strip(), list({*(scope or [Scope.INGEST])}))
    typer.echo(token)
    scopes = " and ".join(key.scopes)
    typer.echo(f"A key for {found.name} with {scopes} access. It is shown only once.", err=True)


@app.command("list")
def list_keys(agent: OptionalAgent = None) -> None:
    """Print one line for each key: prefix, agent, scopes, name, and whether it is revoked."""
    start_with_database()
    from frontdesk.agents.models import ApiKey

    keys = ApiKey.objects.filter(agent__in=find_agents(agent)).select_related("agent")
    for key in keys.order_by("agent__name", "created_at"):
        revoked = "\trevoked" if key.revoked_at else ""
        scopes = ",".join(key.scopes)
        typer.echo(f"{key.hint}…\t{key.agent.name}\t{scopes}\t{key.name}{revoked}")


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key, or its prefix as `keys list` shows it.")],
) -> None:
    """Revoke a key. It takes effect at once."""
    start_with_database()
    from frontdesk.agents import actions
    from frontdesk.agents.models import ApiKey
    from frontdesk.audit import SYSTEM

    hint = key.strip().removesuffix("…")
    found = ApiKey.objects.find(hint)
    matching = [found] if found else list(ApiKey.objects.filter(hint=hint, revoked_at=None))
    if len(matching) != 1:
        raise CommandError(
            "no key has this prefix" if not matching else "several keys have this prefix"
        )
    actions.revoke_key(SYSTEM, matching[0])
    typer.echo(f"{matching[0]} is revoked.")
