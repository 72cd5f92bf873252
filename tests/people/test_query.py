"""The list of users: each page equals a plain filter and sort of all rows, however it is read."""

import datetime as dt
import itertools
import random
import zoneinfo
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from frontdesk.agents.models import Agent
from frontdesk.core.sql.budget import TooSlowError, time_budget
from frontdesk.gate.models import FOREVER, Block, NearLimit
from frontdesk.ledger.models import NEVER, DailyActivity, EndUser
from frontdesk.ledger.record import record
from frontdesk.people.table import counting
from frontdesk.people.table.columns import SORTS
from frontdesk.people.table.counting import count_new
from frontdesk.people.table.filter_kinds.times import PeriodFilter
from frontdesk.people.table.filters import FILTERS
from frontdesk.people.table.query import UsersPage, users_page
from frontdesk.people.table.search import terms
from frontdesk.people.table.users_query import UsersQuery
from tests.factories import NOON, make_agent, make_event
from tests.factories.population import make_population

UTC = zoneinfo.ZoneInfo("UTC")
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
CROWD = 300
SIZE = 50
"""Rows of a page: so many that the walk over all pages is short, and a crowd has several."""
ACTIVITY = ("active", "also", "inactive", "joined")
RANGES = {"sessions", "chat", "sent", "cost", "per_session"}


def parse(text: str, zone: zoneinfo.ZoneInfo = UTC) -> UsersQuery:
    query, problems = UsersQuery.parse(QueryDict(text), zone)
    assert not problems
    return query


def page_of(agent: Agent, text: str = "") -> UsersPage:
    return users_page(agent, parse(text))


def names(page: UsersPage) -> list[str]:
    return [user.label for user in page.rows]


def expected(agent: Agent, query: UsersQuery) -> list[EndUser]:
    """All users that match the query, in its order, by a plain filter and sort."""
    column = SORTS[query.sort_name]
    way = "-" if query.descending else ""
    all_users = EndUser.objects.filter(agent=agent).order_by(f"{way}{column}", f"{way}id")
    return [user for user in all_users if _is_meant(user, query)]


def _is_meant(user: EndUser, query: UsersQuery) -> bool:
    checks = [all(term in user.search_key for term in terms(query.q))]
    asked = query.filters
    if plans := asked.get("plan"):
        checks.append((user.assigned_plan or user.plan) in plans)
    if tags := asked.get("tag"):
        has = [name in user.all_tags for name in tags.names]
        checks.append({"any": any(has), "all": all(has), "none": not any(has)}[tags.mode])
    if status := asked.get("status"):
        checks.append(_has_status(user, status))
    if inactive_days := asked.get("quiet"):
        age = dt.datetime.now(dt.UTC) - user.last_message_at
        checks.append(user.has_written and age >= dt.timedelta(days=inactive_days))
    if platforms := asked.get("platform"):
        checks.append(user.platform in platforms)
    if languages := asked.get("language"):
        checks.append(user.language in languages or user.language.split("-")[0] in languages)
    for name, column in (("last", "last_message_at"), ("seen", "first_seen_at")):
        if name in asked:
            low, high = moments(query, user.agent, name)
            time = getattr(user, column)
            checks.append(time > NEVER and (not low or time >= low) and (not high or time < high))
    checks += _is_active(user, query)
    for name in RANGES & asked.keys():
        low, high = asked[name]
        if name == "per_session":
            value = 100 * user.total_messages_sent / user.total_sessions
        else:
            value = getattr(user, SORTS[name])
        checks.append((low or 0) <= value and (high is None or value <= high))
    return all(checks)


def moments(
    query: UsersQuery, agent: Agent, name: str
) -> tuple[dt.datetime | None, dt.datetime | None]:
    kind = FILTERS[name]
    assert isinstance(kind, PeriodFilter)
    return kind.moments(query.filters[name], query.context(agent))


def _is_active(user: EndUser, query: UsersQuery) -> list[bool]:
    wrote = DailyActivity.objects.filter(end_user=user, messages_sent__gt=0)
    asked = {name: span for name in ACTIVITY if (span := query.filters.get(name))}
    days = list(wrote.values_list("day", flat=True)) if asked else []
    checks = []
    for name in ACTIVITY:
        if span := asked.get(name):
            given = [user.first_active_on] if name == "joined" else days
            first, last = span.first or dt.date.min, span.last or dt.date.max
            found = any(day is not None and first <= day <= last for day in given)
            checks.append(found != (name == "inactive"))
    return checks


def _has_status(user: EndUser, status: str) -> bool:
    if status == "linked":
        return user.person_id is not None
    if status == "unreachable":
        return user.unreachable_since is not None
    if status == "near":
        return NearLimit.objects.filter(end_user=user).exists()
    identities = {user.id}
    if user.person_id:
        same = EndUser.objects.filter(person_id=user.person_id)
        identities |= set(same.values_list("id", flat=True))
    now = dt.datetime.now(dt.UTC)
    blocks = Block.objects.filter(end_user__in=identities, ended_at=None, until__gt=now)
    return blocks.exists() == (status == "blocked")


@pytest.fixture
def crowd(agent: Agent) -> Agent:
    """An agent with `CROWD` invented users, next to another agent with its own users."""
    make_population(agent, CROWD)
    for number, user in enumerate(EndUser.objects.filter(agent=agent).order_by("id")[:12]):
        if number % 2 or user.person_id:  # blocked, and blocked through another identity
            Block.objects.update_or_create(
                end_user=user, defaults={"agent": agent, "until": FOREVER, "ended_at": None}
            )
    make_population(make_agent("Bert"), 50, seed=2)
    return agent


QUERIES = [
    "",
    "platform=web",
    "platform=telegram&platform=api",
    "platform=nowhere",
    "language=de",
    "language=",
    "language=pt-br",
    "language=pt-br&language=de&language=",
    "platform=web&language=de",
    "last_from=2026-01-01",
    "last_to=2026-01-01",
    "seen_from=2025-03-01&seen_to=2025-09-01",
    "sessions_min=2",
    "sessions_max=1",
    "chat_min=3&chat_max=20",
    "sent_min=5",
    "sent_min=2&platform=web&seen_from=2025-03-01",
    "q=an",
    "q=a",
    "q=example.com",
    "q=an+s&platform=web",
    "q=smith&sent_min=2",
    "plan=pro",
    "plan=pro&plan=enterprise&sent_max=2",
    "plan=&plan=free",
    "plan=",
    "tag=beta",
    "tag=beta&tag=vip",
    "tag=beta&tag=vip&tags=all",
    "tag=beta&tags=none",
    "tag=beta&tag=vip&tags=none&platform=web",
    "status=blocked",
    "status=active",
    "status=near",
    "status=unreachable",
    "status=unreachable&platform=telegram&sent_min=2",
    "status=linked",
    "status=active&plan=pro&q=an",
    "cost_min=0.01&cost_max=1.5",
    "per_session_min=2.5&per_session_max=7",
    "quiet=30&sent_min=3",
    "joined_from=2026-01-01",
    "joined_from=2025-06-01&joined_to=2025-06-30",
    "active_from=2026-09-01",
    "active_from=2025-06-01&active_to=2025-06-30&inactive_from=2025-07-01&platform=web",
    "active_from=2026-06-01&also_from=2025-01-01&also_to=2026-05-31",
    "inactive_to=2026-06-30&sent_min=2",
    "inactive_from=2026-06-30&sent_min=2",
]
"""Queries that match many, few or no users."""


@pytest.mark.parametrize("bounds", [(10_000, 100_000), (20, 150), (0, 0)])
def test_every_page_equals_a_plain_filter_and_sort(
    crowd: Agent,
    bounds: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    """With low bounds, the same lists are walked along the sort's index instead of sorted."""
    monkeypatch.setattr(counting, "BOUND", bounds[0])
    monkeypatch.setattr(counting, "WIDE_BOUND", bounds[1])
    for filters in QUERIES:
        with subtests.test(filters):
            ways = [*SORTS, *(f"-{name}" for name in SORTS)]
            for sort in random.Random(f"{filters} {bounds}").sample(ways, 2):
                check_pages(crowd, f"{filters}&sort={sort}&page_size={SIZE}")


def check_pages(agent: Agent, text: str) -> None:
    meant = expected(agent, parse(text))
    for number in range(1, len(meant) // SIZE + 2):
        page = page_of(agent, f"{text}&page={number}")
        assert page.rows == meant[(number - 1) * SIZE : number * SIZE] or not meant[SIZE * number :]
        assert page.total == len(meant) if page.total_is_exact else page.total <= len(meant)


@pytest.mark.parametrize("bound", [10_000, 20])
def test_a_page_past_the_end_is_the_last(
    crowd: Agent, bound: int, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    monkeypatch.setattr(counting, "BOUND", bound)
    monkeypatch.setattr(counting, "WIDE_BOUND", bound)
    for filters in QUERIES:
        with subtests.test(filters):
            page = page_of(crowd, f"{filters}&page=99999")
            meant = expected(crowd, parse(filters))
            last = max(0, (len(meant) - 1) // 20)
            assert (page.rows, page.number) == (meant[last * 20 :], last + 1)
            assert (page.total, page.total_is_exact) == (len(meant), True)


@pytest.mark.parametrize("sort", SORTS)
def test_pages_show_each_user_once_even_if_all_are_tied(agent: Agent, sort: str) -> None:
    record(agent, [make_event(external_id=str(n), name="Ada") for n in range(45)])
    for way in ("", "-"):
        pages = [page_of(agent, f"sort={way}{sort}&page={n}") for n in (1, 2, 3)]
        seen = [user.id for page in pages for user in page.rows]
        assert len(seen) == len(set(seen)) == 45
        assert [page.first for page in pages] == [1, 21, 41]


def test_the_last_user_to_write_comes_first(agent: Agent) -> None:
    record(agent, [make_event(n, external_id=str(n), name=f"U{n}") for n in (1, 3, 2)])
    assert names(page_of(agent)) == ["U3", "U2", "U1"]
    assert names(page_of(agent, "sort=last_message")) == ["U1", "U2", "U3"]


def test_users_who_have_not_written_are_last_and_match_no_dates(agent: Agent) -> None:
    record(agent, [make_event(external_id="1", name="Ada"), make_event(external_id="2", name="Bo")])
    record(agent, [make_event(external_id="3", name="Silent", role="agent")])
    assert names(page_of(agent))[-1] == "Silent"
    assert "Silent" not in names(page_of(agent, "last_to=2026-12-31"))


def test_an_agent_without_users_has_one_empty_page(agent: Agent) -> None:
    page = page_of(agent, "page=7")
    assert (page.rows, page.number, page.pages, page.total) == ([], 1, 1, 0)
    assert (page.first, page.last, page.total_is_exact) == (0, 0, True)


def test_days_begin_in_the_readers_zone(agent: Agent) -> None:
    midnight = dt.datetime(2026, 10, 14, tzinfo=BERLIN)
    for name, time in (("before", midnight - dt.timedelta(seconds=1)), ("after", midnight)):
        record(agent, [make_event(external_id=name, name=name, time=time.astimezone(dt.UTC))])
    assert names(users_page(agent, parse("last_from=2026-10-14", BERLIN))) == ["after"]
    assert names(users_page(agent, parse("last_to=2026-10-13", BERLIN))) == ["before"]


def test_inactive_since_a_day_is_no_message_on_it_or_later(agent: Agent) -> None:
    agent.time_zone = "America/Sao_Paulo"  # whose 4 November 2018 started at 1:00
    agent.save()
    first = dt.datetime(2018, 11, 4, 1, tzinfo=agent.zone).astimezone(dt.UTC)
    for name, time in (("before", first - dt.timedelta(seconds=1)), ("on", first)):
        record(agent, [make_event(external_id=name, name=name, time=time)])
    assert names(page_of(agent, "inactive_from=2018-11-04")) == ["before"]
    assert names(page_of(agent, "inactive_from=2018-11-05")) == ["on", "before"]


def test_several_filters_have_an_exact_total_where_one_of_them_finds_few(
    crowd: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "BOUND", 5)
    page = page_of(crowd, "sent_min=1&sessions_min=1")
    assert page.total_is_exact
    assert page.total == len(expected(crowd, parse("sent_min=1&sessions_min=1")))


def test_a_large_filtered_list_says_that_its_total_is_a_bound(
    crowd: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "BOUND", 50)
    page = page_of(crowd, "sent_min=1")
    assert (page.total, page.total_is_exact) == (50, False)


def test_a_list_of_one_facet_has_an_exact_total_however_large(
    crowd: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "BOUND", 5)
    for text, way in itertools.product(("platform=web&platform=api", "language=en"), ("", "-")):
        page = page_of(crowd, f"{text}&sort={way}name")
        assert page.total_is_exact
        assert page.total == len(expected(crowd, parse(text)))


def test_a_count_that_takes_too_long_is_a_bound_and_the_rows_are_there(
    crowd: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*args: Any) -> int:
        raise TooSlowError

    monkeypatch.setattr(counting, "BOUND", 5)
    monkeypatch.setattr(counting, "WIDE_BOUND", 5)
    monkeypatch.setattr(counting, "count_found", give_up)
    page = page_of(crowd, "sent_min=1&sessions_min=1")
    assert len(page.rows) == page.total == 20
    assert not page.total_is_exact


class TestNewMessages:
    def test_users_who_wrote_since_are_counted(self, agent: Agent) -> None:
        record(agent, [make_event(n, external_id=str(n)) for n in range(4)])
        assert count_new(agent, parse(""), NOON + dt.timedelta(minutes=1)) == 2

    def test_only_users_who_match_the_list(self, agent: Agent) -> None:
        record(agent, [make_event(external_id="1", name="Ada Lovelace")])
        record(agent, [make_event(external_id="2", platform="web")])
        before = NOON - dt.timedelta(minutes=1)
        assert count_new(agent, parse("platform=web"), before) == 1
        assert count_new(agent, parse("q=lovelace"), before) == 1

    def test_the_count_stops_at_its_bound(self, crowd: Agent) -> None:
        assert count_new(crowd, parse(""), NEVER, bound=10) == 10


def plan_of(statement: str) -> str:
    """The database's plan; PostgreSQL's as if there were too many users to read all."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + statement)
            return " ".join(row[3] for row in cursor.fetchall())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + statement)
        return " ".join(row[0] for row in cursor.fetchall())


class TestCost:
    """Queries of a page: their number must not grow with anything."""

    def test_unreachable_users_are_found_by_an_index(self, crowd: Agent) -> None:
        with CaptureQueriesContext(connection) as captured:
            page_of(crowd, "status=unreachable")
        statements = [q["sql"] for q in captured if "unreachable_since IS NOT NULL" in q["sql"]]
        assert statements
        for statement in statements:
            assert "enduser_unreachable" in plan_of(statement)

    @pytest.mark.parametrize(
        ("text", "sqlite", "postgres"),
        [
            ("", 3, 7),
            ("sort=name&page=8", 3, 7),
            ("platform=web", 3, 7),
            ("sent_min=2", 3, 6),
            ("q=an", 4, 7),
        ],
    )
    def test_the_number_of_queries_is_fixed(
        self, crowd: Agent, text: str, sqlite: int, postgres: int
    ) -> None:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page_of(crowd, text)
        allowed = sqlite if connection.vendor == "sqlite" else postgres
        assert len(captured) == allowed, [query["sql"] for query in captured]

    def test_sqlite_reads_a_rare_filter_by_its_own_index(
        self, crowd: Agent, vendor: Callable[[str], None]
    ) -> None:
        vendor("sqlite")
        with CaptureQueriesContext(connection) as captured:
            page_of(crowd, "sent_min=100000")
        plan = plan_of(captured[1]["sql"])
        assert "enduser_sent" in plan
        assert "SCAN u" not in plan

    def test_a_statement_over_its_budget_is_stopped(self, db: None) -> None:
        endless = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        )
        with (
            pytest.raises(TooSlowError),
            time_budget(0.05),
            connection.cursor() as cursor,
        ):
            cursor.execute(endless)
        with connection.cursor() as cursor:  # and later statements are not
            cursor.execute("SELECT 1")

    def test_other_database_errors_are_passed_on(self, db: None) -> None:
        with pytest.raises(OperationalError), time_budget(1):
            raise OperationalError("the disk is full")


@pytest.fixture
def vendor() -> Callable[[str], None]:
    """Skip a test that is for another database."""

    def only(name: str) -> None:
        if connection.vendor != name:
            pytest.skip(f"about {name}")

    return only
