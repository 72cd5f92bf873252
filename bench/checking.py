"""`POST …/check`, as external agents call it: seconds in the server."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, NamedTuple

from django.db import connection
from django.test import Client

from frontdesk.agents.models import Agent, ApiKey
from frontdesk.gate.models import Block
from frontdesk.ledger.models import EndUser

CALLERS = (1, 8)
LIMITS: dict[str, int | None] = {
    "messages_per_minute": 10**6,
    "messages_per_day": 10**6,
    "messages_per_month": 10**6,
    "sessions_per_day": 10**6,
    "cost_per_month": 10**12,
    "longest_message": 10_000,
}
"""Every kind of limit, so that the gate checks as much as possible; none is reached."""

_numbers = count()


class Case(NamedTuple):
    """Seconds of a request, for one kind of check and this many concurrent callers.

    `work` is the CPU time of the server's process, which other programs hardly affect.
    """

    name: str
    callers: int
    median: float
    p99: float
    work: float


def measure(agent: Agent, requests: int) -> list[Case]:
    """Check messages of many different users; each caller waits for every answer."""
    agent.limits = LIMITS
    agent.save()
    token = ApiKey.issue(agent, "bench", ["ingest"])[1]
    found = []
    for name, reserve in (("asking", False), ("reserving", True)):
        check = _Check(agent, token, reserve=reserve)
        check.call(1, requests // 10)  # a warm-up
        for callers in CALLERS:
            worked = time.process_time()
            seconds = check.call(callers, requests)
            work = (time.process_time() - worked) / len(seconds)
            p99 = statistics.quantiles(seconds, n=100)[98]
            found.append(Case(name, callers, statistics.median(seconds), p99, work))
    return found


class _Check:
    def __init__(self, agent: Agent, token: str, *, reserve: bool) -> None:
        self._address = f"/api/v1/agents/{agent.id}/check"
        self._headers = {"Authorization": f"Bearer {token}"}
        blocked = Block.objects.filter(agent=agent, ended_at=None).values("end_user_id")
        people = EndUser.objects.filter(agent=agent, person_id=None).exclude(id__in=blocked)
        self._people = list(people.order_by("id")[:5_000])
        self._reserve = reserve

    def call(self, callers: int, requests: int) -> list[float]:
        """The seconds of each request."""

        def work(_: int) -> list[float]:
            client = Client(HTTP_HOST="localhost")
            seconds = [self._one(client) for _ in range(requests // callers)]
            connection.close()
            return seconds

        with ThreadPoolExecutor(callers) as pool:
            return [second for seconds in pool.map(work, range(callers)) for second in seconds]

    def _one(self, client: Client) -> float:
        number = next(_numbers)
        user = self._people[number * 7919 % len(self._people)]
        body: dict[str, Any] = {
            "platform": user.platform,
            "externalId": user.external_id,
            "messageId": f"check-{number}",
            "text": "And could you send the invoice to our office in Lisbon, please?",
            "reserve": self._reserve,
        }
        start = time.perf_counter()
        response = client.post(
            self._address, body, content_type="application/json", headers=self._headers
        )
        seconds = time.perf_counter() - start
        if response.status_code != 200 or not response.json()["admitted"]:
            raise RuntimeError(
                f"a check was answered with {response.status_code}: {response.content!r}"
            )
        return seconds
