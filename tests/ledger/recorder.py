"""A process that records and is meant to be killed: one batch of a file per number on stdin.

    python -m tests.ledger.recorder DATABASE AGENT FILE

FILE has a JSON list of events on each line. Prints "ready", then the number of each batch, once it
is acknowledged.
"""

import sys
import uuid
from pathlib import Path

import django
import msgspec


def main(database: str, agent_id: str, path: str) -> None:
    django.setup()
    from django.db import connection

    from frontdesk.agents.models import Agent
    from frontdesk.ledger.events import Event
    from frontdesk.ledger.record import record

    connection.settings_dict["NAME"] = database
    lines = Path(path).read_bytes().splitlines()
    agent = Agent.objects.get(id=uuid.UUID(agent_id))
    print("ready", flush=True)  # noqa: T201
    for number in map(int, sys.stdin):
        record(agent, msgspec.json.decode(lines[number], type=list[Event]))
        print(number, flush=True)  # noqa: T201


main(*sys.argv[1:])
