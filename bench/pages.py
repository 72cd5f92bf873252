"""The Users page, as an operator's browser requests it: seconds in the server."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse
from tests.factories.population import NOW

from bench.repeats import median_seconds
from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser
from frontdesk.people.table.columns import SORTS
from frontdesk.people.table.users_query import DEFAULT_SIZE


class Case(NamedTuple):
    """A page; `group` determines its target."""

    group: str
    name: str
    query: dict[str, str]


def cases(agent: Agent, users: int) -> list[Case]:
    middle = users // DEFAULT_SIZE // 2
    return [
        *_sorts(),
        *_filters(f"{NOW:%Y-%m-%d}"),
        *_lists(),
        Case("middle", "the middle page", {"page": str(middle)}),
        Case("last", "the last page", {"page": str(2 * middle)}),
        *_searches(EndUser.objects.filter(agent=agent).order_by("id")[0]),
    ]


def _sorts() -> Iterator[Case]:
    """Every sort, and the default sort with one equality filter."""
    for name in SORTS:
        for sign, word in (("-", "descending"), ("", "ascending")):
            yield Case("sort", f"sorted by {name}, {word}", {"sort": sign + name})
    for field, value in (
        ("platform", "telegram"), ("platform", "matrix"), ("language", "de"),
        ("language", "is"), ("plan", "pro"), ("plan", "enterprise"), ("plan", ""),
        ("tag", "beta"), ("tag", "founder"),
    ):  # fmt: skip
        yield Case("sort", f"{field} {value}", {field: value})


def _filters(day: str) -> Iterator[Case]:
    """Single filters of every other kind."""
    for query in (
        {"last_from": day}, {"last_to": "2025-01-01"}, {"seen_from": day},
        {"seen_to": "2024-12-01"}, {"sessions_min": "2"}, {"sessions_min": "500"},
        {"chat_max": "2"}, {"chat_min": "1000"}, {"sent_min": "1"}, {"sent_min": "20000"},
        {"cost_min": "0.01"}, {"cost_min": "200"}, {"status": "blocked"}, {"status": "active"},
        {"status": "near"}, {"status": "linked"}, {"quiet": "14"}, {"per_session_min": "10"},
        {"status": "unreachable"}, {"tag": "beta", "tags": "none"},
    ):  # fmt: skip
        yield Case("filter", " ".join(f"{k} {v}" for k, v in query.items()), query)
    for name, query in (
        ("active on one day", {"active_from": day, "active_to": day}),
        ("active in one month", {"active_from": "2026-05-01", "active_to": "2026-05-31"}),
        ("joined in one week", {"joined_from": "2026-05-04", "joined_to": "2026-05-10"}),
    ):
        yield Case("filter", name, query)


def _lists() -> Iterator[Case]:
    """Two filters on activity at once."""
    week = {"active_from": "2026-05-04", "active_to": "2026-05-10"}
    yield Case("list", "active in one week, silent since", {**week, "inactive_from": "2026-05-11"})
    cohort = {"joined_from": "2026-03-02", "joined_to": "2026-03-08"}
    yield Case("list", "of one cohort in a later week", {**week, **cohort})


def _searches(someone: EndUser) -> Iterator[Case]:
    for word, q in (
        ("common", "anna"), ("common, part of every address", "example"),
        ("name and surname", "ada chen"), ("few", "smith123"), ("two letters", "li"),
        ("Cyrillic", "иванов"), ("two characters", "王伟"), ("emoji", "🦊"),
        ("exact id", someone.external_id), ("no match", "zzqqxx"),
    ):  # fmt: skip
        yield Case("search", f"search: {word}", {"q": q})


def measure(agent: Agent, users: int) -> list[tuple[str, str, float]]:
    """Group, name and median seconds of every case."""
    name = f"bench-{agent.id.hex[:8]}"
    client = Client(HTTP_HOST="localhost")
    client.force_login(Operator.objects.create_user(name, f"{name}@example.com"))
    address = reverse("users:users", args=[agent.id])
    measured = []
    for case in cases(agent, users):
        url = f"{address}?{urlencode(case.query)}"
        measured.append((case.group, case.name, median_seconds(partial(_get, client, url))))
    return measured


def _get(client: Client, url: str) -> None:
    response = client.get(url)
    if response.status_code != 200:
        raise RuntimeError(f"{url} answered {response.status_code}")
