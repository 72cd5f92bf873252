"""A bot that is connected to a fake Telegram, and the runner that serves it."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from frontdesk.agents.models import Agent
from frontdesk.audit import SYSTEM
from frontdesk.backends.models import Backend
from frontdesk.backends.question import Cancellation, Question
from frontdesk.channels.telegram import actions
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.telegram.runner import TelegramRunner
from frontdesk.channels.timing import Timing
from tests.factories import make_backend
from tests.fakes.telegram import TOKEN, Telegram

QUICK = Timing(
    supervise=0.05,
    lease=5,
    long_poll=1,
    inbox_poll=0.05,
    gather=0.3,
    check_webhook=0.2,
    first_retry=0.05,
    longest_retry=0.2,
    send_timeout=3,
    typing=0.2,
    draft=0.05,
)


@pytest.fixture
def telegram(allow_internal: None) -> Iterator[Telegram]:
    stub = Telegram()
    yield stub
    stub.stop()


@pytest.fixture
def bot(agent: Agent, telegram: Telegram) -> TelegramBot:
    """A bot of `agent`, which polls; the demo answers."""
    make_backend(agent)
    return actions.connect(SYSTEM, agent, TOKEN, telegram.url, TelegramBot.Mode.POLLING)


@pytest.fixture
def run(transactional_db: None) -> Iterator[Callable[..., TelegramRunner]]:
    """Starts runners, which end with the test."""
    runners: list[TelegramRunner] = []

    def start(owner: uuid.UUID | None = None, timing: Timing = QUICK) -> TelegramRunner:
        runner = TelegramRunner(owner or uuid.uuid4(), timing)
        runners.append(runner)
        runner.start()
        return runner

    yield start
    for runner in runners:
        runner.stop()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the backend answers next: a text, an error, or what a function returns.

    When nothing is left it repeats the question.
    """
    left: list[object] = []

    def stream(backend: Backend, question: Question, _: Cancellation) -> Iterator[str]:
        given = left.pop(0) if left else f"Answer to: {question.text}"
        if isinstance(given, Exception):
            raise given
        yield given() if callable(given) else str(given)

    monkeypatch.setattr("frontdesk.backends.answering.stream", stream)
    return left


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """The questions that the backend gets."""
    questions: list[Question] = []

    def stream(backend: Backend, question: Question, _: Cancellation) -> list[str]:
        questions.append(question)
        return [f"Answer to: {question.text}"]

    monkeypatch.setattr("frontdesk.backends.answering.stream", stream)
    return questions
