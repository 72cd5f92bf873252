"""Batches of 1,000 messages from about 200 users, recorded or only inserted."""

import datetime as dt
import gc
import random
import time
import uuid
from collections.abc import Callable
from operator import itemgetter

from django.db import connection, transaction

from frontdesk.agents.models import Agent
from frontdesk.core.sql import bulk
from frontdesk.ledger.events import Event, message_key, user_id
from frontdesk.ledger.messages import COLUMNS, MessageState
from frontdesk.ledger.models import Message
from frontdesk.ledger.record import record

MESSAGES, USERS = 1_000, 200
_KNOWN = 160
"""How many users of a batch are known, spread over all users; the others are new."""

_START = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
_TEXT = "And could you send the invoice to our office in Lisbon, please? " * 4

Batch = list[Event]


Timing = tuple[float, float]
"""Seconds of wall time and of CPU time, which other programs hardly affect."""


def prepare(agent: Agent, kind: str, number: int, batches: int) -> Callable[[], Timing]:
    """Make new batches; return a function that writes them and returns its times.

    `kind` is "record", or "bare" to only insert the same message rows.
    """
    made = [make_batch(agent, number + i) for i in range(batches)]
    write: Callable[[], None]
    if kind == "record":
        write = lambda: _record(agent, made)  # noqa: E731
    else:
        rows = [_rows(agent, batch) for batch in made]
        write = lambda: _insert(rows)  # noqa: E731
    # In production this data arrives in requests: keep it out of garbage collection.
    gc.collect()
    gc.freeze()

    def timed() -> Timing:
        start, worked = time.perf_counter(), time.process_time()
        write()
        return time.perf_counter() - start, time.process_time() - worked

    return timed


def make_batch(agent: Agent, number: int) -> Batch:
    rng = random.Random(number)
    users = _known_users(rng)
    users += [("web", f"visitor-{number}-{i}") for i in range(USERS - len(users))]
    start = _START + dt.timedelta(minutes=10 * (number % 5_000))
    batch = []
    for i in range(MESSAGES):
        platform, external_id = users[i % USERS]
        is_question = (i // USERS) % 2 == 0
        usage = {} if is_question else {"model": "gpt-4o-mini", "input_tokens": 400 + i}
        batch.append(
            Event(
                platform=platform,
                external_id=external_id,
                role="user" if is_question else "agent",
                time=start + dt.timedelta(seconds=i),
                text=_TEXT,
                message_id=f"{number}:{i}",
                name=f"Name {external_id}",
                username=f"user_{external_id}",
                language="pt",
                **usage,  # type: ignore[arg-type]
            )
        )
    return batch


def _known_users(rng: random.Random) -> list[tuple[str, str]]:
    probes = [(uuid.UUID(int=rng.getrandbits(128)),) for _ in range(_KNOWN)]
    found = bulk.select(
        "SELECT u.platform, u.external_id FROM {given} CROSS JOIN ledger_enduser u"
        " WHERE u.id = (SELECT n.id FROM ledger_enduser n"
        "  WHERE n.id >= r.id ORDER BY n.id LIMIT 1)",
        {"id": "uuid"},
        probes,
        ["text", "text"],
    )
    return sorted(set(found))


def _record(agent: Agent, batches: list[Batch]) -> None:
    for batch in batches:
        outcomes = record(agent, batch)
        if any(outcome.status != "recorded" for outcome in outcomes):
            raise RuntimeError("a batch was not recorded completely")


def _rows(agent: Agent, batch: Batch) -> list[bulk.Row]:
    rows: list[bulk.Row] = []
    for event in batch:
        owner = user_id(agent.id, event.platform, event.external_id)
        rows.append((owner.hex, *MessageState.of(message_key(owner, event), event).row()))
    return sorted(rows, key=itemgetter(0, 1))


def _insert(batches: list[list[bulk.Row]]) -> None:
    columns = ["end_user_id", "id", *COLUMNS]
    for rows in batches:
        with transaction.atomic():
            if connection.vendor == "sqlite":
                bulk.insert(Message, columns, rows)
                continue
            statement = f"COPY ledger_message ({', '.join(columns)}) FROM STDIN"
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
