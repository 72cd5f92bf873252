"""The built-in agent, which needs no key and no network."""

import pytest

from frontdesk.agents.models import Agent
from frontdesk.backends import demo
from frontdesk.backends.arithmetic import ExpressionError, evaluate
from frontdesk.backends.question import Cancellation, CancelledError
from tests.backends.asking import ask, make_question
from tests.factories import make_backend

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "FIRST_PAUSE", 0)
    monkeypatch.setattr(demo, "PAUSE", 0)


@pytest.mark.parametrize(
    ("text", "language", "part"),
    [
        ("Hello!", "", "Hello, Ada!"),
        ("Hallo", "en", "Hallo, Ada!"),
        ("привет", "", "Здравствуйте, Ada!"),
        ("bonjour", "", "Bonjour, Ada"),
        ("¡Hola!", "", "¡Hola, Ada!"),
        ("Olá", "", "Olá, Ada!"),
        ("thanks", "", "You are welcome"),
        ("What can you do?", "", "front desk of your AI agents"),
        ("Who am I?", "", "- Platform: web"),
        ("Wie spät ist es?", "de", "Uhr meines Agenten"),
        ("What is 12 × 7?", "", "12 × 7 = **84**"),
        ("2 + 3 * (4 - 1)", "", "= **11**"),
        ("0.1 + 0.2", "", "= **0.3**"),
        ("1 / 0", "", "only a demo"),
        ("9**9**9**9", "", "only a demo"),
        ("repeat: <b>so</b>", "", "<b>so</b>"),
        ("something long", "", "```python"),
        ("…", "pt-BR", "Sou só uma demonstração"),
        ("{name}", "", "only a demo"),
    ],
)
def test_it_answers_simple_things(agent: Agent, text: str, language: str, part: str) -> None:
    assert part in demo.reply(
        make_question(make_backend(agent, "demo"), text, name="Ada", language=language)
    )


def test_it_answers_word_by_word_and_costs_nothing(agent: Agent) -> None:
    backend = make_backend(agent, "demo")
    text, usage = ask(backend, "something long")
    question = make_question(backend, "something long")
    assert text.split() == demo.reply(question).split()
    assert (usage.model, usage.cost) == ("demo", 0)
    assert usage.input_tokens
    assert usage.output_tokens


def test_it_stops_when_cancelled(agent: Agent) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(CancelledError):
        ask(make_backend(agent, "demo"), "hello", cancellation=cancellation)


@pytest.mark.parametrize(
    "text", ["", "a", "1 +", "__import__('os')", "True + 1", "1" * 101, "2**9"]
)
def test_what_is_not_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text)
