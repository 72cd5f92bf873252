"""Many invented users at once, written straight into the tables: for measuring, not for behavior.

A million users through record() would take minutes; the Users page reads only what is made here:
the users' rows, the search index, tags, two days each, counts per facet, blocks and limits near.
"""

import datetime as dt
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from frontdesk.agents.models import Agent
from frontdesk.core.sql import bulk
from frontdesk.gate.models import FOREVER, Block, NearLimit
from frontdesk.ledger import events, search_index, search_key
from frontdesk.ledger.models import NEVER, DailyActivity, EndUser, FacetCount, UserTag
from frontdesk.ledger.rollups import DAY_COLUMNS

CHUNK = 10_000
NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)

_FIRST = (
    "Ada Alan Amina Anna Boris Carlos Chiara Claire Daniel Élodie Emma Fatima Grace Hassan Ingrid"
    " Ivan Jakub João José Kofi Lars Léa Liu Lucía Mateo Mei Mohammed Nadia Noah Oksana Olga Omar"
    " Paula Priya Rafael Ravi Rosa Sara Sofia Søren Tariq Tomás Yuki Zoë Анна Иван Мария Пётр محمد"
    " فاطمة"
).split()
_LAST = (
    "Abe Ahmed Almeida Andersson Bauer Becker Bianchi Brown Castro Chen Costa Dubois Evans Fischer"
    " García Haddad Hansen Hernández Hughes Ito Ivanov Jansen Johnson Kaya Khan Kim Kowalski Lopez"
    " Martin Meyer Moreau Müller Nakamura Nguyen Novák Okafor Oliveira Patel Petrov Popov Rossi"
    " Sato Schmidt Silva Singh Smith Tanaka Torres Wagner Weber Yılmaz Иванов Петрова العلي"
).split()
_CHINESE = "王伟 李娜 张敏 刘洋 陈静 小王伟 欧阳修".split()
_LANGUAGES = ("en", "de", "es", "ru", "zh", "ar", "is", "")
_SPEAKERS = (400, 150, 120, 90, 30, 30, 1, 180)
_COLUMNS = (
    "id agent_id platform external_id name username email language avatar_url plan tags attributes"
    " field_times search_key sort_name first_seen_at last_message_at first_active_on total_sessions"
    " total_chat_messages total_messages_sent user_cost unpriced_messages failed_messages"
    " session_seconds active_days week_hours assigned_plan assigned_tags assigned_attributes"
    " person_id unreachable_since unreachable_cause base_language"
).split()
_PLANS = ("", "free", "pro", "enterprise")
_SUBSCRIBED = (600, 200, 199, 1)
_TAGS = ("beta", "vip", "founder")
_TAGGED = (0.1, 0.01, 0.0002)


def make_population(agent: Agent, size: int, seed: int = 1) -> None:
    """Give `agent` this many more users; the same seed gives the same users."""
    facets: Counter[tuple[str, str]] = Counter()
    rng = random.Random(seed)
    for chunk in _chunks(agent, size, rng):
        users = [dict(zip(_COLUMNS, row, strict=True)) for row in chunk]
        with transaction.atomic():
            bulk.insert(EndUser, _COLUMNS, chunk)
            found = [(user["id"], user["search_key"]) for user in users]
            search_index.put(found, {user["id"] for user in users})
            tags = [(u["id"], name, agent.id) for u in users for name in _all_tags(u)]
            bulk.insert(UserTag, ["end_user_id", "name", "agent_id"], tags)
            bulk.add(DailyActivity, ["end_user_id", "day"], DAY_COLUMNS, _days(users))
            _moderate(agent, [user["id"] for user in users], rng)
        for user in users:
            facets["platform", user["platform"]] += 1
            facets["language", user["language"]] += 1
            facets["plan", user["assigned_plan"] or user["plan"]] += 1
            facets.update(("tag", name) for name in _all_tags(user))
    counts = [(agent.id, *key, users) for key, users in sorted(facets.items())]
    bulk.add(FacetCount, ["agent_id", "facet", "value"], ["users"], counts)


def _all_tags(user: dict[str, Any]) -> list[str]:
    return sorted({*user["tags"], *user["assigned_tags"]})


def _days(users: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The first and the last day: enough to find the user."""
    one = [int(column == "messages_sent") for column in DAY_COLUMNS]
    days = ((user, {user["first_active_on"], user["last_message_at"].date()}) for user in users)
    return [(user["id"], day, *one) for user, own in days for day in own if day > NEVER.date()]


def _moderate(agent: Agent, ids: list[uuid.UUID], rng: random.Random) -> None:
    """Block one in 200 users, for good or for a day; one in 300 is near a limit."""
    blocked = [id_ for id_ in ids if rng.random() < 1 / 200]
    day = dt.timedelta(days=1)
    Block.objects.bulk_create(
        Block(
            end_user_id=id_,
            agent=agent,
            reason="Spam",
            until=rng.choice((FOREVER, dt.datetime.now(dt.UTC) + rng.choice((day, -day)))),
            created_by="crowd",
            ended_at=NOW if rng.random() < 0.1 else None,
        )
        for id_ in blocked
    )
    NearLimit.objects.bulk_create(
        NearLimit(end_user_id=id_, agent=agent, limit="messages_per_day", percent=90, as_of=NOW)
        for id_ in ids
        if rng.random() < 1 / 300
    )


def _chunks(agent: Agent, size: int, rng: random.Random) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, size, CHUNK):
        yield [_user(agent, n, rng) for n in range(start, min(start + CHUNK, size))]


def _user(agent: Agent, number: int, rng: random.Random) -> tuple[Any, ...]:
    platforms = ("web", "telegram", "api", "discord", "matrix")
    platform = rng.choices(platforms, (600_000, 300_000, 70_000, 29_950, 50))[0]
    external_id = f"{rng.getrandbits(40):x}" if platform == "web" else str(10**8 + number * 7)
    user_id = events.user_id(agent.id, platform, external_id)
    name, username, email = _names(platform, number, rng)
    first = NOW - dt.timedelta(seconds=int(rng.random() * 730 * 86_400))
    last = first + (NOW - first) * rng.random() ** 3
    sent = 1 + int(rng.paretovariate(0.9)) if rng.random() < 0.6 else 1
    sent = min(sent, 50_000)
    cost = sent * rng.randrange(200, 9_000)
    sessions = max(1, sent // rng.randrange(2, 12))
    tags = [
        [name for name, p in zip(_TAGS, _TAGGED, strict=True) if rng.random() < p / 2]
        for _ in range(2)
    ]
    # Every hundredth user is linked with the next one.
    person = uuid.uuid5(agent.id, f"person {number // 100}") if number % 100 < 2 else None
    language = rng.choices(_LANGUAGES, _SPEAKERS)[0]
    return (
        user_id, agent.id, platform, external_id, name, username, email,
        language,
        "", rng.choices(_PLANS, _SUBSCRIBED)[0], tags[0], {}, {},
        search_key.search_key(user_id, name, username, email, external_id),
        search_key.sort_name(user_id, name, username),
        first, last if rng.random() < 0.99 else NEVER, first.date(),
        sessions, sent * 2 - rng.randrange(2), sent, cost, 0, 0,
        sessions * 300, min(sent, 90), {},
        "pro" if rng.random() < 0.01 else "", tags[1], {}, person,
        last if number % 150 == 7 else None, "blocked the bot" if number % 150 == 7 else "",
        language,
    )  # fmt: skip


def _names(platform: str, number: int, rng: random.Random) -> tuple[str, str, str]:
    if rng.random() < (0.5 if platform == "web" else 0.1):
        return "", "", ""
    if rng.random() < 0.02:
        return rng.choice(_CHINESE), "", ""
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    handle = f"{first}_{last}{number}".lower()
    is_ascii = handle.isascii()
    username = handle if platform != "web" and is_ascii else ""
    email = f"{first}.{last}{number}@example.com".lower() if platform == "web" and is_ascii else ""
    name = f"{first} {last}" + (" 🦊" if rng.random() < 0.01 else "")
    return name, username, email
