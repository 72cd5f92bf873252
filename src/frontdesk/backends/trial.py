"""Asks the backend a short test question for the operator, and records nothing."""

import time
import uuid
from dataclasses import dataclass

from django.utils import timezone

from frontdesk.accounts.models import Operator
from frontdesk.backends.answering import Answer, answer
from frontdesk.backends.models import Backend
from frontdesk.backends.question import Asker, Question
from frontdesk.ledger.own_prices import own_rates
from frontdesk.ledger.pricing import price

TEXT = "Hello! Who are you, in one short sentence?"


@dataclass(frozen=True)
class Trial:
    """The result: times in milliseconds, the cost in micro-dollars, or None if unknown."""

    answer: Answer
    first_ms: int | None
    cost: int | None


def try_backend(backend: Backend, operator: Operator) -> Trial:
    """Ask once; a failure is in the answer."""
    started = time.monotonic()
    first: list[int] = []

    def say(_: str) -> None:
        if not first:
            first.append(round((time.monotonic() - started) * 1000))

    result = answer(_question(backend, operator), say)
    usage = result.usage
    cost = usage.cost
    if cost is None:
        tokens = (usage.input_tokens, usage.output_tokens, usage.cached_tokens)
        cost = price(usage.model, timezone.now(), *tokens, own_rates(backend.agent, usage.model))
    return Trial(result, first[0] if first else None, cost)


def _question(backend: Backend, operator: Operator) -> Question:
    trial, agent = f"trial-{uuid.uuid4()}", backend.agent
    asker = Asker(
        id=uuid.uuid5(agent.id, "trial"),
        platform="console",
        external_id="trial",
        name=operator.get_full_name() or operator.username,
    )
    return Question(
        agent, backend, asker, session=trial, message_id=trial, text=TEXT, time=timezone.now()
    )
