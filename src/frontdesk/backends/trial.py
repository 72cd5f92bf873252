"""Asks what answers a short question of the operator's, and records nothing."""

import time
import uuid
from dataclasses import dataclass

from django.utils import timezone

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.backends.answering import Answer, answer
from frontdesk.backends.question import Asker, Question
from frontdesk.ledger.pricing import price

TEXT = "Hello! Who are you, in one short sentence?"


@dataclass(frozen=True)
class Trial:
    """What came of it; times in milliseconds, the cost in micro-dollars or None when unknown."""

    answer: Answer
    first_ms: int | None
    cost: int | None


def try_backend(agent: Agent, operator: Operator) -> Trial:
    """Ask once; a failure is in the answer."""
    begun = time.monotonic()
    first: list[int] = []

    def say(_: str) -> None:
        if not first:
            first.append(round((time.monotonic() - begun) * 1000))

    given = answer(_question(agent, operator), say)
    usage = given.usage
    cost = usage.cost
    if cost is None:
        tokens = (usage.input_tokens, usage.output_tokens, usage.cached_tokens)
        cost = price(usage.model, timezone.now(), *tokens)
    return Trial(given, first[0] if first else None, cost)


def _question(agent: Agent, operator: Operator) -> Question:
    trial = f"trial-{uuid.uuid4()}"
    asker = Asker(
        id=uuid.uuid5(agent.id, "trial"),
        platform="web",
        external_id="trial",
        name=operator.get_full_name() or operator.username,
    )
    return Question(agent, asker, session=trial, message_id=trial, text=TEXT, time=timezone.now())
