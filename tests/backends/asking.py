"""Asking a backend a question and collecting its answer."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from frontdesk.backends.answering import stream
from frontdesk.backends.models import Backend
from frontdesk.backends.question import Asker, Cancellation, Question, Turn, Usage


def make_question(
    backend: Backend, text: str, *, history: Sequence[Turn] = (), **asker: Any
) -> Question:
    asker = {"platform": "web", "external_id": "v1", **asker}
    return Question(
        agent=backend.agent,
        backend=backend,
        asker=Asker(id=uuid.uuid5(backend.agent.id, "web:v1"), **asker),
        session="s1",
        message_id="m1",
        text=text,
        time=timezone.now(),
        history=history,
    )


def ask(
    backend: Backend, text: str, *, cancellation: Cancellation | None = None, **question: Any
) -> tuple[str, Usage]:
    """The whole answer, and its usage."""
    asked = make_question(backend, text, **question)
    pieces = list(stream(backend, asked, cancellation or Cancellation()))
    usages = [piece for piece in pieces if isinstance(piece, Usage)]
    return "".join(piece for piece in pieces if isinstance(piece, str)), (usages or [Usage()])[-1]
