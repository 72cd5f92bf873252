"""The pages of analytics over two years of rollups: seconds in the server, by block.

The rollups of many users are written directly to their tables, because analytics reads only these.
"""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from tests.factories.population import NOW

from bench.repeats import median_seconds
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.analytics.blocks import BLOCKS, Block
from frontdesk.analytics.query import AnalyticsQuery
from frontdesk.analytics.scope import Scope
from frontdesk.core.sql import bulk
from frontdesk.gate.models import RefusedDay
from frontdesk.ledger.details import Detail
from frontdesk.ledger.facets import habit
from frontdesk.ledger.models import FacetCount
from frontdesk.ledger.rollups import RollupChanges

TODAY = NOW.date()
HISTORY = 730
"""The age of the agent in days."""

_DAY = dt.timedelta(days=1)
_DAYS = [TODAY - n * _DAY for n in range(HISTORY)][::-1]


def _until_today(days: int, **more: str) -> dict[str, str]:
    """A query whose period ends on the last day of the generated users, not today."""
    return {"days_from": str(TODAY - (days - 1) * _DAY), "days_to": str(TODAY), **more}


QUERIES = {
    "30 days": _until_today(30),
    "30 days, web": _until_today(30, platform="web"),
    "90 days": _until_today(90),
    "12 months": _until_today(365),
    "12 months, web": _until_today(365, platform="web"),
    "12 months by day": _until_today(365, by="day"),
}
_PLATFORMS = {"web": 0.6, "telegram": 0.3, "api": 0.07, "discord": 0.02995, "matrix": 0.00005}
_MODELS = ("", "gpt-4o", "gpt-4o-mini", "claude-sonnet-4", "claude-haiku-4", "llama-3.3-70b",
           "mistral-large", "gemini-2.5-flash", "a-model-of-our-own")  # fmt: skip
_REASONS = ("blocked", "messages_per_day", "not_invited")


def make_rollups(agent: Agent, users: int, seed: int = 1) -> None:
    """Write the rollups of this many users, with about twenty messages each in two years."""
    rng = random.Random(seed)
    changes = RollupChanges()
    figures: dict[tuple[str, dt.date], list[int]] = defaultdict(lambda: [0, 0])
    """Sessions and messages sent, of all users."""
    for platform, share in _PLATFORMS.items():
        for _ in range(round(users * share)):
            days = list(_active_days(rng))
            sessions = sent = 0
            for number in days:
                own, messages = rng.choice((1, 1, 1, 2)), int(rng.paretovariate(1.1))
                day = figures[platform, _DAYS[number]]
                day[0] += own
                day[1] += min(messages, 40)
                sessions, sent = sessions + own, sent + messages
            changes.add_active_days(platform, [_DAYS[number] for number in days])
            changes.facets[FacetCount.Facet.HABIT.value, habit(platform, sessions, sent)] += 1
    for (platform, day), (sessions, sent) in figures.items():
        cost, failed = sent * 2_500, sent // 80
        changes.add_day(platform, day, [sessions, 2 * sent, sent, cost, sent // 50, failed, 420])
        changes.add_detail(platform, day, _detail(sent))
    with transaction.atomic():
        changes.save(agent.id)
        refused = [
            (agent.id, platform, day, reason, 1 + sent // 200)
            for (platform, day), (_, sent) in sorted(figures.items())
            for reason in _REASONS
        ]
        bulk.add(RefusedDay, ["agent_id", "platform", "day", "reason"], ["refused"], refused)


def _active_days(rng: random.Random) -> Iterator[int]:
    """The active days of one user, by number. Four in ten never return; most others return soon."""
    number = int(rng.random() * HISTORY)
    stays = rng.random() < 0.6
    while number < HISTORY:
        yield number
        if not stays or rng.random() < 0.1:
            return
        number += int(rng.paretovariate(0.8))


def _detail(sent: int) -> Detail:
    detail = Detail()
    for hour in range(24):
        if share := sent * (1 + min(hour, 23 - hour)) // 156:
            detail.hours[str(hour)] = share
    for rank, model in enumerate(_MODELS, 1):
        if share := sent // (rank * 3):
            detail.usage[model] = [share, share * 1_000 * rank, share // 40]
    return detail


Timings = dict[str, float]
"""Seconds by name of `QUERIES`."""


def measure(agent: Agent) -> tuple[list[tuple[str, Timings]], Timings]:
    """The median seconds of each block, and of the whole page."""
    name = f"analytics-{agent.id.hex[:8]}"
    client = Client(HTTP_HOST="localhost")
    client.force_login(Operator.objects.create_user(name, f"{name}@example.com"))
    address = reverse("analytics:agent", args=[agent.id])
    queries = {name: urlencode(pairs) for name, pairs in QUERIES.items()}
    blocks = [
        (
            str(block.title),
            {n: median_seconds(partial(_load, agent, block, t)) for n, t in queries.items()},
        )
        for block in BLOCKS
    ]
    page = {n: median_seconds(partial(_get, client, f"{address}?{t}")) for n, t in queries.items()}
    return blocks, page


def _load(agent: Agent, block: Block, text: str) -> None:
    """Load one block on its own, without the data that the blocks of a page share."""
    query, _ = AnalyticsQuery.parse(QueryDict(text), TODAY)
    users_page = reverse("users:users", args=[agent.id])
    block.table(Scope([agent], query.platform, users_page), query)


def _get(client: Client, url: str) -> None:
    response = client.get(url)
    if response.status_code != 200:
        raise RuntimeError(f"{url} answered {response.status_code}")
