"""Fixtures of all tests; tests/settings.py chooses the database and the home."""

import datetime as dt
import os
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.channels import answers
from frontdesk.ledger.events import Event
from tests.factories import make_agent, make_event, make_operator
from tests.fakes import openai
from tests.fakes.openai import OpenAIServer
from tests.waiting import PATIENCE

ON_POSTGRES = os.environ.get("FRONTDESK_TEST_DATABASE") == "postgres"

# Every example makes its own agent, so that one database fixture may serve many of them.
# `pytest --hypothesis-profile thorough` tries more of them. 20 examples are enough on PostgreSQL,
# which runs the same Python code as the 50 on SQLite.
quick = hypothesis_settings(
    max_examples=20 if ON_POSTGRES else 50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
hypothesis_settings.register_profile("quick", quick)
hypothesis_settings.register_profile("thorough", quick, max_examples=2000)
hypothesis_settings.load_profile("quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run only tests that use the database: the others find nothing new there."""
    if not ON_POSTGRES:
        return
    others = [item for item in items if not _asks_the_database(item)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in {*others}]


def _asks_the_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "django_db_setup"} & {*getattr(item, "fixturenames", ())}
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("database")
    return bool(fixtures or marked) and not item.get_closest_marker("browser")


@pytest.fixture(autouse=True)
def _sweep(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Leave nothing for the next test: no answer in progress, and no row.

    Django's flush after a committed test skips the tables without a model.
    """
    yield
    answers.interrupt_all("the test is over", PATIENCE)
    marker = request.node.get_closest_marker("django_db")
    if {"transactional_db", "live_server"} & set(request.fixturenames) or (
        marker and marker.kwargs.get("transaction")
    ):
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM ledger_search")
            cache.clear()


@pytest.fixture
def agent(db: None) -> Agent:
    """An agent in UTC, with sessions that end after 30 minutes."""
    return make_agent()


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Stops the clock that Frontdesk's code reads at a time; may be called again."""

    def stop_at(now: dt.datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now)

    return stop_at


@pytest.fixture
def operator(db: None) -> Operator:
    """An operator who can sign in, with `tests.factories.PASSWORD`."""
    return make_operator()


@pytest.fixture
def signed_in(client: Client, operator: Operator) -> Client:
    """Django's test client, signed in as `operator`."""
    client.force_login(operator)
    return client


@pytest.fixture
def allow_internal(settings: Settings) -> None:
    """Allow backends and Telegram API servers on this machine."""
    settings.ENV = settings.ENV.model_copy(update={"internal_hosts": "*"})


@pytest.fixture(scope="session")
def openai_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAIServer]:
    with openai.serve(tmp_path_factory.mktemp("aimock")) as server:
        yield server


@pytest.fixture
def openai_server(openai_process: OpenAIServer, allow_internal: None) -> Iterator[OpenAIServer]:
    """An OpenAI-compatible server with answers set by the test: tests.fakes.openai."""
    yield openai_process
    openai_process.reset()


@pytest.fixture
def event() -> Callable[..., Event]:
    """Makes events; see tests.factories.make_event."""
    return make_event
