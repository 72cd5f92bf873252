"""Fixtures of all tests; tests/settings.py chooses the database and the home."""

import datetime as dt
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
from frontdesk.ledger.events import Event
from tests.factories import make_event
from tests.standins import openai
from tests.standins.openai import OpenAIServer

PASSWORD = "correct horse battery"

# Every example makes an agent of its own, so that a database fixture may serve many of them.
# `pytest --hypothesis-profile thorough` looks longer.
quick = hypothesis_settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
hypothesis_settings.register_profile("quick", quick)
hypothesis_settings.register_profile("thorough", quick, max_examples=2000)
hypothesis_settings.load_profile("quick")


@pytest.fixture(autouse=True)
def _sweep(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Empty the tables without a model, which Django's flush after a committed test passes over."""
    yield
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
    return Agent.objects.create(name="Ada")


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Stops the clock that Frontdesk's code reads, at a time; may be called again."""

    def stop_at(now: dt.datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now)

    return stop_at


@pytest.fixture
def operator(db: None) -> Operator:
    """An operator who can sign in, with PASSWORD."""
    return Operator.objects.create_user("olivia", "olivia@example.com", PASSWORD)


@pytest.fixture
def signed_in(client: Client, operator: Operator) -> Client:
    """Django's test client, signed in as `operator`."""
    client.force_login(operator)
    return client


@pytest.fixture
def allow_internal(settings: Settings) -> None:
    """Let backends and Telegram API servers of this machine be asked."""
    settings.ENV = settings.ENV.model_copy(update={"internal_hosts": "*"})


@pytest.fixture(scope="session")
def openai_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAIServer]:
    with openai.serve(tmp_path_factory.mktemp("aimock")) as server:
        yield server


@pytest.fixture
def openai_server(openai_process: OpenAIServer, allow_internal: None) -> Iterator[OpenAIServer]:
    """An OpenAI-compatible server that answers what a test tells it: tests.standins.openai."""
    yield openai_process
    openai_process.reset()


@pytest.fixture
def event() -> Callable[..., Event]:
    """Makes events; see tests.factories.make_event."""
    return make_event
