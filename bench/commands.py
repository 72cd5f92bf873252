"""The commands of a worker."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.db import connection
from tests.factories.population import make_population
from tests.fakes.model import NAME

from bench import analytics as charts
from bench import checking, recording
from bench.pages import measure
from bench.process import own_memory
from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.channels.web.models import WebChat
from frontdesk.core.encryption import encrypt
from frontdesk.ledger.models import EndUser, Message

_prepared: list[Callable[[], recording.Timing]] = []


def set_up(users: int) -> None:
    """Create the tables, one agent and this many users."""
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("createcachetable", verbosity=0)
    agent = Agent.objects.create(name="Bench")
    indexes = EndUser._meta.indexes  # building them at the end takes a fraction of the time
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.remove_index(EndUser, index)
    make_population(agent, users)
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.add_index(EndUser, index)
    charts.make_rollups(agent, users)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as autovacuum does, eventually


def prepare(kind: str, number: int, batches: int) -> None:
    _prepared[:] = [recording.prepare(_agent(), kind, number, batches)]


def go() -> recording.Timing:
    """Run what was prepared."""
    return _prepared.pop()()


def pages(users: int) -> dict[str, Any]:
    return {"cases": measure(_agent(), users), "memory": own_memory()}


def analytics() -> tuple[list[tuple[str, charts.Timings]], charts.Timings]:
    return charts.measure(_agent())


def checks(requests: int) -> list[checking.Case]:
    return checking.measure(_agent(), requests)


def open_chat(url: str) -> str:
    """The id of a new agent with a web chat and the model at this URL."""
    agent = Agent.objects.create(name="Bench")
    kind, key = Backend.Kind.OPENAI, encrypt("sk-bench")
    Backend.objects.create(agent=agent, kind=kind, url=url, model=NAME, secret=key)
    WebChat.objects.create(agent=agent, is_on=True)
    return str(agent.id)


def chat_losses(agent: str, answers_due: dict[str, str]) -> tuple[int, int]:
    """How many of these messages and answers the ledger lacks, and how many it has twice."""
    recorded = Message.objects.filter(end_user__agent=agent, role__in=("user", "agent"))
    found = Counter(recorded.values_list("role", "text"))
    expected = Counter(
        [*(("user", q) for q in answers_due), *(("agent", a) for a in answers_due.values())]
    )
    return (expected - found).total(), (found - expected).total()


def versions() -> str:
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"


def _agent() -> Agent:
    return Agent.objects.get()
